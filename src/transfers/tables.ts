/**
 * The method (docs/method.md) as two tables: how the data gets in, and how it gets to the receiver. They meet in the
 * effects only: the ingest at its threshold lets the delivery make its offer.
 */
export type IngestState =
  /** The prompt is out; space is reserved; its address drops what arrives. */
  | 'prompted'
  /** The store request is confirmed; no data yet. */
  | 'confirmed'
  | 'storing'
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
