import { Buffer } from 'node:buffer';
import { createSocket, type Socket } from 'node:dgram';
import { isIP } from 'node:net';
import { sameAddress, type Address } from '../base/address.ts';
import { randomHex, type Clock, type Random } from '../base/clock.ts';
import type { Instant } from '../base/units.ts';

export interface QueueProbeOptions {
  /** Of the socket whose queue it is. */
  readonly to: Address;
  readonly clock: Clock;
  readonly random: Random;
  /** A datagram has waited so long, ms; {@link LOST_MS} when it did not come: it may have found no room in the queue. */
  onWaited(ms: number): void;
}

/** Between the end of one and the next, ms. */
export const PAUSE_MS = 100;
/** After this time it counts as lost, ms. */
export const LOST_MS = 2_000;
/** Random bytes that nobody else knows, so that nobody else can tell us how long we take. */
const SECRET_BYTES = 8;

/**
 * Finds out how long datagrams wait for this process in a socket's queue, which no system call of Node's tells: a datagram to
 * ourselves, ten times a second, waits as long as any. It is of use only where a socket can reach itself; as long as none has
 * come back, it says nothing.
 */
export class QueueProbe {
  readonly #options: QueueProbeOptions;
  readonly #socket: Socket;
  readonly #secret: string;
  #own: Address | undefined;
  #sent: { readonly at: Instant; readonly text: string } | undefined;
  #count = 0;
  #comesBack = false;
  #timer: NodeJS.Timeout | undefined;
  #closed = false;

  constructor(options: QueueProbeOptions) {
    this.#options = options;
    this.#secret = randomHex(options.random, SECRET_BYTES);
    const { address } = options.to;
    this.#socket = createSocket(isIP(address) === 6 ? 'udp6' : 'udp4');
    // What can't be sent does not come back: then nothing is said, as the class promises.
    this.#socket.on('error', () => {});
    this.#socket.bind(0, selfOf(address), () => this.#send());
    this.#socket.unref();
  }

  /** Whether this datagram is a probe, and not for anybody else. */
  take(source: Address, bytes: Uint8Array): boolean {
    if (this.#own === undefined || source.port !== this.#own.port) return false;
    if (!sameAddress(source, this.#own)) return false;
    if (this.#sent?.text === Buffer.from(bytes).toString('latin1')) this.#back(this.#sent.at);
    return true;
  }

  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    clearTimeout(this.#timer);
    this.#socket.close();
  }

  #send(): void {
    if (this.#closed) return;
    this.#own ??= this.#socket.address();
    const { to, clock } = this.#options;
    const text = `${this.#secret} ${++this.#count}`;
    this.#sent = { at: clock.now(), text };
    this.#socket.send(text, to.port, selfOf(to.address), () => {});
    this.#after(LOST_MS, () => this.#lost());
  }

  #back(sentAt: Instant): void {
    this.#comesBack = true;
    this.#sent = undefined;
    this.#after(PAUSE_MS, () => this.#send());
    this.#options.onWaited(Math.min(LOST_MS, this.#options.clock.now() - sentAt));
  }

  #lost(): void {
    if (this.#comesBack) this.#options.onWaited(LOST_MS);
    this.#send();
  }

  #after(ms: number, todo: () => void): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(todo, ms).unref();
  }
}

/** Where a socket that listens there is reached from here. */
const SELF: ReadonlyMap<string, string> = new Map([
  ['0.0.0.0', '127.0.0.1'],
  ['::', '::1'],
]);
const selfOf = (address: string): string => SELF.get(address) ?? address;
