import { instant, type Instant } from '../base/units.ts';
import type { Endpoint } from './endpoint.ts';

/**
 * Datagrams of one turn: their bytes in one shared slab, their descriptors in parallel arrays, so that a batch of any size is a
 * handful of objects. Filled by an adapter in net/, valid until the function it was handed to returns.
 *
 *    slab    ┌────────────┬──────────┬─────────────────┬───────────
 *            │ datagram 0 │ datagram 1 │   datagram 2   │ …
 *            └────────────┴──────────┴─────────────────┴───────────
 *    offset   0            172        332
 *    length   172          160        1212
 */
export class DatagramBatch {
  slab: Uint8Array;
  /** How many of the descriptors are valid. */
  count = 0;
  /** Which socket it came to: the number `open` gave. */
  readonly socket: Uint32Array;
  readonly offset: Uint32Array;
  readonly length: Uint32Array;
  /** Four words a datagram: the source address as IPv6, IPv4 mapped (endpoint.ts). */
  readonly sourceAddress: Uint32Array;
  readonly sourcePort: Uint16Array;
  /** `Instant`s. When the kernel took it in, where the adapter knows; else when it was read. */
  readonly arrivals: Float64Array;
  /** How many datagrams the socket's receive buffer had no room for since it was opened; 0 where the adapter can't know. */
  readonly drops: Uint32Array;
  /** IP type of service: DSCP, and ECN in the last two bits (RFC 3168); 0 where the adapter can't know. */
  readonly tos: Uint8Array;

  constructor(capacity: number, slab: Uint8Array = new Uint8Array(0)) {
    this.slab = slab;
    this.socket = new Uint32Array(capacity);
    this.offset = new Uint32Array(capacity);
    this.length = new Uint32Array(capacity);
    this.sourceAddress = new Uint32Array(4 * capacity);
    this.sourcePort = new Uint16Array(capacity);
    this.arrivals = new Float64Array(capacity);
    this.drops = new Uint32Array(capacity);
    this.tos = new Uint8Array(capacity);
  }

  start(index: number): number {
    return this.offset[index] ?? 0;
  }

  /** Exclusive. */
  end(index: number): number {
    return (this.offset[index] ?? 0) + (this.length[index] ?? 0);
  }

  /** Where each packet passes, `arrivals` is read itself: a fraction that a function returns may be put on the heap. */
  arrival(index: number): Instant {
    return instant(this.arrivals[index] ?? 0);
  }
}

/** Where packets are put to be sent. They go out when the turn ends. */
export interface DatagramSender {
  /**
   * Queues `slab[start, end)` for `to`. The bytes are sent or copied before this returns; but those of a batch may be sent
   * from where they are, until the batch is not valid any more. A connected socket sends to its peer.
   * @returns false when there was no room; the adapter counts it.
   */
  send(socket: number, slab: Uint8Array, range: ByteRange, to: Endpoint): boolean;
}

/** A part of a slab; `end` is exclusive. */
export interface ByteRange {
  readonly start: number;
  readonly end: number;
}

/** What the media plane needs of a UDP adapter (net/udp.ts). */
export interface DatagramSockets extends DatagramSender {
  /**
   * Binds a socket to exactly this address and port.
   * @throws the node error when it can't: EADDRINUSE, EADDRNOTAVAIL, EMFILE …
   */
  open(address: string, port: number): Promise<number>;
  /**
   * The kernel knows the peer from now on: it saves a look-up of the route for each packet, and nothing from elsewhere is heard
   * or counted. Undefined opens it to all again. Where the adapter can't, or the kernel won't, nothing changes.
   */
  connect(socket: number, peer: Endpoint | undefined): void;
  /** Repeatable. Nothing arrives from it any more. */
  close(socket: number): void;
}
