/** The two files that SIPp writes: counters once a second, and every response time. */

/** Where a run of SIPp stands, from the last row of its statistics. */
export interface SippCounts {
  /** When the run began, epoch ms. */
  readonly startedAt: number;
  readonly created: number;
  readonly succeeded: number;
  readonly failed: number;
  readonly retransmissions: number;
  /** Sums of two kinds: messages for no call, and for a call that is over. */
  readonly strays: number;
}

/** One call that was answered. */
export interface ResponseTime {
  /** When the answer came, ms since the run began. */
  readonly atMs: number;
  /** From the request to it; SIPp counts whole ms. */
  readonly ms: number;
}

const SEPARATOR = ';';
const MS_PER_SECOND = 1_000;

/** @param csv what `-trace_stat` wrote. @throws Error when a column is missing or there is no row. */
export function parseSippCounts(csv: string): SippCounts {
  const lines = csv.trimEnd().split('\n');
  const names = lines[0]?.split(SEPARATOR) ?? [];
  const row = lines.length > 1 ? (lines.at(-1)?.split(SEPARATOR) ?? []) : [];
  const cell = (name: string): string => {
    const value = row[names.indexOf(name)];
    if (value === undefined) throw new Error(`SIPp wrote no ${name}`);
    return value;
  };
  return {
    startedAt: epochMsOf(cell('StartTime')),
    created: Number(cell('TotalCallCreated')),
    succeeded: Number(cell('SuccessfulCall(C)')),
    failed: Number(cell('FailedCall(C)')),
    retransmissions: Number(cell('Retransmissions(C)')),
    strays: Number(cell('OutOfCallMsgs(C)')) + Number(cell('DeadCallMsgs(C)')),
  };
}

/** `2026-11-23<TAB>16:57:39.990187<TAB>1795453059.990187`: local time, then epoch seconds. */
function epochMsOf(text: string): number {
  const seconds = Number(text.split('\t')[2]);
  if (!Number.isFinite(seconds)) throw new Error(`not a time of SIPp: ${text}`);
  return seconds * MS_PER_SECOND;
}

/** @param csv what `-trace_rtt` wrote: `Date_ms;response_time_ms;rtd_no`. A row cut short at the end is left out. */
export function parseResponseTimes(csv: string, timer: string): readonly ResponseTime[] {
  const times: ResponseTime[] = [];
  for (const line of csv.split('\n')) {
    const [atMs, ms, name] = line.split(SEPARATOR);
    if (name === timer) times.push({ atMs: Number(atMs), ms: Number(ms) });
  }
  return times;
}

/** The value that `share` of them are at or below (nearest rank); 0 of none. */
export function percentile(values: readonly number[], share: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)] ?? 0;
}
