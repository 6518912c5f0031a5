/** Copies `from[start, end)` to `into`, from `at` on. Both ranges must lie inside. */
// oxlint-disable-next-line max-params -- called per packet; an options object would be an allocation
export type CopyBytes = (
  from: Uint8Array,
  start: number,
  end: number,
  into: Uint8Array,
  at: number,
) => void;

/** What the language has: a view that dies young for each copy. A loop over bytes takes five to forty times as long. */
// oxlint-disable-next-line max-params -- called per packet; an options object would be an allocation
const copyByView: CopyBytes = (from, start, end, into, at) =>
  into.set(from.subarray(start, end), at);

let copy = copyByView;

/** Copies by something that allocates nothing from now on, in this thread. A thread says so once, when it starts. */
export function copyBytesBy(other: CopyBytes): void {
  copy = other;
}

/** Copies packets, here and there on the packet path: by a view, or without one in a thread that said how. */
// oxlint-disable-next-line max-params -- called per packet; an options object would be an allocation
export const copyBytes: CopyBytes = (from, start, end, into, at) =>
  copy(from, start, end, into, at);
