import type { Wallclock } from '../base/units.ts';
import type { TransferRecord } from './record.ts';

/** What somebody outside is told of a transfer, until they have taken it. */
export interface Mail {
  /** The same however often it is sent, and if the same change should be written again. */
  readonly id: string;
  /** What is sent: JSON. */
  readonly body: string;
  readonly writtenAt: Wallclock;
}

/** The mail that a change of a record is worth. Pure. @param before undefined: the record is new. */
export type MailWriter = (
  before: TransferRecord | undefined,
  after: TransferRecord,
) => Mail | undefined;
