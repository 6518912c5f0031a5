import { isIPv6, type Server, type Socket } from 'node:net';
import type { NetCounts } from './net-counts.ts';

export interface GateLimits {
  /** Connections of all SIP transports together. */
  readonly connectionsMax: number;
  /** Of these, with one source address. */
  readonly perSourceMax: number;
}

/**
 * Phones and peers at a time: one descriptor and some 10 KiB each, 50 KiB with TLS. One source is one phone, or an office
 * or a mobile operator's NAT with some hundreds; it takes twenty of them to fill the server.
 */
export const GATE_LIMITS: GateLimits = { connectionsMax: 10_000, perSourceMax: 500 };

/** Destroys all connections that came in through one server, those in a handshake too. */
export type Evict = () => void;

/** Lets connections in, before TLS and HTTP spend anything on them. One for all transports. */
export class Gate {
  readonly #limits: GateLimits;
  /** Open connections by source. */
  readonly #bySource = new Map<string, number>();
  /** Open connections, ours to others included. */
  #open = 0;
  readonly #counts: NetCounts;

  constructor(counts: NetCounts, limits: Partial<GateLimits> = {}) {
    this.#counts = counts;
    this.#limits = { ...GATE_LIMITS, ...limits };
  }

  /** Watches whoever connects, ahead of what the server itself does. */
  guard(server: Server): Evict {
    const inside = new Set<Socket>();
    server.prependListener('connection', (socket: Socket) => {
      if (!this.#enters(socket)) return;
      inside.add(socket);
      socket.once('close', () => inside.delete(socket));
    });
    return () => {
      for (const socket of inside) socket.destroy();
    };
  }

  /** Whether one more connection of ours may be made; then `register` it. */
  mayConnect(): boolean {
    const isFull = this.#open >= this.#limits.connectionsMax;
    if (isFull) this.#counts['closed-connections-full']++;
    return !isFull;
  }

  /** Counts a connection until it closes. */
  register(socket: Socket): void {
    this.#open++;
    socket.once('close', () => this.#open--);
  }

  /** A socket that is turned away is destroyed: the server's own listeners see that. */
  #enters(socket: Socket): boolean {
    const source = sourceOf(socket.remoteAddress ?? '');
    if (!this.#admits(source)) {
      socket.destroy();
      return false;
    }
    this.register(socket);
    this.#bySource.set(source, this.#countOf(source) + 1);
    socket.once('close', () => this.#leave(source));
    return true;
  }

  #admits(source: string): boolean {
    if (!this.mayConnect()) return false;
    const mayEnter = this.#countOf(source) < this.#limits.perSourceMax;
    if (!mayEnter) this.#counts['closed-source-full']++;
    return mayEnter;
  }

  #countOf(source: string): number {
    return this.#bySource.get(source) ?? 0;
  }

  #leave(source: string): void {
    const rest = this.#countOf(source) - 1;
    if (rest === 0) this.#bySource.delete(source);
    else this.#bySource.set(source, rest);
  }
}

const GROUPS = 8;
/** A site's network, 64 bits: one machine has all addresses of it. */
const GROUPS_OF_SITE = 4;

/** Who is behind an address: an IPv4 address is one source, of IPv6 the whole /64. */
export function sourceOf(address: string): string {
  const plain = unmapped(address);
  if (!isIPv6(plain)) return plain;
  const [head = '', tail = ''] = plain.split('::');
  const before = head === '' ? [] : head.split(':');
  const after = tail === '' ? [] : tail.split(':');
  const length = Math.max(0, GROUPS - before.length - after.length);
  const zeros = Array.from({ length }, () => '0');
  return [...before, ...zeros, ...after].slice(0, GROUPS_OF_SITE).join(':');
}

/** An IPv4 peer of a socket that listens on both families. */
export const unmapped = (address: string): string =>
  address.startsWith('::ffff:') && address.includes('.')
    ? address.slice('::ffff:'.length)
    : address;
