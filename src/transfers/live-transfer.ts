import type { ByteRange } from '../base/byte-range.ts';
import type { Deadline } from '../base/clock.ts';
import type { Instant } from '../base/units.ts';
import type { RtpPorts } from '../rtp/transport-address.ts';
import type { Agreed } from './admission.ts';
import type { Party } from './ports.ts';
import type { TransferRecord } from './record.ts';
import type { Prompt } from './store.ts';

export type IngestTimer = 'prompt-expires' | 'record-again';
export type DeliveryTimer = 'offer-expires';
export type TransferTimer = IngestTimer | DeliveryTimer;

/** Work that failed and must be done again. */
export interface Owed {
  readonly work: () => Promise<unknown>;
  /** How often it was tried again already. */
  readonly times: number;
  /** When it is tried again. */
  readonly at: Instant;
}

/** A store request that was accepted. */
export interface Storing {
  readonly id: string;
  readonly agreed: Agreed;
  /** What is in the spool from an earlier transfer; empty when nothing is. */
  readonly have: readonly ByteRange[];
}

/** A receive request that was accepted. */
export interface Receiving {
  readonly id: string;
  readonly agreed: Agreed;
  readonly from: 'start' | 'live';
  /** The local address, where the platform made the offer; else it is still to be opened. */
  readonly ports?: RtpPorts;
}

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
  /** The receiver's phone is being offered a line; no other receive request is taken meanwhile. */
  isOffering = false;
  /** The receive request being carried out. */
  receiving: Receiving | undefined;
  /** The store request being carried out. */
  storing: Storing | undefined;
  /** The two tables run side by side, so each has a timer of its own: an offer lasts while the object is tried again. */
  ingestDeadline: Deadline<IngestTimer> | undefined;
  deliveryDeadline: Deadline<DeliveryTimer> | undefined;
  /** When the first byte was stored. */
  startedAt: Instant | undefined;
  /** The last time a status was sent, for at most one a second. */
  statusAt: Instant | undefined;
  /** By what it is: there are a handful of kinds, and one of each is enough. */
  readonly owed: Map<string, Owed> = new Map();
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

  /** The timers that are due, each of them once. */
  takeDue(now: Instant): readonly TransferTimer[] {
    const due: TransferTimer[] = [];
    const { ingestDeadline, deliveryDeadline } = this;
    if (ingestDeadline !== undefined && ingestDeadline.at <= now) {
      this.ingestDeadline = undefined;
      due.push(ingestDeadline.reason);
    }
    if (deliveryDeadline !== undefined && deliveryDeadline.at <= now) {
      this.deliveryDeadline = undefined;
      due.push(deliveryDeadline.reason);
    }
    return due;
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
