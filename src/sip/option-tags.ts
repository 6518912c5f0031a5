import { splitList } from './header-list.ts';
import { headersNamed, type Header } from './message.ts';

/** RFC 3262: provisional responses that arrive. */
export const RELIABLE = '100rel';
/** RFC 4028: sessions that end by themselves. */
export const TIMER = 'timer';

/**
 * Whether a header that is a list of words (Supported, Require, Allow) has this one.
 * @param word lower case.
 */
export const lists = (
  headers: readonly Header[],
  key: 'supported' | 'require' | 'allow',
  word: string,
): boolean =>
  headersNamed(headers, key).some(({ value }) =>
    splitList(value).some((each) => each.toLowerCase() === word),
  );
