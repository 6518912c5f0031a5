import type { Address } from '../../src/base/address.ts';
import { transportParam, type Transport } from '../../src/sip/transport.ts';
import { udpWire, wireTo, type OpenWire, type Wire } from './client-wires.ts';
import {
  answerTo,
  readSip,
  tagOf,
  uriIn,
  writeSip,
  type AnswerParts,
  type SipText,
} from './sip-text.ts';

/** How long a test waits for a message that must come, ms. */
const WAIT_MS = 20_000;

/** How many of the messages that came are shown when one is missing. */
const SHOWN = 8;
/** RFC 3261 T1, ms. */
const T1 = 500;

interface Waiter {
  readonly wants: (message: SipText) => boolean;
  readonly resolve: (message: SipText) => void;
  readonly timer: NodeJS.Timeout;
}

let names = 0;
const fresh = (kind: string): string => `${kind}${process.pid}x${(++names).toString(36)}`;

/**
 * A phone made of text: sends what it is told, keeps what comes until a test asks for it. It retransmits nothing and
 * answers nothing by itself.
 */
export class SipClient {
  readonly user: string;
  readonly server: Address;
  /** Everything that came, in order. */
  readonly received: SipText[] = [];
  readonly #unread: SipText[] = [];
  readonly #sent = new Map<string, string>();
  readonly #waiters = new Set<Waiter>();
  readonly #wire: Wire;
  /** Sees everything first. @returns whether it took it. */
  #serve: (message: SipText) => boolean = () => false;

  private constructor(user: string, server: Address, open: OpenWire) {
    this.user = user;
    this.server = server;
    this.#wire = open((text) => this.#take(readSip(text)));
  }

  /** @param ca who signed the server's certificate. */
  static async over(
    transport: Transport,
    user: string,
    server: Address,
    ca = '',
  ): Promise<SipClient> {
    return new SipClient(user, server, await wireTo(transport, server, ca));
  }

  /** @param host another address of the loopback: whoever counts sources sees somebody else. */
  static async udp(user: string, server: Address, host = '127.0.0.1'): Promise<SipClient> {
    return new SipClient(user, server, await udpWire(server, host));
  }

  static tcp(user: string, server: Address): Promise<SipClient> {
    return SipClient.over('tcp', user, server);
  }

  get local(): Address {
    return this.#wire.local;
  }

  /** Where this phone says that it is. */
  get contact(): string {
    return `sip:${this.user}@${this.#place}${transportParam(this.#wire.transport)}`;
  }

  get via(): string {
    const protocol = this.#wire.transport.toUpperCase();
    return `SIP/2.0/${protocol} ${this.#place};rport;branch=${fresh('z9hG4bK')}`;
  }

  get #place(): string {
    const { name, local } = this.#wire;
    return name ?? `${local.address}:${local.port}`;
  }

  send(text: string): void {
    this.#sent.set(text.slice(0, text.indexOf(' ')), text);
    this.#wire.write(text);
  }

  /** Over WebSocket: as a binary message. */
  sendBytes(bytes: Buffer): void {
    this.#wire.write(bytes);
  }

  /** Until the connection is closed, by whichever side. */
  get ended(): Promise<unknown> {
    return this.#wire.ended;
  }

  /** The last request of a method, as it was sent. */
  lastSent(method: string): string {
    return this.#sent.get(method) ?? '';
  }

  /** From now on `take` sees every message, retransmissions too, before anybody who waits. */
  serve(take: (message: SipText) => boolean): void {
    this.#serve = take;
  }

  /** Sends a request, and again every T1 until the awaited message comes. */
  async exchange(text: string, wants: (message: SipText) => boolean): Promise<SipText> {
    const timer = setInterval(() => this.send(text), T1);
    try {
      this.send(text);
      return await this.next(wants, `answer to ${text.slice(0, text.indexOf('\r\n'))}`);
    } finally {
      clearInterval(timer);
    }
  }

  /** The next message that `wants`, of those that came since the last call or are still to come. */
  next(wants: (message: SipText) => boolean, what: string): Promise<SipText> {
    const at = this.#unread.findIndex(wants);
    const [found] = at < 0 ? [] : this.#unread.splice(at, 1);
    if (found !== undefined) return Promise.resolve(found);
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => {
        this.#waiters.delete(waiter);
        const seen = this.received.slice(-SHOWN).map(({ start }) => start);
        reject(new Error(`${this.user}: no ${what}; last came ${seen.join(' | ')}`));
      }, WAIT_MS);
      const waiter: Waiter = { wants, resolve, timer };
      this.#waiters.add(waiter);
    });
  }

  response(status: number, method?: string): Promise<SipText> {
    const wants = (it: SipText): boolean =>
      it.status === status && (method === undefined || it.get('cseq').endsWith(` ${method}`));
    return this.next(wants, `${status} ${method ?? ''}`);
  }

  request(method: string): Promise<SipText> {
    return this.next((it) => it.method === method, method);
  }

  /** How many requests of that method came, retransmissions included. */
  count(method: string): number {
    return this.received.filter((it) => it.method === method).length;
  }

  answer(request: SipText, status: string, parts: AnswerParts = {}): void {
    const headers = [`Contact: <${this.contact}>`, ...(parts.headers ?? [])];
    this.send(answerTo(request, status, { tag: `${this.user}tag`, ...parts, headers }));
  }

  /** A request outside any dialog. */
  outside(method: string, to: string, parts: AnswerParts = {}): OutsideRequest {
    const head = [
      `From: <sip:${this.user}@test>;tag=${fresh('f')}`,
      `To: <sip:${to}@test>`,
      `Call-ID: ${fresh('call')}`,
      `CSeq: 1 ${method}`,
    ];
    const via = this.via;
    const text = writeSip(
      [
        `${method} sip:${to}@${this.server.address}:${this.server.port} SIP/2.0`,
        `Via: ${via}`,
        'Max-Forwards: 70',
        ...head,
        `Contact: <${this.contact}>`,
        ...(parts.headers ?? []),
      ],
      parts.body ?? '',
    );
    return { text, via, sent: readSip(text) };
  }

  async close(): Promise<void> {
    for (const { timer } of this.#waiters) clearTimeout(timer);
    this.#waiters.clear();
    await this.#wire.close();
  }

  #take(message: SipText): void {
    this.received.push(message);
    if (this.#serve(message)) return;
    const waiter = [...this.#waiters].find(({ wants }) => wants(message));
    if (waiter === undefined) {
      this.#unread.push(message);
      return;
    }
    clearTimeout(waiter.timer);
    this.#waiters.delete(waiter);
    waiter.resolve(message);
  }
}

export interface OutsideRequest {
  readonly text: string;
  readonly via: string;
  readonly sent: SipText;
}

/** One side of a call, enough to write requests inside it. */
export class ClientDialog {
  readonly #client: SipClient;
  readonly #from: string;
  readonly #to: string;
  readonly #callId: string;
  readonly #target: string;
  sequence: number;

  constructor(client: SipClient, parts: DialogParts) {
    this.#client = client;
    this.#from = parts.from;
    this.#to = parts.to;
    this.#callId = parts.callId;
    this.#target = parts.target;
    this.sequence = parts.sequence;
  }

  /** The caller's side, from the INVITE it sent and the response it got. */
  static ofCaller(client: SipClient, response: SipText): ClientDialog {
    return new ClientDialog(client, {
      from: response.get('from'),
      to: response.get('to'),
      callId: response.get('call-id'),
      target: uriIn(response.get('contact')),
      sequence: Number.parseInt(response.get('cseq'), 10),
    });
  }

  /** The callee's side, from the INVITE it got. */
  static ofCallee(client: SipClient, invite: SipText): ClientDialog {
    return new ClientDialog(client, {
      from: `${invite.get('to')};tag=${client.user}tag`,
      to: invite.get('from'),
      callId: invite.get('call-id'),
      target: uriIn(invite.get('contact')),
      sequence: 100,
    });
  }

  get remoteTag(): string {
    return tagOf(this.#to);
  }

  /** @param sequence for ACK: that of the INVITE. */
  write(method: string, parts: AnswerParts = {}, sequence?: number): string {
    return writeSip(
      [
        `${method} ${this.#target} SIP/2.0`,
        `Via: ${this.#client.via}`,
        'Max-Forwards: 70',
        `From: ${this.#from}`,
        `To: ${this.#to}`,
        `Call-ID: ${this.#callId}`,
        `CSeq: ${sequence ?? ++this.sequence} ${method}`,
        `Contact: <${this.#client.contact}>`,
        ...(parts.headers ?? []),
      ],
      parts.body ?? '',
    );
  }

  send(method: string, parts: AnswerParts = {}): void {
    this.#client.send(this.write(method, parts));
  }

  ack(response: SipText): void {
    const sequence = Number.parseInt(response.get('cseq'), 10);
    this.#client.send(this.write('ACK', {}, sequence));
  }
}

interface DialogParts {
  readonly from: string;
  readonly to: string;
  readonly callId: string;
  readonly target: string;
  readonly sequence: number;
}
