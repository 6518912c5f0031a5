import type { InCallEvent, ReceiveOffer, StoragePrompt } from '../incall/events.ts';
import { normalCode } from '../transfers/prompt-code.ts';

/** Of each kind and person: more than anybody keeps in mind. The oldest is forgotten. */
export const INVITATIONS_MAX = 8;
/** People remembered; beyond, the one told longest ago is forgotten, who then has to type a code, or look into the storage. */
export const PEOPLE_MAX = 10_000;

interface Told {
  prompts: readonly StoragePrompt[];
  offers: readonly ReceiveOffer[];
}

/**
 * What people were told and can refer to: `/send` answers the last prompt, `/play` the last offer, without typing a token of 32
 * characters. A phone that speaks our INFO keeps that itself.
 */
export class Invitations {
  /** By number; the map's order is that of the last invitation. */
  readonly #told = new Map<string, Told>();

  /** Hears all that a person is told. */
  note(number: string, event: InCallEvent): void {
    if (event.type === 'transfer-complete') this.#forget(number, event.transfer);
    if (event.type !== 'storage-prompt' && event.type !== 'receive-offer') return;
    const told = this.#told.get(number) ?? { prompts: [], offers: [] };
    if (event.type === 'storage-prompt') told.prompts = withNewest(told.prompts, event);
    else told.offers = withNewest(told.offers, event);
    this.#told.delete(number);
    this.#told.set(number, told);
    const oldest = this.#told.keys().next();
    if (this.#told.size > PEOPLE_MAX && !oldest.done) this.#told.delete(oldest.value);
  }

  /** The newest prompt of a person, or the one with that code. */
  prompt(number: string, code?: string): StoragePrompt | undefined {
    const prompts = this.#told.get(number)?.prompts ?? [];
    if (code === undefined) return prompts.at(-1);
    return prompts.find((prompt) => prompt.code === normalCode(code));
  }

  /** The newest offer of a person, or the one whose transfer begins like that. */
  offer(number: string, transfer = ''): ReceiveOffer | undefined {
    return this.#told.get(number)?.offers.findLast((offer) => offer.transfer.startsWith(transfer));
  }

  #forget(number: string, transfer: string): void {
    const told = this.#told.get(number);
    if (told === undefined) return;
    told.prompts = told.prompts.filter((prompt) => prompt.transfer !== transfer);
    told.offers = told.offers.filter((offer) => offer.transfer !== transfer);
    if (told.prompts.length + told.offers.length === 0) this.#told.delete(number);
  }
}

const withNewest = <Event extends { readonly transfer: string }>(
  known: readonly Event[],
  newest: Event,
): readonly Event[] =>
  [...known.filter(({ transfer }) => transfer !== newest.transfer), newest].slice(-INVITATIONS_MAX);
