import { createSocket, type Socket } from 'node:dgram';
import { once } from 'node:events';
import type { Address } from '../../src/base/address.ts';
import { instant, type Instant } from '../../src/base/units.ts';
import { messageInDatagram } from './message-framing.ts';
import { ResponseRoutes } from './response-routes.ts';
import type { SipLink, SipLinkListener, SipLinkOptions } from './sip-link.ts';
import { isRequest, nextHop } from './sip-text.ts';
import { UdpReliability } from './udp-reliability.ts';

const clock = (): Instant => instant(performance.now());

/** SIP over one UDP socket, with the retransmissions that sip.js leaves out. */
export class UdpLink implements SipLink {
  readonly protocol = 'UDP';
  readonly #options: SipLinkOptions;
  readonly #socket: Socket = createSocket('udp4');
  readonly #reliability = new UdpReliability();
  readonly #routes = new ResponseRoutes<Address>();
  /** Rings at the reliability's next deadline. */
  #timer: NodeJS.Timeout | undefined;
  #listener: SipLinkListener | undefined;

  constructor(options: SipLinkOptions) {
    this.#options = options;
  }

  async open(listener: SipLinkListener): Promise<Address> {
    this.#listener = listener;
    this.#socket.on('message', (datagram, source) => this.#arrived(datagram, source));
    // An ICMP "port unreachable" is only the loss of a datagram; the transaction's timeout tells.
    this.#socket.on('error', () => {});
    this.#socket.bind(0, this.#options.bind);
    await once(this.#socket, 'listening');
    return this.#socket.address();
  }

  send(message: string): Promise<void> {
    this.#reliability.outgoing(message, clock());
    this.#arm();
    return this.#transmit(message);
  }

  async close(): Promise<void> {
    clearTimeout(this.#timer);
    const closed = once(this.#socket, 'close');
    this.#socket.close();
    await closed;
  }

  #arrived(datagram: Uint8Array, source: Address): void {
    const message = messageInDatagram(datagram);
    if (message === undefined) return;
    if (isRequest(message)) this.#routes.note(message, source);
    const arrival = this.#reliability.incoming(message, clock());
    this.#arm();
    if (arrival.deliver) this.#listener?.message(message);
    else if (arrival.reply !== undefined) this.#repeat(arrival.reply);
  }

  /** One timer for whatever is next. */
  #arm(): void {
    clearTimeout(this.#timer);
    const at = this.#reliability.deadline();
    if (at === undefined) return;
    this.#timer = setTimeout(() => this.#expired(), Math.max(0, at - clock()));
  }

  #expired(): void {
    for (const message of this.#reliability.due(clock())) this.#repeat(message);
    this.#arm();
  }

  /** A repetition that fails is a lost datagram: there will be another, or the transaction times out. */
  #repeat(message: string): void {
    this.#transmit(message).catch(() => {});
  }

  #transmit(message: string): Promise<void> {
    const target = this.#target(message);
    return new Promise((resolve, reject) => {
      if (target === undefined) {
        reject(new Error('no way back for this response'));
        return;
      }
      const bytes = Buffer.from(message, 'utf8');
      this.#socket.send(bytes, target.port, target.address, (error) => {
        if (error) reject(error);
        else resolve();
      });
    });
  }

  #target(message: string): Address | undefined {
    if (!isRequest(message)) return this.#routes.wayOf(message);
    return this.#options.server ?? nextHop(message);
  }
}
