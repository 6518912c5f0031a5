/** The middle of a list of numbers, of two the lower; NaN of none. */
export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[(sorted.length - 1) >> 1] ?? Number.NaN;
}

/** One thing measured: what it was of, and how it came out. */
export interface Measured {
  readonly workload: string;
  readonly subject: string;
  readonly value: number;
}

/** By workload, then by subject. */
export type Table = Readonly<Record<string, Readonly<Record<string, number>>>>;

/** The median of each subject's runs in each workload, in the order they were first run. */
export function mediansOf(measured: readonly Measured[]): Table {
  const table: Record<string, Record<string, number>> = {};
  for (const { workload, subject } of measured) {
    const runs = measured.filter((run) => run.workload === workload && run.subject === subject);
    (table[workload] ??= {})[subject] = median(runs.map(({ value }) => value));
  }
  return table;
}

/** Each subject's part of what another one has in the same workload; a workload that lacks that one is left out. */
export function ratiosTo(subject: string, table: Table): Table {
  const ratios: Record<string, Record<string, number>> = {};
  for (const [workload, bySubject] of Object.entries(table)) {
    const base = bySubject[subject];
    if (base === undefined) continue;
    const parts = Object.entries(bySubject).map(([name, value]) => [name, value / base] as const);
    ratios[workload] = Object.fromEntries(parts);
  }
  return ratios;
}

/**
 * The highest rate that passes, by doubling and then halving the distance, to a part of itself.
 * @param passes tries a rate. @returns 0 when even `from` does not pass.
 */
export async function highestRate(
  { from, most, precision }: RateSearch,
  passes: (rate: number) => Promise<boolean>,
): Promise<number> {
  let good = 0;
  let bad = most;
  for (let rate = from; rate < most; rate = Math.min(most, 2 * rate)) {
    if (await passes(rate)) good = rate;
    else {
      bad = rate;
      break;
    }
  }
  while (good > 0 && bad - good > good * precision) {
    const middle = Math.round((good + bad) / 2);
    if (await passes(middle)) good = middle;
    else bad = middle;
  }
  return good;
}

export interface RateSearch {
  readonly from: number;
  /** Not tried itself: what the load can't send. */
  readonly most: number;
  readonly precision: number;
}
