import type { CallDetail } from '../calls/call-detail.ts';
import type { InCallEvent } from '../incall/events.ts';
import type { MediaEvent, ReceptionCounts } from '../transfers/media-plane.ts';
import type { TransferRecord } from '../transfers/record.ts';
import { isOver, isTerminal } from '../transfers/tables.ts';

/** Fates of packets that a stream knows itself; the media plane counts the others for all. */
export const STREAM_FATES = ['lost', 'late', 'duplicate', 'dropped'] as const;

/** How long a transfer takes from one step of its life to another, seconds. */
export const SPANS = {
  threshold: 'From the first stored byte to the offer',
  offer: 'From the offer to the receive request',
  settling: 'From the end of the data to the stored object',
} as const;
export type Span = keyof typeof SPANS;
/** Told of what happens once. */
export interface MeterListener {
  readonly span: (span: Span, seconds: number) => void;
  readonly callOver: (detail: CallDetail) => void;
  /** Its data is in or never will be, and it is delivered or left. */
  readonly transferOver: (record: TransferRecord) => void;
}

/** What is remembered of a transfer that is not over; times in epoch ms. */
interface Running {
  /** Its ingest is over, and counted. */
  ended?: true;
  storing?: number;
  offered?: number;
  settling?: number;
}

/** Counts of the whole platform since start, for the operator. */
export class PlatformMeter {
  storedBytes = 0;
  deliveredBytes = 0;
  /** Error codes told to parties, or that transfers ended with. As many as there are codes. */
  readonly errors: Map<string, number> = new Map();
  /** Transfers by the state that they ended in. */
  readonly ended: Map<string, number> = new Map();
  /** RTP packets of transfers whose ingest ended, by fate. */
  readonly fates: Map<string, number> = new Map();
  /** Calls that are over, by the status that their caller got. */
  readonly callsEnded: Map<string, number> = new Map();
  readonly #listener: MeterListener;
  /** Of transfers that run: bytes counted so far. Forgotten with their last event. */
  readonly #stored = new Map<string, number>();
  readonly #delivered = new Map<string, number>();
  /** Transfers that are not over. */
  readonly #running = new Map<string, Running>();

  constructor(listener: MeterListener) {
    this.#listener = listener;
  }

  call(detail: CallDetail): void {
    count(this.callsEnded, String(detail.status));
    this.#listener.callOver(detail);
  }

  media(event: MediaEvent): void {
    if (event.type === 'ingest-progress' || event.type === 'ingest-ended')
      this.storedBytes += grown(this.#stored, event.transfer, event.stored);
    if (event.type === 'delivery-progress' || event.type === 'delivery-ended')
      this.deliveredBytes += grown(this.#delivered, event.transfer, event.delivered);
    if (event.type === 'ingest-ended') {
      this.#stored.delete(event.transfer);
      this.#reception(event.reception);
    }
    if (event.type === 'delivery-ended') this.#delivered.delete(event.transfer);
  }

  /** Each change of a record, but for its removal; the first in a terminal state counts. */
  record(record: TransferRecord): void {
    const { id, ingest, delivery, deletedAt } = record;
    if (deletedAt !== undefined) return;
    const running = this.#running.get(id) ?? {};
    this.#running.set(id, running);
    this.#spans(running, record);
    if (!isTerminal(ingest)) return;
    this.#end(running, record);
    if (!isOver(delivery)) return;
    this.#running.delete(id);
    this.#listener.transferOver(record);
  }

  #end(running: Running, { ingest, reason }: TransferRecord): void {
    if (running.ended) return;
    running.ended = true;
    count(this.ended, ingest);
    if (reason !== undefined) this.error(reason);
  }

  /** What a party is told. */
  told(event: InCallEvent): void {
    if (event.type === 'error') this.error(event.code);
  }

  error(code: string): void {
    count(this.errors, code);
  }

  #reception(reception: ReceptionCounts): void {
    for (const fate of STREAM_FATES) count(this.fates, fate, reception[fate]);
  }

  /** A span is told once, when its second end is seen. */
  #spans(running: Running, { ingest, delivery, changedAt }: TransferRecord): void {
    if (ingest === 'storing') running.storing ??= changedAt;
    if (ingest === 'settling') running.settling ??= changedAt;
    if (delivery === 'offered' && running.offered === undefined) {
      running.offered = changedAt;
      this.#tell('threshold', running.storing, changedAt);
    }
    if (delivery === 'delivering') {
      this.#tell('offer', running.offered, changedAt);
      delete running.offered;
    }
    if (isTerminal(ingest)) {
      this.#tell('settling', running.settling, changedAt);
      delete running.settling;
    }
  }

  #tell(span: Span, from: number | undefined, to: number): void {
    if (from !== undefined) this.#listener.span(span, Math.max(0, to - from) / 1_000);
  }
}

function count(counts: Map<string, number>, key: string, more = 1): void {
  counts.set(key, (counts.get(key) ?? 0) + more);
}

function grown(known: Map<string, number>, transfer: string, bytes: number): number {
  const before = known.get(transfer) ?? 0;
  known.set(transfer, bytes);
  return Math.max(0, bytes - before);
}
