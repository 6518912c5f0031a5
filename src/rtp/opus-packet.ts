/** Opus packets as far as a container needs them (RFC 6716 §3). All durations are samples at 48 kHz. */
export const OPUS_CLOCK_RATE = 48_000;
/** RFC 6716 §3.2.5 [R5]: no packet is longer than 120 ms. */
export const OPUS_SAMPLES_MAX = 5_760;
/** 48 frames of 1,275 bytes, and what goes before them (RFC 6716 §3.2.1, §3.2.5). */
export const OPUS_BYTES_MAX = 61_440;

/** Shortest frame: 2.5 ms. */
export const OPUS_SAMPLES_MIN = 120;
const STEREO_BIT = 0x04;
/** CELT, narrow band, 2.5 ms, mono, one frame: with nothing behind it, a request for loss concealment. */
const SHORTEST_TOC = 0x80;

/** RFC 6716 §3.1, table 2: the frame sizes of SILK, hybrid and CELT configurations. */
const SILK_SAMPLES = [480, 960, 1_920, 2_880] as const;
const HYBRID_SAMPLES = [480, 960] as const;
const CELT_SAMPLES = [120, 240, 480, 960] as const;

/** Samples of one frame, from the first byte of a packet. */
export function frameSamples(toc: number): number {
  const config = toc >> 3;
  if (config < 12) return SILK_SAMPLES[config & 3] ?? 0;
  if (config < 16) return HYBRID_SAMPLES[config & 1] ?? 0;
  return CELT_SAMPLES[config & 3] ?? 0;
}

/** @returns the samples of a packet, or undefined when it is not one. */
export function opusDuration(packet: Uint8Array): number | undefined {
  const [toc, count] = packet;
  if (toc === undefined || packet.length > OPUS_BYTES_MAX) return undefined;
  const frames = frameCount(toc, count);
  const samples = frames * frameSamples(toc);
  return samples > 0 && samples <= OPUS_SAMPLES_MAX ? samples : undefined;
}

/** RFC 6716 §3.2: one frame, two, two, or as many as the next byte says. */
function frameCount(toc: number, next: number | undefined): number {
  const code = toc & 3;
  if (code === 0) return 1;
  return code === 3 ? (next ?? 0) & 0x3f : 2;
}

/**
 * Packets of one byte that fill a gap: frames without data, which ask the decoder to conceal a loss (RFC 7845 §4.1).
 * Frames are as long as those before the gap, then as short as possible; less than 2.5 ms can't be filled.
 * @param toc first byte of the packet before the gap.
 */
export function* concealment(toc: number, samples: number): Iterable<OpusFiller> {
  let left = samples;
  const usual = frameSamples(toc);
  for (; left >= usual; left -= usual) yield { packet: Uint8Array.of(toc & ~3), samples: usual };
  const shortest = SHORTEST_TOC | (toc & STEREO_BIT);
  for (; left >= OPUS_SAMPLES_MIN; left -= OPUS_SAMPLES_MIN) {
    yield { packet: Uint8Array.of(shortest), samples: OPUS_SAMPLES_MIN };
  }
}

export interface OpusFiller {
  readonly packet: Uint8Array;
  readonly samples: number;
}
