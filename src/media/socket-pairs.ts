import type { Clock } from '../base/clock.ts';
import { MidcallError } from '../base/errors.ts';
import type { RtpPorts } from '../rtp/transport-address.ts';
import type { DatagramBatch, DatagramSockets } from './datagrams.ts';
import type { PortPool } from './port-pool.ts';

/** Another platform may hold hundreds of ports of our range in a row; more than these, and something else is wrong. */
export const OPEN_TRIES_MAX = 512;
/** Two descriptors a pair: stays below the usual limit of a service, 16,384. */
export const PAIRS_MAX = 4_096;

/** An open pair: socket numbers, and the ports as told to others. */
export interface SocketPair {
  readonly rtp: number;
  readonly rtcp: number;
  readonly ports: RtpPorts;
}

/** Who gets the datagrams of one socket. */
export interface Receiver {
  /** Takes datagram `index` of a batch. */
  receive(batch: DatagramBatch, index: number): void;
}

/** Opens sockets in pairs, RTP on an even port and RTCP on the next, and knows who gets what arrives on each. */
export class SocketPairs {
  readonly #sockets: DatagramSockets;
  readonly #pool: PortPool;
  readonly #clock: Clock;
  /** `bind` is ours, `advertise` what others are told. */
  readonly #address: { readonly bind: string; readonly advertise: string };
  /** By socket number. */
  readonly #receivers: (Receiver | undefined)[] = [];
  /** By socket number: datagrams that its receive buffer had no room for, as last heard. */
  readonly #drops: number[] = [];
  #open = 0;

  constructor(
    sockets: DatagramSockets,
    pool: PortPool,
    clock: Clock,
    address: { readonly bind: string; readonly advertise: string },
  ) {
    this.#sockets = sockets;
    this.#pool = pool;
    this.#clock = clock;
    this.#address = address;
  }

  /** @throws MidcallError `busy` when there are no ports or descriptors left. */
  async open(): Promise<SocketPair> {
    if (this.#open >= PAIRS_MAX) throw new MidcallError('busy', 'too many media addresses in use');
    this.#open++;
    try {
      return await this.#openOne();
    } catch (error) {
      this.#open--;
      throw error;
    }
  }

  /** From now on datagrams of the pair go to these two. */
  listen(pair: SocketPair, rtp: Receiver, rtcp: Receiver): void {
    this.#receivers[pair.rtp] = rtp;
    this.#receivers[pair.rtcp] = rtcp;
  }

  /** @param drops of a socket since it was opened; wraps at 2^32. @returns how many of them are new. */
  newDrops(socket: number, drops: number): number {
    if (drops === 0) return 0;
    const more = (drops - (this.#drops[socket] ?? 0)) >>> 0;
    this.#drops[socket] = drops;
    return more;
  }

  receiverOf(socket: number): Receiver | undefined {
    return this.#receivers[socket];
  }

  close(pair: SocketPair): void {
    this.#receivers[pair.rtp] = undefined;
    this.#receivers[pair.rtcp] = undefined;
    this.#drops[pair.rtp] = 0;
    this.#drops[pair.rtcp] = 0;
    this.#sockets.close(pair.rtp);
    this.#sockets.close(pair.rtcp);
    this.#pool.release(pair.ports.rtp, this.#clock.now());
    this.#open--;
  }

  async #openOne(): Promise<SocketPair> {
    let cause: unknown;
    for (let tries = 0; tries < OPEN_TRIES_MAX; tries++) {
      const port = this.#pool.take(this.#clock.now());
      if (port === undefined) break;
      try {
        return await this.#openAt(port);
      } catch (error) {
        cause = error;
        this.#pool.release(port, this.#clock.now());
      }
    }
    throw new MidcallError('busy', 'no media address is free', { cause });
  }

  async #openAt(port: number): Promise<SocketPair> {
    const { bind, advertise } = this.#address;
    const rtp = await this.#sockets.open(bind, port);
    try {
      const rtcp = await this.#sockets.open(bind, port + 1);
      return { rtp, rtcp, ports: { address: advertise, rtp: port, rtcp: port + 1 } };
    } catch (error) {
      this.#sockets.close(rtp);
      throw error;
    }
  }
}
