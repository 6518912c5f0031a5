import assert from 'node:assert';

/**
 * Quota arithmetic (M5), without a store: what the verbs of `TransferStore` on space do to the numbers. A store runs these
 * inside a transaction, so that no interleaving can reserve more than there is.
 */
export interface Holding {
  /** Bytes the account has in all. */
  readonly space: number;
  /** Bytes held by all its transfers. */
  readonly used: number;
  /** Bytes held by this transfer; undefined when it holds nothing. */
  readonly held: number | undefined;
}

export interface SpaceChange {
  readonly ok: boolean;
  /** What the account's transfers and this one hold afterwards. */
  readonly used: number;
  readonly held: number | undefined;
}

/** Bytes left. Never negative, though a settled object may have gone over the space. */
export const freeSpace = (space: number, used: number): number => Math.max(0, space - used);

/** Takes `bytes` when they are free. A repetition changes nothing, whatever it asks for. */
export function reserve(holding: Holding, bytes: number): SpaceChange {
  assertBytes(bytes);
  if (holding.held !== undefined) return unchanged(holding, true);
  return bytes <= freeSpace(holding.space, holding.used)
    ? hold(holding, bytes)
    : unchanged(holding, false);
}

/** Shrinking always succeeds; growing only within the space, but for `settle`: those bytes are on disk already. */
export function resize(holding: Holding, bytes: number, mode: 'reserve' | 'settle'): SpaceChange {
  assertBytes(bytes);
  const growth = bytes - (holding.held ?? 0);
  const fits = growth <= 0 || growth <= freeSpace(holding.space, holding.used);
  return mode === 'settle' || fits ? hold(holding, bytes) : unchanged(holding, false);
}

/** Gives back all that the transfer holds. */
export const release = ({ used, held }: Holding): SpaceChange => ({
  ok: true,
  used: used - (held ?? 0),
  held: undefined,
});

const hold = ({ used, held }: Holding, bytes: number): SpaceChange => ({
  ok: true,
  used: used - (held ?? 0) + bytes,
  held: bytes,
});

const unchanged = ({ used, held }: Holding, ok: boolean): SpaceChange => ({ ok, used, held });

function assertBytes(bytes: number): void {
  assert(Number.isSafeInteger(bytes) && bytes >= 0, 'a count of bytes');
}
