import type { Deadline } from '../base/clock.ts';
import type { Instant } from '../base/units.ts';
import type { RtpPorts } from '../rtp/transport-address.ts';
import type { Agreed } from './admission.ts';
import type { Party } from './ports.ts';
import type { TransferRecord } from './record.ts';
import type { Prompt } from './store.ts';

export type TransferTimer = 'prompt-expires' | 'offer-expires' | 'record-again';

/** A transfer that is not over: its record, and what only matters while its parties are on the phone. */
export class LiveTransfer {
  record: TransferRecord;
  /** Who is offered the data; another leg of the same subscriber may take it. */
  receiver: Party;
  /** Known at once in direct mode, with the store request in receiver-chosen mode. */
  sender: Party | undefined;
  /** The invitation, until it is used or over. */
  prompt: Prompt | undefined;
  /** The storage address. */
  ports: RtpPorts | undefined;
  /** Proves that a receive request answers our offer. */
  offerToken: string | undefined;
  /** The receive request being carried out. */
  receiving: { readonly id: string; readonly agreed: Agreed } | undefined;
  /** The store request being carried out. */
  storing: { readonly id: string; readonly agreed: Agreed } | undefined;
  deadline: Deadline<TransferTimer> | undefined;
  /** When the first byte was stored. */
  startedAt: Instant | undefined;
  /** The last time a status was sent, for at most one a second. */
  statusAt: Instant | undefined;
  receiverTold = false;
  /** Attempts at making the object. */
  recordings = 0;
  /** Work on one transfer is done in turn; this is the end of the queue. */
  #turn: Promise<unknown> = Promise.resolve();

  constructor(record: TransferRecord, receiver: Party, sender: Party | undefined) {
    this.record = record;
    this.receiver = receiver;
    this.sender = sender;
  }

  /** Runs `work` after all work queued before it, whether that failed or not. */
  inTurn<T>(work: () => Promise<T>): Promise<T> {
    const turn = this.#turn.then(work, work);
    this.#turn = turn.catch(() => {});
    return turn;
  }

  get id(): string {
    return this.record.id;
  }
}
