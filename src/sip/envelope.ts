import { callId, type CallId } from '../base/units.ts';
import { fail, ok, type Result } from '../base/result.ts';
import { parseCSeq } from './cseq.ts';
import { isCallId, isToken } from './grammar.ts';
import { splitList } from './header-list.ts';
import { headerValue, type Header, type SipMessage } from './message.ts';
import { parseNameAddr } from './name-addr.ts';
import type { Flow } from './transport.ts';
import { parseVia, type Via } from './via.ts';

/** What every SIP message must carry (RFC 3261 §8.1.1), read once, when it arrives. */
export interface Envelope {
  /** The topmost. */
  readonly via: Via;
  /** How many Vias: one means that the sender is our direct neighbour. */
  readonly hops: number;
  /** '' when absent. */
  readonly fromTag: string;
  /** '' when absent. */
  readonly toTag: string;
  readonly callId: CallId;
  readonly sequence: number;
  /** The method in CSeq: for a response, that of its request. */
  readonly method: string;
}

/** A message from the network, with what was read of it and the way it came. */
export interface Incoming<M extends SipMessage = SipMessage> {
  readonly message: M;
  readonly envelope: Envelope;
  readonly flow: Flow;
}

export type EnvelopeFault =
  'bad-via' | 'bad-from' | 'bad-to' | 'bad-call-id' | 'bad-cseq' | 'bad-version';

/** @returns the fault of the first header at fault, Via first: without a Via nobody can be answered. */
export function readEnvelope(message: SipMessage): Result<Envelope, EnvelopeFault> {
  const top = topVia(message.headers);
  if (top === undefined) return fail('bad-via');
  if (message.kind === 'request' && message.version !== '2.0') return fail('bad-version');
  const call = readCall(message.headers);
  if (!call.ok) return call;
  const cseq = parseCSeq(only(message.headers, 'cseq') ?? '');
  if (!cseq.ok || !sameMethod(message, cseq.value.method)) return fail('bad-cseq');
  const { via, hops } = top;
  const { fromTag, toTag, callId: id } = call.value;
  const { sequence, method } = cseq.value;
  return ok({ via, hops, fromTag, toTag, callId: id, sequence, method });
}

/** Which call, and which side of it, by Call-ID and tags. */
function readCall(
  headers: readonly Header[],
): Result<Pick<Envelope, 'fromTag' | 'toTag' | 'callId'>, EnvelopeFault> {
  const fromTag = tagOf(headers, 'from');
  if (fromTag === undefined) return fail('bad-from');
  const toTag = tagOf(headers, 'to');
  if (toTag === undefined) return fail('bad-to');
  const id = only(headers, 'call-id');
  if (id === undefined || !isCallId(id)) return fail('bad-call-id');
  return ok({ fromTag, toTag, callId: callId(id) });
}

/** The topmost Via and the number of Vias, or undefined when the top one can't be read. */
export function topVia(headers: readonly Header[]): { via: Via; hops: number } | undefined {
  const values = splitList(headerValue(headers, 'via') ?? '');
  const via = parseVia(values[0] ?? '');
  if (!via.ok) return undefined;
  return { via: via.value, hops: countNamed(headers, 'via') + values.length - 1 };
}

/** The only header of that name: two are as bad as none (RFC 3261 §7.3.1). */
function only(headers: readonly Header[], key: string): string | undefined {
  return countNamed(headers, key) === 1 ? headerValue(headers, key) : undefined;
}

function countNamed(headers: readonly Header[], key: string): number {
  let count = 0;
  for (const each of headers) if (each.key === key) count++;
  return count;
}

/** The tag of From or To, '' without one, undefined when the header is missing, double or broken. */
function tagOf(headers: readonly Header[], key: 'from' | 'to'): string | undefined {
  const party = parseNameAddr(only(headers, key) ?? '');
  if (!party.ok) return undefined;
  const tag = party.value.params.get('tag') ?? '';
  return tag === '' || isToken(tag) ? tag : undefined;
}

const sameMethod = (message: SipMessage, method: string): boolean =>
  message.kind === 'response' || message.method === method;

/** The Contact's URI, or undefined when it is absent, `*` or unreadable. */
export function contactUri(headers: readonly Header[]): string | undefined {
  const first = splitList(headerValue(headers, 'contact') ?? '')[0];
  const contact = parseNameAddr(first ?? '');
  return contact.ok ? contact.value.uri : undefined;
}
