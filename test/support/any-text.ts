import fc from 'fast-check';

const SURROGATES = { first: 0xd800, count: 0x800 };
const CODE_POINT_MAX = 0x10_ffff;

const codePoint = fc.integer({ min: 0, max: CODE_POINT_MAX - SURROGATES.count }).map(
  (at) => String.fromCodePoint(at < SURROGATES.first ? at : at + SURROGATES.count),
  (text) => {
    const at = typeof text === 'string' ? (text.codePointAt(0) ?? 0) : 0;
    return at < SURROGATES.first ? at : at - SURROGATES.count;
  },
);

/** Text of any characters at all. What fast-check calls `binary`, but for a table of all of Unicode, which takes it half a second to make. */
export const anyText = (limits: { readonly maxLength?: number } = {}): fc.Arbitrary<string> =>
  fc.string({ unit: codePoint, ...limits });
