import type { Config } from './config.ts';
import { maskNumber } from './log.ts';

/** How a number is written for people. */
export const shownBy = ({ logNumbers }: Config): ((number: string) => string) =>
  logNumbers === 'plain' ? (number) => number : maskNumber;
