import { copyBytes } from '../base/copy-bytes.ts';
import type { ByteRange } from '../media/datagrams.ts';
import type { Endpoint } from '../media/endpoint.ts';

/** A turn of 512 datagrams that are all passed on, twice: a full queue is sent at once, so this only bounds the batch. */
export const QUEUE_DATAGRAMS = 1_024;
/** Bytes copied into the queue before it is sent at once. Sixteen of the largest datagrams. */
export const QUEUE_BYTES = 1_048_576;

/** Which slab the bytes are in: the queue's own, or the one of received datagrams. As in native/datagrams.h. */
const OWN = 0;
const RECEIVED = 1;

/** Datagrams of one turn on their way out, as the addon reads them: descriptors in parallel arrays, bytes in one of two slabs. */
export class SendQueue {
  readonly slab: Uint8Array = new Uint8Array(QUEUE_BYTES);
  /** Datagrams that are sent from where they were received, without a copy. */
  readonly receivedSlab: Uint8Array;
  readonly socket: Uint32Array = new Uint32Array(QUEUE_DATAGRAMS);
  readonly offset: Uint32Array = new Uint32Array(QUEUE_DATAGRAMS);
  readonly length: Uint32Array = new Uint32Array(QUEUE_DATAGRAMS);
  readonly address: Uint32Array = new Uint32Array(4 * QUEUE_DATAGRAMS);
  readonly port: Uint16Array = new Uint16Array(QUEUE_DATAGRAMS);
  readonly source: Uint8Array = new Uint8Array(QUEUE_DATAGRAMS);
  /** Datagrams in the queue. */
  count = 0;
  /** Bytes of `slab` in use. */
  #filled = 0;

  constructor(receivedSlab: Uint8Array) {
    this.receivedSlab = receivedSlab;
  }

  /** Whether a datagram of so many bytes fits. */
  hasRoomFor(length: number): boolean {
    return this.count < QUEUE_DATAGRAMS && this.#filled + length <= QUEUE_BYTES;
  }

  /** Puts `slab[start, end)` at the end. There must be room. */
  push(socket: number, slab: Uint8Array, { start, end }: ByteRange, to: Endpoint): void {
    const at = this.count++;
    const received = slab === this.receivedSlab;
    this.socket[at] = socket;
    this.offset[at] = received ? start : this.#copy(slab, start, end);
    this.length[at] = end - start;
    this.source[at] = received ? RECEIVED : OWN;
    this.port[at] = to.port;
    to.writeWords(this.address, 4 * at);
  }

  clear(): void {
    this.count = 0;
    this.#filled = 0;
  }

  #copy(slab: Uint8Array, start: number, end: number): number {
    const at = this.#filled;
    copyBytes(slab, start, end, this.slab, at);
    this.#filled += end - start;
    return at;
  }
}
