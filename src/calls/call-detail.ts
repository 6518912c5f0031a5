import type { Wallclock } from '../base/units.ts';
import type { RelayCounts, RelaySide } from '../transfers/media-plane.ts';

/** What is remembered of a call for its detail record, as it happens. */
export interface CallHistory {
  started?: {
    readonly at: Wallclock;
    readonly caller: string;
    readonly callee: string;
    /** Name of the operator's trunk that it came over. */
    readonly callerTrunk?: string;
  };
  answeredAt?: Wallclock;
  /** Name of the operator's trunk that it left over. */
  calleeTrunk?: string;
  /** What the caller's INVITE was answered, when it was refused. */
  refused?: number;
  /** Whose dialog ended first. */
  endedBy?: RelaySide | 'platform';
  /** Of anchored media. */
  packets?: RelayCounts;
}

/** A call that is over. Numbers in full: masking is up to who writes them down. */
export interface CallDetail {
  readonly id: string;
  readonly caller: string;
  readonly callee: string;
  readonly callerTrunk?: string;
  readonly calleeTrunk?: string;
  readonly startedAt: Wallclock;
  readonly answeredAt?: Wallclock;
  readonly endedAt: Wallclock;
  /** What the caller's INVITE was answered. */
  readonly status: number;
  /** Of answered calls: who hung up, or lost the dialog. */
  readonly endedBy?: RelaySide | 'platform';
  readonly packets?: RelayCounts;
}

const OK = 200;

/** @returns undefined for a call that never began. */
export function detailOf(
  id: string,
  history: CallHistory,
  endedAt: Wallclock,
): CallDetail | undefined {
  const { started, answeredAt, calleeTrunk, refused, endedBy = 'platform', packets } = history;
  if (started === undefined) return undefined;
  const { at: startedAt, ...who } = started;
  return {
    id,
    ...who,
    ...(calleeTrunk === undefined ? {} : { calleeTrunk }),
    startedAt,
    ...(answeredAt === undefined ? {} : { answeredAt, endedBy }),
    endedAt,
    status: refused ?? OK,
    ...(packets === undefined ? {} : { packets }),
  };
}
