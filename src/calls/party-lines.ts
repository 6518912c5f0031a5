import { randomHex } from '../base/clock.ts';
import type { Clock, Random } from '../base/clock.ts';
import type { Log } from '../base/log.ts';
import type { InCallEvent } from '../incall/events.ts';
import { writeEvent } from '../incall/events.ts';
import { INFO_HEADERS } from '../incall/info-package.ts';
import { textOf } from '../incall/texts.ts';
import type { StateStore } from '../state/state-store.ts';
import type { Parties, Party } from '../transfers/ports.ts';
import type { Leg } from './call.ts';
import type { Calls } from './calls.ts';
import { phones } from './directory.ts';
import type { Target, WayTo } from './directory.ts';
import { KeptWords } from './kept-words.ts';
import { deliver } from './message-relay.ts';
import { dialogRequest } from './sip-application.ts';
import type { SipApplication } from './sip-application.ts';
import type { Trunk } from './trunks/trunk.ts';

const MESSAGE_ID_BYTES = 8;
/** Messages waiting for one party's phone to answer the one before. Beyond, a status is dropped: the next one says more. */
export const WAITING_MAX = 64;
const TEXT = 'text/plain;charset=UTF-8';

export interface PartyLinePorts {
  readonly application: Pick<SipApplication, 'request'>;
  readonly state: Pick<StateStore, 'bindings'>;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
  /** Where a text to somebody outside goes, when it can't go inside the call. */
  readonly waysOut?: (trunk: Trunk, number: string) => readonly Target[];
  readonly wayTo?: WayTo;
  /** From of a text: `sip:midcall@domain`. */
  readonly serviceUri: string;
}

/** What of it is for the log: never the words. */
type Said = InCallEvent['type'] | 'text';

interface Line {
  waiting: number;
  /** The end of the queue. */
  last: Promise<void>;
}

/**
 * The way back to people: events become INFO for a phone that takes our package, and a text MESSAGE for any other
 * (docs/in-call-protocol.md §1). One message at a time per party, so that they arrive in order.
 */
export class PartyLines implements Omit<Parties, 'offer'> {
  readonly #ports: PartyLinePorts;
  readonly #calls: Calls;
  readonly #lines = new Map<string, Line>();
  readonly #kept = new KeptWords();
  readonly #opened: Promise<void>;
  #open: () => void = () => {};
  /** Messages that no phone took. */
  #undelivered = 0;
  /** Statuses that found the line full. */
  #dropped = 0;

  constructor(ports: PartyLinePorts, calls: Calls) {
    this.#ports = ports;
    this.#calls = calls;
    this.#opened = new Promise((resolve) => (this.#open = resolve));
  }

  /** The SIP server is there: what recovery said before that goes out now, and all else as it comes. */
  open(): void {
    this.#open();
  }

  /** A phone of this number is there (again): it hears the last words that no phone took. */
  registered(number: string): void {
    for (const event of this.#kept.take(number)) this.tell({ number }, event);
  }

  get undelivered(): number {
    return this.#undelivered;
  }

  get dropped(): number {
    return this.#dropped;
  }

  async inCall(number: string, call: string | undefined): Promise<Party | undefined> {
    return this.#calls.find(number, call)?.party;
  }

  async reachable(number: string): Promise<Party | undefined> {
    const party = await this.inCall(number, undefined);
    if (party !== undefined) return party;
    const { state, clock } = this.#ports;
    const bindings = await state.bindings(number, clock.wallclock());
    return bindings.length > 0 ? { number } : undefined;
  }

  tell(party: Party, event: InCallEvent): void {
    this.#queue(party, event.type, () => this.#send(party, event));
  }

  /** A text in so many words, in turn with all else that the party is told, whatever its phone could read. */
  say(party: Party, text: string): void {
    this.#queue(party, 'text', () => this.#speak(party, 'text', text));
  }

  #queue(party: Party, what: Said, send: () => Promise<unknown>): void {
    const key = `${party.leg?.call ?? ''};${party.leg?.side ?? party.number}`;
    const line = this.#lines.get(key) ?? { waiting: 0, last: this.#opened };
    const isFull = line.waiting >= WAITING_MAX;
    if (isFull && what === 'transfer-status') {
      this.#dropped += 1;
      return;
    }
    this.#lines.set(key, line);
    line.waiting += 1;
    line.last = line.last
      .then(send)
      .then(
        () => undefined,
        (cause: unknown) => this.#failed(party, what, cause),
      )
      .finally(() => {
        line.waiting -= 1;
        if (line.waiting === 0) this.#lines.delete(key);
      });
  }

  async #send(party: Party, event: InCallEvent): Promise<void> {
    const leg = this.#calls.legOf(party);
    if (party.leg !== undefined && leg === undefined) return;
    if (leg?.takesInfo) return this.#info(leg, event);
    const text = textOf(event);
    if (text === undefined) return;
    const isTold = await this.#speak(party, event.type, text);
    const isLastWord = event.type === 'transfer-complete' && party.leg === undefined;
    if (!isTold && isLastWord) this.#kept.keep(party.number, event);
  }

  /** @returns whether a phone took it. */
  async #speak(party: Party, what: Said, text: string): Promise<boolean> {
    const status = await this.#text(party, this.#calls.legOf(party), text).catch((cause: unknown) =>
      this.#failed(party, what, cause),
    );
    if (status !== undefined && status >= 300) this.#failed(party, what, status);
    return status !== undefined && status < 300;
  }

  async #info(leg: Leg, event: InCallEvent): Promise<void> {
    if (!leg.dialog.connected) return;
    const body = writeEvent(event, randomHex(this.#ports.random, MESSAGE_ID_BYTES));
    const { response } = await dialogRequest(leg.dialog, {
      method: 'INFO',
      headers: { ...INFO_HEADERS },
      body,
    });
    if (response.status >= 300) this.#failed(leg.party, event.type, response.status);
  }

  /** @returns the answer's status; undefined when the number is nowhere. */
  async #text(party: Party, leg: Leg | undefined, text: string): Promise<number | undefined> {
    const inside = leg?.trunk === undefined ? undefined : await this.#inside(leg, text);
    if (inside !== undefined && inside < 300) return inside;
    const targets = await this.#targets(party.number, leg?.trunk);
    if (targets.length === 0) return inside;
    const { application } = this.#ports;
    return (await deliver(application, targets, { contentType: TEXT, body: text })).status;
  }

  /** Somebody behind a trunk has no address of record here: the call is the way that is sure to lead there. */
  async #inside(leg: Leg, body: string): Promise<number | undefined> {
    if (!leg.dialog.connected) return undefined;
    const headers = { 'Content-Type': TEXT };
    return (await dialogRequest(leg.dialog, { method: 'MESSAGE', headers, body })).response.status;
  }

  async #targets(number: string, trunk: Trunk | undefined): Promise<readonly Target[]> {
    const { state, clock, serviceUri, waysOut, wayTo } = this.#ports;
    const headers = { From: `<${serviceUri}>` };
    if (trunk !== undefined)
      return (waysOut?.(trunk, number) ?? []).map((way) => ({
        ...way,
        headers: { ...way.headers, ...headers },
      }));
    const bindings = await state.bindings(number, clock.wallclock());
    return phones(number, bindings, headers, wayTo);
  }

  #failed(party: Party, what: Said, cause: unknown): undefined {
    this.#undelivered += 1;
    const { number, leg } = party;
    const facts = { number, call: leg?.call, type: what, cause: String(cause) };
    this.#ports.log.warn('party.not-told', facts);
  }
}
