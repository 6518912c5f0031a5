import { fail, ok, type Result } from '../base/result.ts';
import { contactOf, freeHeaders } from './command.ts';
import type { Environment } from './environment.ts';
import { isToken } from './grammar.ts';
import { header, headerValue, type Header, type SipResponse } from './message.ts';
import { parseNameAddr } from './name-addr.ts';
import { CONTACT_METHODS } from './new-request.ts';
import { lists, RELIABLE, TIMER } from './option-tags.ts';
import { responseTo } from './response.ts';
import type { ServerRequest } from './server-request.ts';
import {
  agreeAsServer,
  REFRESHING,
  type ServerAgreement,
  type SessionAgreement,
} from './session-agreement.ts';
import { statusClass } from './status.ts';

/** The wire protocol's text. */
const NO_100REL = 'Remote endpoint does not support 100rel';
const NO_PROVISIONAL = 'a provisional response to a request other than INVITE';
const TOO_MANY = 'too many provisional responses wait for a PRACK';

/** What goes to the network, and what it means. */
export interface Composed {
  readonly response: SipResponse;
  /** Its number, if it is to be sent until a PRACK comes. */
  readonly rseq: number | undefined;
  /** The session timer that it agrees to; undefined also when it can't agree to any. */
  readonly session: SessionAgreement | undefined;
}

interface Parts {
  readonly contact: readonly Header[];
  /** Of the application's own headers, those that go out. */
  readonly free: readonly Header[];
  readonly rseq: number | undefined;
}

/**
 * What goes to the network for an application's answer (RFC 3261 §8.2.6). Of its own headers, those that name the
 * transaction are replaced; a `tag` on the To of its first answer is taken over.
 * @returns the response, or the wire protocol's text of what is wrong.
 */
export function composeAnswer(
  env: Environment,
  request: ServerRequest,
  given: SipResponse,
): Result<Composed, string> {
  const reliably = reliability(env, request, given);
  if (!reliably.ok) return reliably;
  const free = freeHeaders(env, given);
  if (!free.ok) return free;
  if (!request.heard) request.tag = tagOf(given) ?? request.tag;
  const rseq = reliably.value ? request.provisionals.number() : undefined;
  return ok(
    composed(request, given, { contact: contactFor(env, request, given), free: free.value, rseq }),
  );
}

function composed(
  request: ServerRequest,
  given: SipResponse,
  { contact, free, rseq }: Parts,
): Composed {
  const session = sessionOf(request, given);
  const headers = [
    ...contact,
    ...(session === undefined ? free : [...withoutSession(free), ...session.headers]),
    ...(rseq === undefined ? [] : reliableHeaders(given, rseq)),
  ];
  const { status, reason, body } = given;
  const options = { status, reason, tag: request.tag, headers, body };
  return { response: responseTo(request.incoming.message, options), rseq, session };
}

/** Whether it is to be sent until it is acknowledged: if the application wants it so, or the peer insists (RFC 3262 §3). */
function reliability(
  env: Environment,
  request: ServerRequest,
  { status, headers }: SipResponse,
): Result<boolean, string> {
  const { isInvite, incoming } = request;
  if (status < 200 && !isInvite) return fail(NO_PROVISIONAL);
  if (status <= 100 || status >= 200) return ok(false);
  const insists = lists(incoming.message.headers, 'require', RELIABLE);
  const wanted = lists(headers, 'require', RELIABLE);
  if (!insists && !wanted) return ok(false);
  if (!insists && !lists(incoming.message.headers, 'supported', RELIABLE)) return fail(NO_100REL);
  if (!request.provisionals.full) return ok(true);
  env.count('refused-provisionals-full');
  return fail(TOO_MANY);
}

const reliableHeaders = ({ headers }: SipResponse, rseq: number): readonly Header[] => [
  ...(lists(headers, 'require', RELIABLE) ? [] : [header('Require', RELIABLE)]),
  header('RSeq', String(rseq)),
];

/** A 2xx to INVITE or UPDATE says how long the session lasts (RFC 4028 §9). */
function sessionOf(
  { incoming, dialog }: ServerRequest,
  given: SipResponse,
): ServerAgreement | undefined {
  const refreshes = REFRESHING.has(incoming.message.method) && statusClass(given.status) === '2xx';
  if (!refreshes) return undefined;
  return agreeAsServer(incoming.message, given, dialog?.session?.agreement);
}

/** Our own say goes before the application's wish. */
const withoutSession = (headers: readonly Header[]): readonly Header[] =>
  headers.filter(
    ({ key, value }) =>
      key !== 'session-expires' && !(key === 'require' && value.toLowerCase() === TIMER),
  );

/** A Contact where a dialog may come of the answer (§12.1.1), or where the application wrote one, as in a 302. */
function contactFor(
  env: Environment,
  { incoming }: ServerRequest,
  { status, headers }: SipResponse,
): readonly Header[] {
  const lasting = status > 100 && status < 300 && CONTACT_METHODS.has(incoming.message.method);
  const given = headerValue(headers, 'contact') !== undefined;
  return lasting || given ? [contactOf(env, headers, incoming.flow.transport)] : [];
}

/** The tag that an application puts on the To of its first answer. */
function tagOf({ headers }: SipResponse): string | undefined {
  const to = parseNameAddr(headerValue(headers, 'to') ?? '');
  const tag = to.ok ? (to.value.params.get('tag') ?? '') : '';
  return isToken(tag) ? tag : undefined;
}
