import { fail, ok, type Result } from '../base/result.ts';
import { contactOf, freeHeaders, withLocalHost } from './command.ts';
import { parseCSeq, type CSeq } from './cseq.ts';
import type { Environment } from './environment.ts';
import { isCallId, isToken } from './grammar.ts';
import { header, headerValue, type Header, type SipRequest } from './message.ts';
import { parseNameAddr, writeNameAddr } from './name-addr.ts';
import { routed } from './route-set.ts';
import { hostPort, type Transport } from './transport.ts';

/** Methods whose requests set the peer's view of where we are: they carry a Contact (RFC 3261 §8.1.1.8, §12.2.1.1). */
export const CONTACT_METHODS: ReadonlySet<string> = new Set([
  'INVITE',
  'NOTIFY',
  'REFER',
  'SUBSCRIBE',
  'UPDATE',
]);

/** Hops a request may make (RFC 3261 §8.1.1.6). */
const MAX_FORWARDS = '70';

interface NextHop {
  readonly transport: Transport;
  readonly branch: string;
  /** Proxies to go through, in order. */
  readonly routeSet: readonly string[];
}

/**
 * A request outside a dialog, from what the application gave (RFC 3261 §8.1.1). It may choose From, To, Call-ID, CSeq,
 * Max-Forwards and Contact; what it leaves out is made up.
 * @returns the request, or the wire protocol's text of what is wrong.
 */
export function newRequest(
  env: Environment,
  given: SipRequest,
  hop: NextHop,
): Result<SipRequest, string> {
  const free = freeHeaders(env, given);
  if (!free.ok) return free;
  const parties = partiesOf(env, given);
  if (!parties.ok) return parties;
  const cseq = cseqOf(given);
  const callId = headerValue(given.headers, 'call-id') ?? env.newCallId();
  if (cseq === undefined || !isCallId(callId)) return fail('invalid call-id or cseq');
  const contact = needsContact(given) ? [contactOf(env, given.headers, hop.transport)] : [];
  const { uri, routes } = routed(hop.routeSet, given.uri);
  return ok({
    ...given,
    uri,
    version: '2.0',
    headers: [
      viaHeader(env, hop.transport, hop.branch),
      ...routes.map((route) => header('Route', route)),
      header('Max-Forwards', headerValue(given.headers, 'max-forwards') ?? MAX_FORWARDS),
      ...parties.value,
      header('Call-ID', callId),
      header('CSeq', `${cseq.sequence} ${cseq.method}`),
      ...contact,
      ...free.value,
    ],
  });
}

/** Our tag, of a request that is complete. */
export function fromTagOf({ headers }: SipRequest): string {
  const from = parseNameAddr(headerValue(headers, 'from') ?? '');
  return from.ok ? (from.value.params.get('tag') ?? '') : '';
}

/** Our Via, which asks to be answered where we send from (RFC 3581 §3). */
export function viaHeader(env: Environment, transport: Transport, branch: string): Header {
  const sentBy = hostPort(env.localOf(transport));
  return header('Via', `SIP/2.0/${transport.toUpperCase()} ${sentBy};rport;branch=${branch}`);
}

/** A Contact where the method needs one, or where the application wrote one, as in REGISTER. */
export const needsContact = ({ method, headers }: SipRequest): boolean =>
  CONTACT_METHODS.has(method) || headerValue(headers, 'contact') !== undefined;

function partiesOf(env: Environment, given: SipRequest): Result<readonly Header[], string> {
  const contact = headerValue(given.headers, 'contact') ?? `<sip:${hostPort(env.local)}>`;
  const from = parseNameAddr(
    withLocalHost(env, headerValue(given.headers, 'from') ?? withoutParams(contact)),
  );
  const to = parseNameAddr(
    withLocalHost(env, headerValue(given.headers, 'to') ?? `<${given.uri}>`),
  );
  if (!from.ok) return fail('invalid from');
  if (!to.ok) return fail('invalid to');
  const tag = from.value.params.get('tag') ?? env.newTag();
  if (!isToken(tag)) return fail('invalid from');
  const params = new Map(from.value.params).set('tag', tag);
  return ok([
    header('From', writeNameAddr({ ...from.value, params })),
    header('To', writeNameAddr(to.value)),
  ]);
}

/** Only the URI of a Contact makes sense in a From. */
function withoutParams(contact: string): string {
  const parsed = parseNameAddr(contact);
  return parsed.ok ? `<${parsed.value.uri}>` : contact;
}

function cseqOf({ headers, method }: SipRequest): CSeq | undefined {
  const given = headerValue(headers, 'cseq');
  if (given === undefined) return { sequence: 1, method };
  const parsed = parseCSeq(given);
  return parsed.ok && parsed.value.method === method ? parsed.value : undefined;
}
