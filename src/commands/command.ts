import type { Config } from '../config.ts';

/** What a command of the CLI gets. */
export interface Invocation {
  readonly config: Config;
  /** Words after the command's name that are not options. */
  readonly words: readonly string[];
  readonly options: Readonly<Record<string, string | boolean | undefined>>;
  /** One JSON object or array on stdout instead of text. */
  readonly json: boolean;
  readonly print: (line: string) => void;
}

/** @returns the exit code. */
export type Command = (invocation: Invocation) => Promise<number>;

/** What the person typed can't be done; the message says what to type instead. */
export class UsageError extends Error {}

export const optionText = (invocation: Invocation, name: string): string | undefined => {
  const value = invocation.options[name];
  return typeof value === 'string' ? value : undefined;
};
