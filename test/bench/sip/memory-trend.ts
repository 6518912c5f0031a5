/** What samples of resident memory, taken at equal distances, say. */
export interface MemoryTrend {
  readonly start: number;
  readonly end: number;
  readonly max: number;
  /** Bytes a minute over the second half, by least squares: what a leak shows as, and a warm heap does not. */
  readonly growthPerMinute: number;
}

/** @param samples bytes, `intervalMs` apart; at least one. */
export function memoryTrend(samples: readonly number[], intervalMs: number): MemoryTrend {
  const later = samples.slice(Math.floor(samples.length / 2));
  return {
    start: samples[0] ?? 0,
    end: samples.at(-1) ?? 0,
    max: samples.reduce((most, each) => Math.max(most, each), 0),
    growthPerMinute: slopeOf(later) * (60_000 / intervalMs),
  };
}

/** Least squares over 0, 1, 2 …; 0 of a single value. */
function slopeOf(values: readonly number[]): number {
  const middle = (values.length - 1) / 2;
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  let above = 0;
  let below = 0;
  for (const [at, value] of values.entries()) {
    above += (at - middle) * (value - mean);
    below += (at - middle) ** 2;
  }
  return below === 0 ? 0 : above / below;
}
