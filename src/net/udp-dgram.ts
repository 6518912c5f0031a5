import { createSocket, type RemoteInfo, type Socket } from 'node:dgram';
import { once } from 'node:events';
import { isIPv6 } from 'node:net';
import type { Clock } from '../base/clock.ts';
import { MidcallError } from '../base/errors.ts';
import { DatagramBatch, type ByteRange } from '../media/datagrams.ts';
import { addressWords, type Endpoint } from '../media/endpoint.ts';
import {
  RECEIVE_BUFFER_BYTES,
  SOCKETS_MAX,
  type UdpCounts,
  type UdpOptions,
  type UdpSockets,
} from './udp.ts';

/** Bytes that may wait in one socket's queue for the kernel: 50 ms of the fastest stream. Above it sends are refused. */
export const QUEUE_BYTES_MAX = 4_194_304;

type Counter = Exclude<keyof UdpCounts, 'sockets'>;

const COUNTER: Readonly<Record<string, Counter>> = {
  ENOBUFS: 'noBuffers',
  EAGAIN: 'noBuffers',
  EMSGSIZE: 'tooLong',
  ECONNREFUSED: 'refused',
};

/** One bound socket. */
interface Bound {
  readonly socket: Socket;
  /** Where the last datagram came from, as text and as words: a stream's source rarely changes. */
  sourceText: string;
  sourceWords: Uint32Array;
}

/** UDP by node:dgram: everywhere, one datagram a batch. It costs twice what a native adapter does (docs/performance.md). */
export class DgramSockets implements UdpSockets {
  readonly #clock: Clock;
  readonly #options: UdpOptions;
  /** By socket number. Numbers of closed sockets are used again. */
  readonly #bound: (Bound | undefined)[] = [];
  readonly #freeNumbers: number[] = [];
  /** Resolves per socket on its way to being closed. */
  readonly #closing = new Set<Promise<unknown>>();
  #open = 0;
  readonly #counts = { noBuffers: 0, tooLong: 0, refused: 0, failed: 0 };
  /** One descriptor; its slab is the buffer that dgram made. */
  readonly #batch = new DatagramBatch(1);

  constructor(clock: Clock, options: UdpOptions) {
    this.#clock = clock;
    this.#options = options;
    this.#batch.count = 1;
  }

  async open(address: string, port: number): Promise<number> {
    if (this.#open >= SOCKETS_MAX) throw new MidcallError('busy', 'too many sockets');
    this.#open++;
    const socket = createSocket({ type: isIPv6(address) ? 'udp6' : 'udp4', lookup });
    try {
      // Our look-up answers at once, so it may be listening before `bind` returns.
      const listening = once(socket, 'listening');
      socket.bind({ address, port, exclusive: true });
      await listening;
    } catch (error) {
      this.#open--;
      socket.close();
      throw error;
    }
    return this.#adopt(socket);
  }

  send(socket: number, slab: Uint8Array, range: ByteRange, to: Endpoint): boolean {
    const bound = this.#bound[socket];
    if (bound === undefined) return false;
    const length = range.end - range.start;
    if (bound.socket.getSendQueueSize() + length > QUEUE_BYTES_MAX) {
      this.#counts.noBuffers++;
      return false;
    }
    // dgram may keep the bytes until the kernel takes them, and the slab is not ours: so they are copied.
    const copy = Buffer.allocUnsafe(length);
    copy.set(slab.subarray(range.start, range.end));
    bound.socket.send(copy, 0, length, to.port, to.address, this.#onSent);
    return true;
  }

  /** Not with node:dgram: it would connect some turns later, and send elsewhere until then. */
  connect(): void {}

  close(socket: number): void {
    const bound = this.#bound[socket];
    if (bound === undefined) return;
    this.#bound[socket] = undefined;
    this.#open--;
    const closed = once(bound.socket, 'close').then(() => {
      this.#freeNumbers.push(socket);
      this.#closing.delete(closed);
    });
    this.#closing.add(closed);
    bound.socket.close();
  }

  counts(): UdpCounts {
    return { sockets: this.#open, ...this.#counts };
  }

  async stop(): Promise<void> {
    for (let number = 0; number < this.#bound.length; number++) this.close(number);
    await Promise.all(this.#closing);
  }

  #adopt(socket: Socket): number {
    const number = this.#freeNumbers.pop() ?? this.#bound.length;
    const bound: Bound = { socket, sourceText: '', sourceWords: new Uint32Array(4) };
    this.#bound[number] = bound;
    socket.on('message', (message, source) => this.#receive(number, message, source));
    socket.on('error', (error) => this.#count(error));
    socket.setRecvBufferSize(RECEIVE_BUFFER_BYTES);
    return number;
  }

  #receive(number: number, message: Buffer, source: RemoteInfo): void {
    const bound = this.#bound[number];
    if (bound === undefined) return;
    if (bound.sourceText !== source.address) {
      bound.sourceText = source.address;
      bound.sourceWords = addressWords(source.address) ?? new Uint32Array(4);
    }
    const batch = this.#batch;
    batch.slab = message;
    batch.socket[0] = number;
    batch.offset[0] = 0;
    batch.length[0] = message.length;
    batch.sourceAddress.set(bound.sourceWords);
    batch.sourcePort[0] = source.port;
    batch.arrivals[0] = this.#clock.now();
    this.#options.onBatch(batch);
  }

  readonly #onSent = (error: Error | null): void => {
    if (error !== null) this.#count(error);
  };

  #count(error: Error): void {
    const code = 'code' in error && typeof error.code === 'string' ? error.code : 'unknown';
    this.#counts[COUNTER[code] ?? 'failed']++;
    this.#options.onError(code, { error: error.message });
  }
}

/** Addresses are numeric already; dgram's own look-up would put every packet off to the next tick. */
function lookup(
  hostname: string,
  _options: unknown,
  callback: (error: null, address: string, family: number) => void,
): void {
  callback(null, hostname, isIPv6(hostname) ? 6 : 4);
}
