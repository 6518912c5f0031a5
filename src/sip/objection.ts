import type { AppConnections } from './app-connections.ts';
import type { Counter } from './counters.ts';
import { contactUri, type Envelope, type Incoming } from './envelope.ts';
import { splitList } from './header-list.ts';
import { header, headersNamed, headerValue, type Header, type SipRequest } from './message.ts';
import { parseCount } from './grammar.ts';
import { parseNameAddr } from './name-addr.ts';
import { CONTACT_METHODS } from './new-request.ts';
import { RELIABLE, TIMER } from './option-tags.ts';
import type { Status } from './status.ts';
import { parseUri } from './uri.ts';

/** Why a request outside of dialogs is not even shown to an application. */
export interface Objection {
  readonly status: Status;
  /** Instead of the status' own phrase. */
  readonly reason?: string;
  readonly headers?: readonly Header[];
  readonly counter: Counter;
}

/** Schemes of the Request-URI that an application may know what to do with: calls, numbers, services (RFC 5031). */
const SCHEMES: ReadonlySet<string> = new Set(['sip', 'sips', 'tel', 'urn']);
/**
 * Extensions that a peer may require (§8.2.2.3); anything else is refused, never ignored, since the application can't say what
 * it understands. The first two are this server's own work, whatever the application does.
 */
const OPTION_TAGS: ReadonlySet<string> = new Set([RELIABLE, TIMER]);
/** RFC 3327: a registrar's work. Of other requests nobody can require it. */
const PATH = 'path';
/** RFC 3261 §20.22. */
const MAX_FORWARDS_MAX = 255;
/** The offer of a call. A multipart body may hold one. */
const SDP = 'application/sdp';
const OFFER_TYPES = /^(?:application\/sdp|multipart\/[a-z-]+)$/;
const TAKES_SDP: ReadonlySet<string> = new Set([SDP, 'application/*', '*/*']);

/** The IANA registry of methods. */
const METHODS: ReadonlySet<string> = new Set(
  'ACK BYE CANCEL INFO INVITE MESSAGE NOTIFY OPTIONS PRACK PUBLISH REFER REGISTER SUBSCRIBE UPDATE'.split(
    ' ',
  ),
);

/** Whether somebody, somewhere, may know this method. */
export const isRegisteredMethod = (method: string): boolean => METHODS.has(method);

type Check = (request: SipRequest, envelope: Envelope) => Objection | undefined;

/** RFC 3261 §8.2.2 and §8.2.3, in their order; the method (§8.2.1) last, since only applications know. */
const CHECKS: readonly Check[] = [
  uriOf,
  contactOf,
  callOf,
  registeredOf,
  hopsOf,
  required,
  offered,
  accepted,
];

/**
 * The strict look at a request that would begin something. Requests inside dialogs are spared: a phone that was let in
 * shall be able to hang up, whatever it writes.
 */
export function objectionTo({ message, envelope }: Incoming<SipRequest>): Objection | undefined {
  for (const check of CHECKS) {
    const objection = check(message, envelope);
    if (objection !== undefined) return objection;
  }
  return undefined;
}

/**
 * No application wants the method (§8.2.1): 405 when it is one of SIP's, 501 when nobody knows it. Without any
 * application, 503: there may be one in a moment.
 */
export function unserved(apps: AppConnections, method: string): Objection {
  const { methods } = apps;
  if (methods.length === 0) return { status: 503, counter: 'refused-no-application' };
  if (!isRegisteredMethod(method)) return unsupported(501);
  return unsupported(405, [header('Allow', [...methods, 'ACK', 'CANCEL'].join(', '))]);
}

/** §8.2.2.1, and §19.1.1: a Request-URI carries no headers. */
function uriOf({ uri }: SipRequest): Objection | undefined {
  const scheme = /^[A-Za-z][A-Za-z0-9+\-.]*(?=:)/.exec(uri)?.[0].toLowerCase();
  if (scheme === undefined) return malformed('Malformed Request-URI');
  if (!SCHEMES.has(scheme)) return unsupported(416);
  if (!scheme.startsWith('sip')) return undefined;
  const parsed = parseUri(uri);
  if (!parsed.ok) return malformed('Malformed Request-URI');
  return parsed.value.headers === '' ? undefined : malformed('Headers in the Request-URI');
}

function contactOf({ method, headers }: SipRequest): Objection | undefined {
  if (method !== 'REGISTER' && !CONTACT_METHODS.has(method)) return undefined;
  const readable = listed(headers, 'contact').every(
    (contact) => contact === '*' || parseNameAddr(contact).ok,
  );
  return readable ? undefined : malformed('Malformed Contact');
}

/** Without a tag and a Contact of the caller there can be no dialog (§8.1.1.8, §12.1.1). */
function callOf({ method, headers }: SipRequest, { fromTag }: Envelope): Objection | undefined {
  if (method !== 'INVITE') return undefined;
  if (fromTag === '') return malformed('From Without a Tag');
  return contactUri(headers) === undefined ? malformed('Contact Missing') : undefined;
}

/** An address of record is a SIP or SIPS URI (§10.2). */
function registeredOf({ method, headers }: SipRequest): Objection | undefined {
  if (method !== 'REGISTER') return undefined;
  const to = parseNameAddr(headerValue(headers, 'to') ?? '');
  return to.ok && parseUri(to.value.uri).ok ? undefined : malformed('To Is Not a SIP Address');
}

function hopsOf({ headers }: SipRequest): Objection | undefined {
  const hops = headersNamed(headers, 'max-forwards');
  const fine = hops.every(({ value }) => parseCount(value, MAX_FORWARDS_MAX) !== undefined);
  return fine && hops.length <= 1 ? undefined : malformed('Malformed Max-Forwards');
}

/** §8.2.2.3. Proxy-Require is not for us: we are no proxy. */
function required({ method, headers }: SipRequest): Objection | undefined {
  const isKnown = (tag: string): boolean =>
    OPTION_TAGS.has(tag) || (tag === PATH && method === 'REGISTER');
  const unknown = listed(headers, 'require').filter((tag) => !isKnown(tag.toLowerCase()));
  if (unknown.length === 0) return undefined;
  return unsupported(420, [header('Unsupported', unknown.join(', '))]);
}

/** §8.2.3: what comes with a new call must be an offer, unless the sender says that it may be ignored. */
function offered({ method, headers, body }: SipRequest): Objection | undefined {
  const type = headerValue(headers, 'content-type');
  if (method !== 'INVITE' || body.length === 0 || type === undefined) return undefined;
  const optional = /;[ \t]*handling[ \t]*=[ \t]*optional/i.test(
    headerValue(headers, 'content-disposition') ?? '',
  );
  if (optional || OFFER_TYPES.test(mediaType(type))) return undefined;
  return unsupported(415, [header('Accept', SDP)]);
}

/** Who calls must take an answer (§20.1): without an Accept, SDP is meant. */
function accepted({ method, headers }: SipRequest): Objection | undefined {
  if (method !== 'INVITE' || headerValue(headers, 'accept') === undefined) return undefined;
  const takes = listed(headers, 'accept').some((range) => TAKES_SDP.has(mediaType(range)));
  return takes ? undefined : unsupported(406);
}

const mediaType = (value: string): string =>
  value.replace(/;.*/s, '').replaceAll(/\s/g, '').toLowerCase();

/** All elements of all headers of that name. */
const listed = (headers: readonly Header[], key: string): readonly string[] =>
  headersNamed(headers, key).flatMap(({ value }) => splitList(value));

const malformed = (reason: string): Objection => ({
  status: 400,
  reason,
  counter: 'refused-bad-request',
});

const unsupported = (status: Status, headers: readonly Header[] = []): Objection => ({
  status,
  headers,
  counter: 'refused-unsupported',
});
