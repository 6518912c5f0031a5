import type { InCallEvent } from '../incall/events.ts';

/** Of one person: more than anybody takes part in at once. The oldest is forgotten, and has to be named in full. */
export const TRANSFERS_MAX = 8;
/** People remembered; beyond, the one told longest ago is forgotten. */
export const PEOPLE_MAX = 10_000;

interface FarTransfer {
  readonly transfer: string;
  readonly node: string;
}

/** Transfers of other nodes in which people here take part, as they were told: what `/status` and `/cancel` mean without an id. */
export class FarTransfers {
  /** By number; the map's order is that of the last event. */
  readonly #told = new Map<string, readonly FarTransfer[]>();

  /** Hears what another node says to somebody here. */
  note(number: string, event: InCallEvent, node: string): void {
    const transfer = 'transfer' in event ? event.transfer : undefined;
    if (transfer === undefined || event.type === 'error') return;
    const others = (this.#told.get(number) ?? []).filter((known) => known.transfer !== transfer);
    const isOver = event.type === 'transfer-complete' || event.type === 'transfer-deleted';
    const told = isOver ? others : [...others, { transfer, node }].slice(-TRANSFERS_MAX);
    this.#told.delete(number);
    if (told.length > 0) this.#told.set(number, told);
    const oldest = this.#told.keys().next();
    if (this.#told.size > PEOPLE_MAX && !oldest.done) this.#told.delete(oldest.value);
  }

  /** The node of the newest transfer of a person, or of the one whose id begins like that. */
  node(number: string, beginning = ''): string | undefined {
    const told = this.#told.get(number) ?? [];
    return told.findLast(({ transfer }) => transfer.startsWith(beginning))?.node;
  }
}
