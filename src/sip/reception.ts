import type { Buffer } from 'node:buffer';
import { beginningOf } from './beginning.ts';
import {
  contactUri,
  readEnvelope,
  topVia,
  type Envelope,
  type EnvelopeFault,
  type Incoming,
} from './envelope.ts';
import { splitList } from './header-list.ts';
import { headerValue, withFirst, type SipMessage, type SipRequest } from './message.ts';
import { parseMessage } from './message-parser.ts';
import { refuse } from './refusal.ts';
import type { Stack } from './stack.ts';
import { isReliable, type Flow } from './transport.ts';
import type { Uas } from './uas.ts';
import { parseUri } from './uri.ts';
import { viaFrom, writeVia, type Via } from './via.ts';

/** The longest body, the same as drachtio-server takes; SDP of a video call has 3 KiB. */
export const BODY_BYTES_MAX = 8_192;

/** Parse faults that only say that there is too much of it. */
const TOO_LARGE: ReadonlySet<string> = new Set(['head-too-long', 'too-many-headers']);

/** Where messages of the network come in: what can't be read is dropped or refused here, the rest finds its owner. */
export class Reception {
  readonly #stack: Stack;
  readonly #uas: Uas;

  constructor(stack: Stack, uas: Uas) {
    this.#stack = stack;
    this.#uas = uas;
  }

  receive(flow: Flow, bytes: Buffer): void {
    if (isKeepAlive(bytes)) return this.#stack.env.count('keep-alives');
    const parsed = parseMessage(bytes, 'honoured');
    if (!parsed.ok) return this.#unparsable(flow, bytes, parsed.code);
    this.#read(flow, parsed.value);
  }

  #read(flow: Flow, message: SipMessage): void {
    const envelope = readEnvelope(message);
    if (!envelope.ok) return this.#misaddressed(flow, message, envelope.code);
    if (message.kind === 'request') this.#request(flow, message, envelope.value);
    else this.#response({ message, envelope: envelope.value, flow });
  }

  #request(flow: Flow, received: SipRequest, envelope: Envelope): void {
    const { env, transactions } = this.#stack;
    env.count('requests-received');
    const message = stamped(received, envelope.via, flow);
    if (isReliable(flow.transport)) this.#learn(flow, message);
    const incoming: Incoming<SipRequest> = { message, envelope, flow };
    if (message.body.length > BODY_BYTES_MAX) {
      env.count('refused-too-large');
      return refuse(env, { request: message, flow }, 513);
    }
    if (!transactions.deliver(incoming)) this.#uas.receive(incoming);
  }

  #response(incoming: Incoming): void {
    const { env, transactions } = this.#stack;
    env.count('responses-received');
    if (incoming.message.body.length > BODY_BYTES_MAX) return env.count('refused-too-large');
    if (!transactions.deliver(incoming)) env.count('dropped-stray-response');
  }

  /** A request that is shorter than it says can be told so (RFC 3261 §18.3); of the rest we know too little. */
  #unparsable(flow: Flow, bytes: Buffer, code: string): void {
    if (TOO_LARGE.has(code)) return this.refuseTooLarge(flow, bytes);
    const lengthOnly = code === 'body-short' || code === 'bad-content-length';
    const request = lengthOnly ? parseMessage(bytes, 'ignored') : undefined;
    if (request?.ok !== true) return this.#stack.env.count('dropped-unparsable');
    this.#misaddressed(flow, request.value, 'bad-cseq');
  }

  /** A request whose headers are too many or too long, or that is longer than a stream may carry: 513. */
  refuseTooLarge(flow: Flow, bytes: Buffer): void {
    const { env } = this.#stack;
    const parsed = parseMessage(beginningOf(bytes), 'ignored');
    const top = parsed.ok ? topVia(parsed.value.headers) : undefined;
    env.count('refused-too-large');
    if (!parsed.ok || parsed.value.kind === 'response' || top === undefined) return;
    refuse(env, { request: stamped(parsed.value, top.via, flow), flow }, 513);
  }

  /** How the peer of this stream calls itself, in case nothing else reaches it. */
  #learn(flow: Flow, { headers }: SipRequest): void {
    const contact = parseUri(contactUri(headers) ?? '');
    if (contact.ok) this.#stack.streams.named(flow, contact.value.host);
  }

  /** One of the headers that all messages need is missing or broken. With a Via, a request can still be refused. */
  #misaddressed(flow: Flow, message: SipMessage, code: EnvelopeFault): void {
    const { env } = this.#stack;
    const top = topVia(message.headers);
    if (message.kind === 'response' || top === undefined) return env.count('dropped-unparsable');
    env.count('refused-bad-request');
    const request = stamped(message, top.via, flow);
    refuse(env, { request, flow }, code === 'bad-version' ? 505 : 400);
  }
}

/** The request with where it came from in its topmost Via. */
function stamped(request: SipRequest, via: Via, flow: Flow): SipRequest {
  const line = headerValue(request.headers, 'via') ?? '';
  const below = line.includes(',') ? splitList(line).slice(1) : [];
  const value = [writeVia(viaFrom(via, flow.remote)), ...below].join(', ');
  return { ...request, headers: withFirst(request.headers, 'via', value) };
}

/** Blank datagrams: phones send them to keep a NAT open. */
function isKeepAlive(bytes: Buffer): boolean {
  return bytes.length <= 4 && bytes.every((byte) => byte === 13 || byte === 10 || byte === 0);
}
