import type { Wallclock } from '../base/units.ts';
import type { Metadata } from '../recording/metadata.ts';
import type { ListedTransfer } from '../state/state-store.ts';
import type { TransferRecord } from '../transfers/record.ts';
import type { Finding, FindingCode, Mend } from './findings.ts';

/** All that is known of one transfer, from wherever. */
export interface TransferFacts {
  readonly id: string;
  /** As the record says, or else whatever names the transfer. */
  readonly account: string;
  readonly record: TransferRecord | undefined;
  /** Bytes of space. */
  readonly held: number | undefined;
  /** Entries of the account's list. */
  readonly listed: readonly ListedTransfer[];
  /** The record is in every list that it belongs into. */
  readonly isListed: boolean;
  /** Sizes of its objects by key, without the metadata. */
  readonly objects: ReadonlyMap<string, number>;
  /** The key of the metadata object, when there is one. */
  readonly metadataKey: string | undefined;
  /** Read where it is needed to tell; undefined also when it can't be read. */
  readonly metadata: Metadata | undefined;
  readonly spool: SpoolFacts | undefined;
  /** A transfer of this process: whatever is wrong is on its way. */
  readonly isLive: boolean;
}

/** A spool on this node. */
export interface SpoolFacts {
  readonly bytes: number;
  readonly changedAt: Wallclock;
  /** Undefined when it can't be read. */
  readonly header?: Readonly<Record<string, unknown>>;
}

/** What the comparison has to know besides. */
export interface Terms {
  readonly now: Wallclock;
  /** What changed so shortly ago is not judged. */
  readonly graceMs: number;
  /** Life of a prompt. */
  readonly promptMs: number;
  /** No other node has spools. */
  readonly hasAllSpools: boolean;
  /** Open transfers can be taken up here: this is a running platform. */
  readonly isPlatform: boolean;
}

/** @param about what is wrong, and what would put it right. */
export function found(
  { account, id: transfer }: Pick<TransferFacts, 'account' | 'id'>,
  code: FindingCode,
  about: Mend & { readonly text: string },
): Finding {
  const { text, ...mend } = about;
  return { code, account, transfer, text, mend };
}

export const isFresh = (at: Wallclock, { now, graceMs }: Terms): boolean => at > now - graceMs;
