/**
 * The method (docs/method.md) as two tables: how the data gets in, and how it gets to the receiver.
 *
 * Theory of operation. A transfer begins with a prompt (M2). The sender's store request, when accepted, confirms the ingest (M6);
 * the first stored byte makes it `storing`. However the data ends, what is stored becomes an object (`settling`), and the
 * ingest comes to exactly one terminal state. The delivery waits for the threshold (M10), then offers; the receiver's receive
 * request starts it (M11); it runs beside the ingest (M12) and may outlast it. The tables meet in two places: the threshold
 * is measured on the ingest, and the spool is deleted only when the ingest is terminal and the delivery over.
 *
 * A cell names the next state and the actions, in order; but the space is settled (`keep`, `discard`) before the record changes,
 * so that a crash in between leaves an open transfer and not lost space. An empty cell means the event is absorbed.
 */
export type IngestState =
  /** The prompt is out; space is reserved; its address drops what arrives. */
  | 'prompted'
  /** The store request is confirmed; no data yet. */
  | 'confirmed'
  | 'storing'
  /** Cancelled while data came in: waiting for the media plane to let go of the spool. */
  | 'cancelling'
  /** No more data comes; the object is being made. */
  | 'settling'
  | 'complete'
  | 'partial'
  | 'failed'
  | 'cancelled'
  | 'expired';

export type DeliveryState =
  /** Below the threshold. */
  | 'waiting'
  | 'offered'
  | 'delivering'
  | 'delivered'
  /** The receiver did not want it, did not answer, or the call ended: it can be fetched later. */
  | 'left';

export type IngestEvent =
  | 'store-accepted'
  | 'prompt-expired'
  /** The first stored byte. */
  | 'data'
  /** The media plane stopped, with something stored. */
  | 'ended'
  /** The media plane stopped, with nothing stored. */
  | 'ended-empty'
  | 'cancel'
  | 'sender-gone'
  | 'recorded-whole'
  | 'recorded-short'
  /** The spool holds no packet: a crash came before the first sync. */
  | 'recorded-nothing'
  | 'record-failed'
  | 'plane-failed';

export type IngestAction =
  /** Open the gate for the data, and confirm to the sender. */
  | 'confirm'
  | 'stop-ingest'
  /** Make the object from the spool. */
  | 'record'
  | 'retry-record'
  /** Charge the object's size to the space. */
  | 'keep'
  /** Give back the space; nothing stays. */
  | 'discard'
  /** The sender's side is over. */
  | 'tell-sender'
  | 'tell-both';

export type DeliveryEvent =
  | 'threshold'
  /** The ingest ended with every byte, below the threshold: the receiver is offered it all the same. */
  | 'ingest-whole'
  /** The ingest ended without every byte. What was stored can still be delivered once it was offered. */
  | 'ingest-short'
  /** The ingest ended and left nothing to deliver. */
  | 'ingest-lost'
  | 'receive-accepted'
  | 'offer-expired'
  | 'sent-all'
  | 'delivery-failed'
  | 'receiver-gone';

export type DeliveryAction = 'offer' | 'deliver' | 'stop-delivery';

/** One cell. */
export interface Cell<State extends string, Action extends string> {
  readonly to: State;
  readonly actions: readonly Action[];
}

export type Table<State extends string, Event extends string, Action extends string> = Readonly<
  Record<State, Readonly<Partial<Record<Event, Cell<State, Action>>>>>
>;

export const INGEST: Table<IngestState, IngestEvent, IngestAction> = {
  prompted: {
    'store-accepted': { to: 'confirmed', actions: ['confirm'] },
    'prompt-expired': { to: 'expired', actions: ['discard', 'tell-sender'] },
    cancel: { to: 'cancelled', actions: ['discard', 'tell-sender'] },
    'sender-gone': { to: 'cancelled', actions: ['discard', 'tell-sender'] },
    'plane-failed': { to: 'failed', actions: ['discard', 'tell-sender'] },
  },
  confirmed: {
    data: { to: 'storing', actions: ['tell-both'] },
    ended: { to: 'settling', actions: ['record'] },
    'ended-empty': { to: 'failed', actions: ['discard', 'tell-sender'] },
    cancel: { to: 'cancelling', actions: ['stop-ingest'] },
    'sender-gone': { to: 'confirmed', actions: ['stop-ingest'] },
    'plane-failed': { to: 'settling', actions: ['record'] },
  },
  storing: {
    ended: { to: 'settling', actions: ['record', 'tell-both'] },
    'ended-empty': { to: 'failed', actions: ['discard', 'tell-sender'] },
    cancel: { to: 'cancelling', actions: ['stop-ingest'] },
    'sender-gone': { to: 'storing', actions: ['stop-ingest'] },
    'plane-failed': { to: 'settling', actions: ['record'] },
  },
  cancelling: {
    ended: { to: 'cancelled', actions: ['discard', 'tell-sender'] },
    'ended-empty': { to: 'cancelled', actions: ['discard', 'tell-sender'] },
    'plane-failed': { to: 'cancelled', actions: ['discard', 'tell-sender'] },
  },
  settling: {
    'recorded-whole': { to: 'complete', actions: ['keep', 'tell-sender'] },
    'recorded-short': { to: 'partial', actions: ['keep', 'tell-sender'] },
    'recorded-nothing': { to: 'failed', actions: ['discard', 'tell-sender'] },
    'record-failed': { to: 'settling', actions: ['retry-record'] },
  },
  complete: {},
  partial: {},
  failed: {},
  cancelled: {},
  expired: {},
};

export const DELIVERY: Table<DeliveryState, DeliveryEvent, DeliveryAction> = {
  waiting: {
    threshold: { to: 'offered', actions: ['offer'] },
    'ingest-whole': { to: 'offered', actions: ['offer'] },
    'ingest-short': { to: 'left', actions: [] },
    'ingest-lost': { to: 'left', actions: [] },
    'receiver-gone': { to: 'left', actions: [] },
  },
  offered: {
    'receive-accepted': { to: 'delivering', actions: ['deliver'] },
    'ingest-lost': { to: 'left', actions: [] },
    'offer-expired': { to: 'left', actions: [] },
    'receiver-gone': { to: 'left', actions: [] },
  },
  delivering: {
    'sent-all': { to: 'delivered', actions: [] },
    'delivery-failed': { to: 'left', actions: ['stop-delivery'] },
    'ingest-lost': { to: 'left', actions: ['stop-delivery'] },
    'receiver-gone': { to: 'left', actions: ['stop-delivery'] },
  },
  delivered: {},
  left: {},
};

/** The one function that reads a table. @returns undefined when the event is absorbed. */
export const cellOf = <State extends string, Event extends string, Action extends string>(
  table: Table<State, Event, Action>,
  state: State,
  event: Event,
): Cell<State, Action> | undefined => table[state][event];

/** Nothing more happens to an ingest in these. */
export const isTerminal = (state: IngestState): boolean => Object.keys(INGEST[state]).length === 0;

/** Nothing more is delivered in these. */
export const isOver = (state: DeliveryState): boolean => Object.keys(DELIVERY[state]).length === 0;
