/**
 * G.711 (ITU-T G.711, table 1a and 2a; RFC 3551 §4.5.14): one byte a sample, to and from 16-bit linear. Decoding and encoding again
 * gives the same byte, but for the negative zero of µ-law, which becomes the positive one.
 */
export type Law = 'ulaw' | 'alaw';

const SAMPLE_MAX = 32_767;
const SAMPLE_MIN = -32_768;
/** µ-law: added so that each segment begins at a power of two. */
const BIAS = 0x84;
const ULAW_CLIP = 32_635;

/** Linear samples by code. */
export const DECODED: Readonly<Record<Law, Int16Array>> = {
  ulaw: Int16Array.from({ length: 256 }, (_, code) => fromUlaw(code)),
  alaw: Int16Array.from({ length: 256 }, (_, code) => fromAlaw(code)),
};

function fromUlaw(code: number): number {
  const bits = ~code & 0xff;
  const magnitude = ((((bits & 0x0f) << 3) + BIAS) << ((bits >> 4) & 7)) - BIAS;
  return (bits & 0x80) === 0 ? magnitude : -magnitude;
}

function fromAlaw(code: number): number {
  const bits = code ^ 0x55;
  const segment = (bits >> 4) & 7;
  const step = ((bits & 0x0f) << 4) + 8;
  const magnitude = segment === 0 ? step : (step + 0x100) << (segment - 1);
  return (bits & 0x80) === 0 ? -magnitude : magnitude;
}

/** @param sample is cut off at 16 bits, which is what mixing does to what is too loud. */
export function encode(law: Law, sample: number): number {
  const cut = Math.max(SAMPLE_MIN, Math.min(SAMPLE_MAX, sample));
  return law === 'ulaw' ? toUlaw(cut) : toAlaw(cut);
}

function toUlaw(sample: number): number {
  const magnitude = Math.min(Math.abs(sample), ULAW_CLIP) + BIAS;
  const segment = 24 - Math.clz32(magnitude);
  const bits = (segment << 4) | ((magnitude >> (segment + 3)) & 0x0f);
  return ~(sample < 0 ? bits | 0x80 : bits) & 0xff;
}

function toAlaw(sample: number): number {
  const magnitude = sample < 0 ? -sample - 1 : sample;
  const segment = Math.max(0, 24 - Math.clz32(magnitude));
  const bits = (segment << 4) | ((magnitude >> Math.max(4, segment + 3)) & 0x0f);
  return (sample < 0 ? bits : bits | 0x80) ^ 0x55;
}
