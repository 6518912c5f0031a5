/** Arithmetic on RTP timestamps, which wrap modulo 2^32 (RFC 3550 §5.1): every 13 hours at 90 kHz. */

/** How far `to` is ahead of `from`, the shorter way round, in media clock units: −2^31 to 2^31 − 1. */
export const timestampDistance = (from: number, to: number): number => (to - from) | 0;

/** The extended timestamp nearest to `reference` whose low 32 bits are `timestamp`; it doesn't wrap. */
export const extendTimestamp = (reference: number, timestamp: number): number =>
  reference + timestampDistance(reference, timestamp);

/** Media clock units as milliseconds. */
export const unitsToMs = (units: number, clockRate: number): number => (units * 1_000) / clockRate;
