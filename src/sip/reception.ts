import type { Buffer } from 'node:buffer';
import {
  contactUri,
  readEnvelope,
  topVia,
  type Envelope,
  type EnvelopeFault,
  type Incoming,
} from './envelope.ts';
import { answerTo, FAULT_ANSWER, NO_LENGTH, type FaultAnswer } from './fault-answer.ts';
import { splitList } from './header-list.ts';
import { headerValue, withFirst, type SipMessage, type SipRequest } from './message.ts';
import { parseMessage } from './message-parser.ts';
import { refuse } from './refusal.ts';
import { salvage, showsVia } from './salvage.ts';
import type { Stack } from './stack.ts';
import type { BreakReason } from './stream-framer.ts';
import { isReliable, type Flow } from './transport.ts';
import type { Uas } from './uas.ts';
import { parseUri } from './uri.ts';
import { viaFrom, writeVia, type Via } from './via.ts';

/** The longest body, the same as drachtio-server takes; SDP of a video call has 3 KiB. */
export const BODY_BYTES_MAX = 8_192;

const BREAK_ANSWER: Readonly<Record<BreakReason, FaultAnswer>> = {
  'head-too-long': FAULT_ANSWER['head-too-long'],
  'message-too-long': { status: 513, reason: 'Message Too Large' },
  'no-length': NO_LENGTH,
};

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
    if (!parsed.ok) return this.#salvage(flow, bytes, FAULT_ANSWER[parsed.code]);
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

  /** A stream lost its beat: whoever sent that is told so, and the stream is closed (RFC 3261 §18.3). */
  broken(flow: Flow, { why, bytes }: { readonly why: BreakReason; readonly bytes: Buffer }): void {
    this.#salvage(flow, bytes, BREAK_ANSWER[why]);
    this.#stack.streams.giveUp(flow);
  }

  /** Of what can't be read, the headers that an answer needs may be whole. */
  #salvage(flow: Flow, bytes: Buffer, answer: FaultAnswer): void {
    const request = salvage(bytes);
    if (request === undefined) return this.#stack.env.count('dropped-unparsable');
    this.#refuse(flow, request, answer);
  }

  /** How the peer of this stream calls itself, in case nothing else reaches it. */
  #learn(flow: Flow, { headers }: SipRequest): void {
    const contact = parseUri(contactUri(headers) ?? '');
    if (contact.ok) this.#stack.streams.named(flow, contact.value.host);
  }

  /** One of the headers that all messages need is missing or broken. With a Via, a request can still be refused. */
  #misaddressed(flow: Flow, message: SipMessage, code: EnvelopeFault): void {
    const mute =
      message.kind === 'response' || message.method === 'ACK' || !showsVia(message.headers);
    if (mute) return this.#stack.env.count('dropped-unparsable');
    this.#refuse(flow, message, answerTo(message.method, code));
  }

  #refuse(flow: Flow, request: SipRequest, { status, reason }: FaultAnswer): void {
    const { env } = this.#stack;
    const top = topVia(request.headers);
    env.count(status === 513 ? 'refused-too-large' : 'refused-bad-request');
    const shown = top === undefined ? request : stamped(request, top.via, flow);
    refuse(env, { request: shown, flow, reason }, status);
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
