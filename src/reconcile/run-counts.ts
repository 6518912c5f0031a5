import type { Wallclock } from '../base/units.ts';
import type { Finding, FindingCode } from './findings.ts';

/** What the runs of a platform have found; for metrics. */
export class RunCounts {
  runs = 0;
  failed = 0;
  /** Since start. */
  readonly mended: Map<FindingCode, number> = new Map();
  /** What the last run found and did not mend. */
  readonly left: Map<FindingCode, number> = new Map();
  /** End of the last run that compared all; undefined before the first. */
  endedAt: Wallclock | undefined;
  /** How long it took. */
  durationMs = 0;

  ended(
    found: readonly (Pick<Finding, 'code'> & { readonly mended: boolean })[],
    span: { readonly from: Wallclock; readonly to: Wallclock },
  ): void {
    this.runs += 1;
    this.endedAt = span.to;
    this.durationMs = Math.max(0, span.to - span.from);
    this.left.clear();
    for (const { code, mended } of found) add(mended ? this.mended : this.left, code);
  }
}

function add(counts: Map<FindingCode, number>, code: FindingCode): void {
  counts.set(code, (counts.get(code) ?? 0) + 1);
}
