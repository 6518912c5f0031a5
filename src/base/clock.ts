import type { Instant, Wallclock } from './units.ts';

/** The only source of time. Pure code takes `now` as an argument; only what owns a loop reads this. */
export interface Clock {
  /** Monotonic; never goes back. */
  now(): Instant;
  /** The calendar; may jump. */
  wallclock(): Wallclock;
}

/** The only source of chance: identifiers, tags, tokens, SSRCs. */
export interface Random {
  /** @param count bytes of cryptographic quality. */
  bytes(count: number): Uint8Array;
}

/** When something is due, and why: a timer without a reason can't be debugged. */
export interface Deadline<Reason extends string = string> {
  readonly at: Instant;
  readonly reason: Reason;
}

/** Each byte as two digits. */
const HEX: readonly string[] = Array.from({ length: 256 }, (_, byte) =>
  byte.toString(16).padStart(2, '0'),
);

/** Lower-case hexadecimal of `count` random bytes. */
export function randomHex(random: Random, count: number): string {
  let text = '';
  for (const byte of random.bytes(count)) text += HEX[byte] ?? '';
  return text;
}
