import { Buffer } from 'node:buffer';
import type { Socket } from 'node:dgram';
import type { Address } from '../base/address.ts';
import { hasCode } from '../base/node-error.ts';
import type { NetCounts } from './net-counts.ts';

export interface UdpProbesOptions {
  /** Where the SIP socket is: the probes' address too. */
  readonly local: Address;
  /** Not bound, and willing to share its address. */
  readonly newSocket: () => Socket;
  readonly counts: NetCounts;
  onDatagram(source: Address, bytes: Buffer): void;
  /** The peer's machine says that nobody listens there. */
  onRefused(remote: Address): void;
}

/** Silent peers asked at a time, one descriptor each: a trunk's next hops and all contacts of some subscribers. */
export const PROBES_MAX = 64;
/** An ICMP error is back within a round trip, ms; nobody is asked again meanwhile. */
export const PROBE_MS = 1_000;
/** What NAT keep-alives are made of: every SIP stack ignores it (RFC 3261 §7.5, RFC 5626 §3.5.1). */
const BLANK = Buffer.from('\r\n\r\n');
/** What Node calls the ICMP error. */
export const REFUSED = 'ECONNREFUSED';

/**
 * Finds out that a peer's UDP port is closed. The kernel tells ICMP errors to connected sockets only, which the one that SIP
 * goes through can't be; so a second one with the same address is connected to the peer for a moment. With another source
 * port, the NAT in front of a living phone would refuse it. The kernel gives what comes from that peer meanwhile to the
 * probe, which passes it on.
 */
export class UdpProbes {
  readonly #options: UdpProbesOptions;
  /** Those under way, by their peer. */
  readonly #probes = new Map<string, { readonly socket: Socket; readonly timer: NodeJS.Timeout }>();

  constructor(options: UdpProbesOptions) {
    this.#options = options;
  }

  /** Asks, unless it is being asked already. At PROBES_MAX nothing is done: the peer's silence will tell, later. */
  probe(remote: Address): void {
    const key = `${remote.address} ${remote.port}`;
    if (this.#probes.has(key)) return;
    if (this.#probes.size < PROBES_MAX) this.#open(key, remote);
    else this.#options.counts['dropped-probes-full']++;
  }

  close(): void {
    for (const key of this.#probes.keys()) this.#end(key);
  }

  #open(key: string, remote: Address): void {
    const options = this.#options;
    const socket = options.newSocket();
    const timer = setTimeout(() => this.#end(key), PROBE_MS);
    this.#probes.set(key, { socket, timer });
    const isOpen = (): boolean => this.#probes.get(key)?.socket === socket;
    socket.on('message', (bytes, { address, port }) =>
      options.onDatagram({ address, port }, bytes),
    );
    socket.on('error', (error) => {
      if (!isOpen()) return;
      this.#end(key);
      if (hasCode(error, REFUSED)) options.onRefused(remote);
    });
    socket.once('connect', () => {
      if (isOpen()) socket.send(BLANK);
    });
    socket.bind(options.local.port, options.local.address);
    if (isOpen()) socket.connect(remote.port, remote.address);
  }

  #end(key: string): void {
    const probe = this.#probes.get(key);
    if (probe === undefined) return;
    this.#probes.delete(key);
    clearTimeout(probe.timer);
    probe.socket.close();
  }
}
