import { SeededRandom } from '../support/seeded-random.ts';

export type Backend = 'fs' | 's3';
export type User = 'alice' | 'bob';

/** One transfer of a seed. */
export interface TransferPlan {
  readonly sender: User;
  readonly kind: 'file' | 'stream';
  /** Bytes of a file; a stream is as long as its speech, cut to so many seconds. */
  readonly bytes: number;
  readonly seconds: number;
  /** bit/s of a file. */
  readonly rate: number;
  /** What the receiver does. */
  readonly receiver: 'takes' | 'takes-and-deletes' | 'leaves' | 'cancels';
  /** Milliseconds after the seed's beginning. */
  readonly startMs: number;
}

/** What is waited for before the kill; each can be seen from outside. */
export type Moment =
  | 'any'
  | 'confirmed'
  | 'spool'
  | 'stored'
  | 'scratch'
  | 'object'
  | 'metadata'
  | 'complete'
  | 'delete';

export interface SeedPlan {
  readonly seed: number;
  readonly transfers: readonly TransferPlan[];
  readonly moment: Moment;
  /** Milliseconds after the moment. */
  readonly delayMs: number;
  /** Kills while the platform starts and recovers, so many milliseconds after each start. */
  readonly again: readonly number[];
}

const MOMENTS: readonly (readonly [Moment, number])[] = [
  ['any', 2_500],
  ['confirmed', 60],
  ['spool', 250],
  ['stored', 1_500],
  ['stored', 150],
  ['scratch', 60],
  ['object', 40],
  ['object', 8],
  ['metadata', 250],
  ['complete', 60],
  ['delete', 40],
];

/** More than two parts of 8 MiB, the first of which goes ahead while the rest comes in. */
const LARGE = { bytesMin: 9_000_000, bytesMore: 9_000_000, rate: 60_000_000 };

/** All that a seed decides: the same number, the same plan. */
export function planOf(seed: number, backend: Backend): SeedPlan {
  const random = new SeededRandom(seed);
  const count = 1 + random.below(4);
  const transfers = Array.from({ length: count }, () => transferOf(random, backend));
  const [moment, delayMsMax] = random.oneOf(MOMENTS);
  const deletes = moment === 'delete' && transfers[0] !== undefined;
  const again = random.chance(35)
    ? Array.from({ length: 1 + random.below(2) }, () => 300 + random.below(1_200))
    : [];
  return {
    seed,
    transfers: deletes ? withDeletion(transfers) : transfers,
    moment,
    delayMs: random.below(delayMsMax),
    again,
  };
}

/** What is to be deleted is small, so that the moment comes soon. */
const withDeletion = ([first, ...others]: readonly TransferPlan[]): readonly TransferPlan[] =>
  first === undefined
    ? []
    : [{ ...first, kind: 'file', bytes: 40_000, receiver: 'takes-and-deletes' }, ...others];

function transferOf(random: SeededRandom, backend: Backend): TransferPlan {
  const isLarge = backend === 's3' && random.chance(25);
  const size = isLarge
    ? LARGE.bytesMin + random.below(LARGE.bytesMore)
    : random.oneOf([1, 900, 30_000, 200_000, 900_000]) + random.below(5_000);
  return {
    sender: random.oneOf(['alice', 'alice', 'bob']),
    kind: !isLarge && random.chance(30) ? 'stream' : 'file',
    bytes: size,
    seconds: 1 + random.below(2),
    rate: isLarge ? LARGE.rate : random.oneOf([1_000_000, 4_000_000, 10_000_000]),
    receiver: random.oneOf(['takes', 'takes', 'takes-and-deletes', 'leaves', 'cancels']),
    startMs: random.below(400),
  };
}
