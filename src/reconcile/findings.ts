import type { RecordedObject, TransferRecord } from '../transfers/record.ts';
import type { ListedTransfer } from '../state/state-store.ts';

/** Stable: programs match on them. */
export type FindingCode =
  | 'space-sum'
  | 'space-wrong'
  | 'space-lost'
  | 'list-missing'
  | 'list-stale'
  | 'prompt-overdue'
  | 'removal-unfinished'
  | 'record-unfinished'
  | 'record-forsaken'
  | 'record-waiting'
  | 'object-missing'
  | 'object-back'
  | 'object-size'
  | 'object-unrecorded'
  | 'object-unknown'
  | 'metadata-missing'
  | 'metadata-alone'
  | 'spool-left'
  | 'spool-unrecorded'
  | 'spool-unknown';

/** One row of the table of what can be wrong; docs/storage.md shows it. */
export interface FindingKind {
  readonly wrong: string;
  /** What `--fix` does. */
  readonly fix: string;
  /** Whether a running platform mends it by itself: only what leaves no doubt. */
  readonly byItself: boolean;
}

const NOTHING = 'nothing: a person must look';

export const FINDINGS: Readonly<Record<FindingCode, FindingKind>> = {
  'space-sum': {
    wrong: 'An account’s used space is not the sum of what its transfers hold.',
    fix: 'adds it up again',
    byItself: true,
  },
  'space-wrong': {
    wrong: 'A transfer holds other than the size of its object, or, while it is open, nothing.',
    fix: 'holds what it should',
    byItself: true,
  },
  'space-lost': {
    wrong: 'Space is held for a transfer that is not there, or stored nothing.',
    fix: 'frees it',
    byItself: true,
  },
  'list-missing': {
    wrong: 'A record is not in the list of its account or, while it is open, of the open ones.',
    fix: 'lists it',
    byItself: true,
  },
  'list-stale': {
    wrong: 'An account’s list names a transfer that is not there.',
    fix: 'takes the name out',
    byItself: true,
  },
  'prompt-overdue': {
    wrong: 'A prompt has expired, and nobody ended its transfer.',
    fix: 'ends it as expired; its space is free',
    byItself: true,
  },
  'removal-unfinished': {
    wrong: 'A transfer was being removed, and that was cut short.',
    fix: 'removes it',
    byItself: true,
  },
  'record-unfinished': {
    wrong: 'The object of a transfer is there with its metadata, and its record is still open.',
    fix: 'ends the record with the object',
    byItself: true,
  },
  'record-forsaken': {
    wrong:
      'A record is open, with neither spool nor object. Said only where one node has all the spools.',
    fix: 'ends it as failed; its space is free',
    byItself: true,
  },
  'record-waiting': {
    wrong:
      'An open transfer has a spool here that nobody works on. Said by a running platform only.',
    fix: 'makes its object',
    byItself: true,
  },
  'object-missing': {
    wrong: 'The object of a finished transfer is not in the store.',
    fix: 'makes it again where the spool is left; else the record says so (`lostObject`), and its space is free',
    byItself: false,
  },
  'object-back': {
    wrong: 'An object that was lost is there again.',
    fix: 'the record has it again',
    byItself: true,
  },
  'object-size': {
    wrong: 'An object has another size than its record says.',
    fix: 'takes over what the metadata says, where that is the size; else nothing',
    byItself: false,
  },
  'object-unrecorded': {
    wrong: 'An object with its metadata has no record.',
    fix: 'makes the record of the metadata',
    byItself: true,
  },
  'object-unknown': {
    wrong: 'An object belongs to nothing, or stands beside the one that its record names.',
    fix: NOTHING,
    byItself: false,
  },
  'metadata-missing': {
    wrong: 'An object has no metadata beside it.',
    fix: 'writes what the record knows',
    byItself: true,
  },
  'metadata-alone': {
    wrong: 'Metadata is left of an object, and no record.',
    fix: 'removes it',
    byItself: false,
  },
  'spool-left': {
    wrong: 'The spool of a finished transfer is still there, and all of it is in its object.',
    fix: 'deletes it',
    byItself: true,
  },
  'spool-unrecorded': {
    wrong: 'A spool has no record.',
    fix: 'makes the record of the spool’s header; the platform then makes the object',
    byItself: true,
  },
  'spool-unknown': {
    wrong: 'A spool says of no transfer that it is its own, or its transfer failed with data.',
    fix: NOTHING,
    byItself: false,
  },
};

/** One thing that is wrong. */
export interface Finding {
  readonly code: FindingCode;
  readonly account: string;
  readonly transfer?: string;
  /** With the numbers. */
  readonly text: string;
  readonly mend: Mend;
}

/** What would put it right. */
export type Mend =
  | { readonly do: 'nothing' }
  | { readonly do: 'recount' }
  | { readonly do: 'hold'; readonly bytes: number }
  | { readonly do: 'release' }
  | { readonly do: 'relist'; readonly record: TransferRecord }
  | { readonly do: 'unlist'; readonly listed: ListedTransfer }
  | { readonly do: 'end'; readonly record: TransferRecord; readonly as: 'expired' | 'failed' }
  | { readonly do: 'remove' }
  /** The record has this object from now on, and is over. */
  | { readonly do: 'attach'; readonly record: TransferRecord; readonly object: RecordedObject }
  /** A record that was not there. */
  | { readonly do: 'record'; readonly record: TransferRecord }
  | { readonly do: 'lose'; readonly record: TransferRecord; readonly object: RecordedObject }
  | { readonly do: 'make-again'; readonly record: TransferRecord }
  | { readonly do: 'take-up'; readonly record: TransferRecord }
  | {
      readonly do: 'describe';
      readonly record: TransferRecord;
      readonly object: RecordedObject;
    }
  | { readonly do: 'drop-object'; readonly key: string }
  | { readonly do: 'drop-spool' };
