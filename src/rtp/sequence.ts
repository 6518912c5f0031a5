/** Arithmetic on RTP sequence numbers, which wrap every 65,536 packets (RFC 3550 §5.1): 22 minutes of speech. */
export const SEQUENCE_MODULUS = 65_536;

/**
 * How far `to` is ahead of `from`, the shorter way round: −32,768 to 32,767 (RFC 1982 §3.2, with 16 bits). Either may be an
 * extended number; only the low 16 bits count.
 */
export const sequenceDistance = (from: number, to: number): number => ((to - from) << 16) >> 16;

/**
 * The extended number nearest to `reference` whose low 16 bits are `sequence`: one that doesn't wrap, so that numbers of
 * a stream can be compared. Negative for packets that came before a stream's first, when that is below 32,768.
 */
export const extendSequence = (reference: number, sequence: number): number =>
  reference + sequenceDistance(reference, sequence);
