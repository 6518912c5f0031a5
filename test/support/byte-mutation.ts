import type { SeededRandom } from './seeded-random.ts';

/** Changes made to one packet at most: more, and nothing gets past the first look. */
const CHANGES_MAX = 4;
/** No datagram is longer. */
const BYTES_MAX = 65_507;
/** What lengths, counts and numbers stumble over. */
const AWKWARD = [0x00, 0x01, 0x7f, 0x80, 0xbe, 0xc8, 0xde, 0xfe, 0xff];

type Change = (bytes: Uint8Array, random: SeededRandom, other: Uint8Array) => Uint8Array;

/** No Buffer: a slice of one is no copy. */
const joined = (...parts: readonly Uint8Array[]): Uint8Array =>
  new Uint8Array(Buffer.concat(parts));

const CHANGES: readonly Change[] = [
  // One bit, or one byte, in the header four times out of five.
  (bytes, random) => {
    const changed = bytes.slice();
    const at = random.below(random.chance(80) ? Math.min(20, bytes.length) : bytes.length);
    const bit = (changed[at] ?? 0) ^ (1 << random.below(8));
    changed[at] = random.chance(50) ? bit : random.oneOf(AWKWARD);
    return changed;
  },
  // Two or four bytes that are all one.
  (bytes, random) => {
    const at = random.below(bytes.length + 1);
    return bytes.slice().fill(random.oneOf(AWKWARD), at, at + random.oneOf([2, 4]));
  },
  // The end lost.
  (bytes, random) => bytes.slice(0, random.below(bytes.length + 1)),
  // Something more at the end.
  (bytes, random) => joined(bytes, new Uint8Array(random.below(20)).fill(random.oneOf(AWKWARD))),
  // Some bytes left out, or said again.
  (bytes, random) => {
    const from = random.below(bytes.length + 1);
    const to = from + random.below(24);
    const [before, within, after] = [bytes.slice(0, from), bytes.slice(from, to), bytes.slice(to)];
    return random.chance(50) ? joined(before, after) : joined(before, within, within, after);
  },
  // The start of one, the end of another; or one behind the other, as a compound.
  (bytes, random, other) => {
    if (random.chance(50)) return joined(bytes, other);
    const start = bytes.slice(0, random.below(bytes.length + 1));
    return joined(start, other.slice(random.below(other.length + 1)));
  },
];

/** The packet with up to CHANGES_MAX changes; one in three has none. @param other lends its end. */
export function mutateBytes(
  bytes: Uint8Array,
  random: SeededRandom,
  other: Uint8Array,
): Uint8Array {
  let changed = bytes;
  if (random.chance(33)) return changed;
  for (let left = 1 + random.below(CHANGES_MAX); left > 0; left--)
    if (changed.length > 0) changed = random.oneOf(CHANGES)(changed, random, other);
  return changed.length > BYTES_MAX ? changed.slice(0, BYTES_MAX) : changed;
}
