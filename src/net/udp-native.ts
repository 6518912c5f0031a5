import { getSystemErrorName } from 'node:util';
import type { Clock } from '../base/clock.ts';
import { MidcallError } from '../base/errors.ts';
import { instant, type Instant } from '../base/units.ts';
import { DatagramBatch, type ByteRange } from '../media/datagrams.ts';
import type { Endpoint } from '../media/endpoint.ts';
import type { NativeAddon, NativeBackend, NativeBinding } from './native-addon.ts';
import { SendQueue } from './send-queue.ts';
import {
  RECEIVE_BUFFER_BYTES,
  SOCKETS_MAX,
  type UdpCounts,
  type UdpOptions,
  type UdpSockets,
} from './udp.ts';

/** Datagrams a turn: 8 ms of the fastest stream. A power of two. What does not fit waits in the kernel for the next turn. */
export const BATCH_DATAGRAMS = 512;
/**
 * Of the slab for each: the largest datagram, and what io_uring puts in front. An odd multiple of 64, so that the beginnings of
 * neighbours do not compete for the same lines of the cache. Pages that no large datagram touches are never in memory.
 */
const STRIDE_BYTES = 66_880;
/** No datagram is longer than its 16-bit length says. */
const DATAGRAM_BYTES_MAX = 65_535;
/** Errors of one turn that are told one by one; the counters have them all. */
const ERRORS_MAX = 16;
/**
 * Turns under load are at least this far apart, in microseconds: at 20,000 packets a second ten share a turn, and its cost. Half
 * of the millisecond that passing a packet on may take.
 */
export const TURN_GAP_MICROS = 500;

/** Places in the shared arrays, as in native/datagrams.h. */
const COUNTER = { noBuffers: 0, tooLong: 1, refused: 2, failed: 3, truncated: 4 } as const;
const TURN = { now: 0, errors: 1, loopReady: 2 } as const;

/**
 * UDP by the addon: one call a turn for all sockets, received datagrams in one slab, sends gathered until the turn ends. `turn`
 * blocks the thread, so it is for a thread of its own; it comes back when libuv has work, which is how a message wakes it.
 */
export class NativeSockets implements UdpSockets {
  readonly backend: NativeBackend;
  readonly #binding: NativeBinding;
  readonly #options: UdpOptions;
  readonly #batch = new DatagramBatch(
    BATCH_DATAGRAMS,
    new Uint8Array(BATCH_DATAGRAMS * STRIDE_BYTES),
  );
  readonly #queue: SendQueue = new SendQueue(this.#batch.slab);
  readonly #counters = new Float64Array(Object.keys(COUNTER).length);
  readonly #turn = new Float64Array(Object.keys(TURN).length);
  readonly #errors = new Int32Array(ERRORS_MAX);
  /** By socket number. */
  readonly #isOpen: boolean[] = [];
  readonly #freeNumbers: number[] = [];
  #open = 0;

  private constructor(
    { Sockets }: NativeAddon,
    backend: NativeBackend,
    clock: Clock,
    options: UdpOptions,
  ) {
    this.backend = backend;
    this.#options = options;
    const memory = {
      received: this.#batch,
      outgoing: this.#queue,
      counters: this.#counters,
      turn: this.#turn,
      errors: this.#errors,
    };
    this.#binding = new Sockets(memory, {
      sockets: SOCKETS_MAX,
      stride: STRIDE_BYTES,
      originMs: clock.now() - Number(process.hrtime.bigint()) / 1e6,
      bufferBytes: RECEIVE_BUFFER_BYTES,
      tos: options.tos ?? 0,
      gapMicros: TURN_GAP_MICROS,
    });
  }

  /** @throws the error of the kernel, as Node would write it, when it has no such backend or forbids it. */
  static start(
    addon: NativeAddon,
    backend: NativeBackend,
    clock: Clock,
    options: UdpOptions,
  ): NativeSockets {
    const sockets = new NativeSockets(addon, backend, clock, options);
    const error = sockets.#binding.start(backend);
    if (error !== 0) throw systemError(error, backend);
    return sockets;
  }

  /** When the last wait ended, on the clock of the arrivals. */
  get now(): Instant {
    return instant(this.#turn[TURN.now] ?? 0);
  }

  /** Whether the last wait found work for libuv: the caller lets it have its turn. */
  get loopReady(): boolean {
    return this.#turn[TURN.loopReady] === 1;
  }

  async open(address: string, port: number): Promise<number> {
    if (this.#open >= SOCKETS_MAX) throw new MidcallError('busy', 'too many sockets');
    const number = this.#freeNumbers.pop() ?? this.#isOpen.length;
    const error = this.#binding.open(number, address, port);
    if (error !== 0) {
      this.#freeNumbers.push(number);
      this.#isOpen[number] = false;
      throw systemError(error, `bind ${address}:${port}`);
    }
    this.#isOpen[number] = true;
    this.#open++;
    return number;
  }

  connect(socket: number, peer: Endpoint | undefined): void {
    if (this.#isOpen[socket] !== true) return;
    const error =
      peer === undefined
        ? this.#binding.connect(socket)
        : this.#binding.connect(socket, peer.words, peer.port);
    if (error !== 0) this.#tell(-error);
  }

  send(socket: number, slab: Uint8Array, range: ByteRange, to: Endpoint): boolean {
    if (this.#isOpen[socket] !== true) return false;
    const length = range.end - range.start;
    if (length > DATAGRAM_BYTES_MAX) {
      this.#counters[COUNTER.tooLong] = (this.#counters[COUNTER.tooLong] ?? 0) + 1;
      return false;
    }
    if (!this.#queue.hasRoomFor(length)) this.flush();
    this.#queue.push(socket, slab, range, to);
    return true;
  }

  /** Sends what is queued. */
  flush(): void {
    if (this.#queue.count === 0) return;
    this.#binding.flush(this.#queue.count);
    this.#queue.clear();
    this.#tellErrors();
  }

  /**
   * Sends what is queued, waits at most this long (not at all when that is past), and hands over what has come. Comes back early when libuv has work to do;
   * the caller then lets it.
   * @returns how many datagrams there were.
   */
  turn(timeoutMs: number): number {
    this.flush();
    const count = this.#binding.wait(Math.max(0, timeoutMs));
    this.#tellErrors();
    if (count === 0) return 0;
    this.#batch.count = count;
    this.#options.onBatch(this.#batch);
    return count;
  }

  close(socket: number): void {
    if (this.#isOpen[socket] !== true) return;
    this.#isOpen[socket] = false;
    this.#freeNumbers.push(socket);
    this.#open--;
    // What was sent before it was closed still goes out, as a goodbye must.
    this.flush();
    this.#binding.close(socket);
  }

  counts(): UdpCounts {
    const count = (counter: keyof typeof COUNTER): number => this.#counters[COUNTER[counter]] ?? 0;
    return {
      sockets: this.#open,
      noBuffers: count('noBuffers'),
      tooLong: count('tooLong'),
      refused: count('refused'),
      failed: count('failed') + count('truncated'),
    };
  }

  async stop(): Promise<void> {
    for (let number = 0; number < this.#isOpen.length; number++) this.close(number);
    this.#binding.stop();
  }

  #tellErrors(): void {
    const count = this.#turn[TURN.errors] ?? 0;
    for (let at = 0; at < count; at++) this.#tell(this.#errors[at] ?? 0);
  }

  #tell(errno: number): void {
    const code = getSystemErrorName(-errno);
    this.#options.onError(code, { error: code });
  }
}

/** As Node would throw it. @param error a negative errno. */
function systemError(error: number, what: string): Error {
  const code = getSystemErrorName(error);
  return Object.assign(new Error(`${code}: ${what}`), { code, errno: error });
}
