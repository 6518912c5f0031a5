import { instant, type Instant } from '../../src/base/units.ts';
import { DatagramBatch, type ByteRange, type DatagramSockets } from '../../src/media/datagrams.ts';
import { addressWords, type Endpoint } from '../../src/media/endpoint.ts';
import type { Address } from '../../src/base/address.ts';

/** A datagram that the plane sent. */
export interface Sent {
  readonly at: Instant;
  /** Local port it left from. */
  readonly from: number;
  readonly to: number;
  /** The address it went to. */
  readonly host: string;
  readonly bytes: Uint8Array;
}

/** Sockets of a test: what is sent is kept, what arrives is made up. */
export class FakeSockets implements DatagramSockets {
  readonly sent: Sent[] = [];
  /** Local port by socket number; undefined once closed. */
  readonly ports: (number | undefined)[] = [];
  /** Ports that another program holds. */
  readonly taken = new Set<number>();
  /** Sends are refused: the queue is full. */
  full = false;
  readonly #now: () => Instant;

  constructor(now: () => Instant = () => instant(0)) {
    this.#now = now;
  }

  get openCount(): number {
    return this.ports.filter((port) => port !== undefined).length;
  }

  async open(_address: string, port: number): Promise<number> {
    await Promise.resolve();
    if (this.taken.has(port)) throw Object.assign(new Error('in use'), { code: 'EADDRINUSE' });
    return this.ports.push(port) - 1;
  }

  close(socket: number): void {
    this.ports[socket] = undefined;
  }

  send(socket: number, slab: Uint8Array, { start, end }: ByteRange, to: Endpoint): boolean {
    const from = this.ports[socket];
    if (this.full || from === undefined) return false;
    this.sent.push({
      at: this.#now(),
      from,
      to: to.port,
      host: to.address,
      bytes: slab.slice(start, end),
    });
    return true;
  }

  /** Takes what was sent so far to a port. */
  take(to: number): Sent[] {
    const taken = this.sent.filter((sent) => sent.to === to);
    this.sent.splice(0, this.sent.length, ...this.sent.filter((sent) => sent.to !== to));
    return taken;
  }

  socketAt(port: number): number {
    return this.ports.indexOf(port);
  }
}

/** One datagram somewhere in the middle of a slab, as a native adapter hands them over. */
export function batchOf(
  bytes: Uint8Array,
  from: Address,
  { socket = 0, at = 0 }: { readonly socket?: number; readonly at?: number } = {},
): DatagramBatch {
  const offset = 7;
  const slab = new Uint8Array(offset + bytes.length + 5).fill(0xee);
  slab.set(bytes, offset);
  const batch = new DatagramBatch(1, slab);
  batch.count = 1;
  batch.socket[0] = socket;
  batch.offset[0] = offset;
  batch.length[0] = bytes.length;
  batch.sourceAddress.set(addressWords(from.address) ?? []);
  batch.sourcePort[0] = from.port;
  batch.arrivals[0] = at;
  return batch;
}
