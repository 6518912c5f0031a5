import type { Clock } from '../base/clock.ts';
import { wallclock } from '../base/units.ts';
import { numberOf } from '../incall/number.ts';
import type { Binding, StateStore } from '../state/state-store.ts';
import type { Authenticator } from './authenticator.ts';
import { parsePath } from './contact.ts';
import type { SipRequest, SipResponse } from './sip-application.ts';
import { headerOf } from './sip-messages.ts';

/** RFC 3261 §10.3: what a phone may ask for, in seconds. */
export const EXPIRES = { min: 60, default: 3_600, max: 7_200 };
/** Phones a subscriber can have at once. */
export const CONTACTS_MAX = 10;
const MS_PER_SECOND = 1_000;

type Bindings = Pick<StateStore, 'putBinding' | 'removeBinding' | 'bindings'>;

interface WantedContact {
  readonly uri: string;
  /** Seconds; 0 removes. */
  readonly expires: number;
}

export interface RegistrarHere {
  /** This node's name. */
  readonly node: string;
  /** Told of each number that can be reached from now on, once its phone has the answer. */
  readonly registered: (number: string) => void;
}

/** REGISTER (RFC 3261 §10.3): who can be called, and where. */
export class Registrar {
  readonly #authenticator: Authenticator;
  readonly #bindings: Bindings;
  readonly #clock: Clock;
  readonly #here: RegistrarHere;

  constructor(authenticator: Authenticator, bindings: Bindings, clock: Clock, here: RegistrarHere) {
    this.#authenticator = authenticator;
    this.#bindings = bindings;
    this.#clock = clock;
    this.#here = here;
  }

  async register(request: SipRequest, response: SipResponse): Promise<void> {
    const subscriber = await this.#authenticator.authenticate(request, response, 'registrar');
    if (subscriber === undefined) return;
    if (numberOf(request.getParsedHeader('to').uri) !== subscriber.id) return response.send(403);
    const known = await this.#bindings.bindings(subscriber.id, this.#clock.wallclock());
    const callId = request.get('Call-ID');
    const cseq = Number.parseInt(request.get('CSeq'), 10);
    if (known.some((binding) => binding.callId === callId && binding.cseq >= cseq))
      return response.send(500, 'CSeq Out Of Order');
    const wanted = wantedContacts(request, known);
    if (wanted === undefined) return response.send(400, 'Bad Contact');
    const pathHeader = headerOf(request, 'Path');
    const path = pathHeader === undefined ? [] : parsePath(pathHeader);
    if (path === undefined) return response.send(400, 'Bad Path');
    const tooBrief = wanted.some(({ expires }) => expires > 0 && expires < EXPIRES.min);
    if (tooBrief)
      return response.send(423, undefined, { headers: { 'Min-Expires': String(EXPIRES.min) } });
    if (contactsAfter(known, wanted) > CONTACTS_MAX) return response.send(403, 'Too Many Contacts');
    await this.#change(subscriber.id, request, { wanted, path });
    await this.#answer(subscriber.id, response, path);
    if (wanted.some(({ expires }) => expires > 0)) this.#here.registered(subscriber.id);
  }

  async #change(
    subscriber: string,
    request: SipRequest,
    { wanted, path }: { wanted: readonly WantedContact[]; path: readonly string[] },
  ): Promise<void> {
    const { source_address, source_port, protocol } = request;
    for (const { uri, expires } of wanted) {
      if (expires === 0) await this.#bindings.removeBinding(subscriber, uri);
      else
        await this.#bindings.putBinding(subscriber, {
          contact: uri,
          source: { protocol, address: source_address, port: Number(source_port) },
          ...(path.length === 0 ? {} : { path }),
          node: this.#here.node,
          callId: request.get('Call-ID'),
          cseq: Number.parseInt(request.get('CSeq'), 10),
          expiresAt: wallclock(this.#clock.wallclock() + expires * MS_PER_SECOND),
        });
    }
  }

  /** §10.3 step 8: all current bindings, each with the seconds it has left; and the Path as it came (RFC 3327 §5.3). */
  async #answer(subscriber: string, response: SipResponse, path: readonly string[]): Promise<void> {
    const now = this.#clock.wallclock();
    const bindings = await this.#bindings.bindings(subscriber, now);
    const contacts = bindings.map(
      ({ contact, expiresAt }) =>
        `<${contact}>;expires=${Math.max(0, Math.ceil((expiresAt - now) / MS_PER_SECOND))}`,
    );
    response.send(200, undefined, {
      headers: {
        ...(contacts.length > 0 ? { Contact: contacts.join(', ') } : {}),
        ...(path.length > 0 ? { Path: path.join(', ') } : {}),
      },
    });
  }
}

/** The contacts of a REGISTER; `*` removes all (§10.2.2). @returns undefined when the header is wrong. */
function wantedContacts(
  request: SipRequest,
  known: readonly Binding[],
): readonly WantedContact[] | undefined {
  const contact = headerOf(request, 'Contact');
  if (contact === undefined) return [];
  const header = secondsOf(headerOf(request, 'Expires'));
  if (contact.trim() === '*')
    return header === 0 ? known.map(({ contact }) => ({ uri: contact, expires: 0 })) : undefined;
  const wanted = request.getParsedHeader('contact').map(({ uri, params }) => ({
    uri,
    expires: Math.min(EXPIRES.max, secondsOf(params['expires']) ?? header ?? EXPIRES.default),
  }));
  const isUsable = wanted.every(({ uri }) => /^sips?:[^\s<>"]{1,255}$/i.test(uri));
  return isUsable ? wanted : undefined;
}

/** How many contacts there are once this is done. */
function contactsAfter(known: readonly Binding[], wanted: readonly WantedContact[]): number {
  const contacts = new Set(known.map(({ contact }) => contact));
  for (const { uri, expires } of wanted)
    if (expires === 0) contacts.delete(uri);
    else contacts.add(uri);
  return contacts.size;
}

const secondsOf = (text: string | undefined): number | undefined =>
  text !== undefined && /^\d{1,10}$/.test(text.trim()) ? Number(text) : undefined;
