import type { MediaEvent } from '../transfers/media-plane.ts';
import type { Parties } from '../transfers/ports.ts';
import type { TransferRecord } from '../transfers/record.ts';
import { isTerminal } from '../transfers/tables.ts';

/** Counts of the whole platform since start, for the operator. */
export class PlatformMeter {
  storedBytes = 0;
  deliveredBytes = 0;
  /** Error codes told to parties, or that transfers ended with. As many as there are codes. */
  readonly errors: Map<string, number> = new Map();
  /** Transfers by the state that they ended in. */
  readonly ended: Map<string, number> = new Map();
  /** Of transfers that run: bytes counted so far. Forgotten with their last event. */
  readonly #stored = new Map<string, number>();
  readonly #delivered = new Map<string, number>();
  /** Transfers whose ingest is not over. */
  readonly #running = new Set<string>();

  media(event: MediaEvent): void {
    if (event.type === 'ingest-progress' || event.type === 'ingest-ended')
      this.storedBytes += grown(this.#stored, event.transfer, event.stored);
    if (event.type === 'delivery-progress' || event.type === 'delivery-ended')
      this.deliveredBytes += grown(this.#delivered, event.transfer, event.delivered);
    if (event.type === 'ingest-ended') this.#stored.delete(event.transfer);
    if (event.type === 'delivery-ended') this.#delivered.delete(event.transfer);
  }

  /** Each change of a record; the first in a terminal state counts. */
  record({ id, ingest, reason }: TransferRecord): void {
    if (!isTerminal(ingest)) {
      this.#running.add(id);
      return;
    }
    if (!this.#running.delete(id)) return;
    count(this.ended, ingest);
    if (reason !== undefined) this.error(reason);
  }

  /** The way to people, with the errors that they are told counted. */
  counting(parties: Parties): Parties {
    return {
      inCall: (number, call) => parties.inCall(number, call),
      reachable: (number) => parties.reachable(number),
      offer: (party, transfer, sdp) => parties.offer(party, transfer, sdp),
      tell: (party, event) => {
        if (event.type === 'error') this.error(event.code);
        parties.tell(party, event);
      },
    };
  }

  error(code: string): void {
    count(this.errors, code);
  }
}

function count(counts: Map<string, number>, key: string): void {
  counts.set(key, (counts.get(key) ?? 0) + 1);
}

function grown(known: Map<string, number>, transfer: string, bytes: number): number {
  const before = known.get(transfer) ?? 0;
  known.set(transfer, bytes);
  return Math.max(0, bytes - before);
}
