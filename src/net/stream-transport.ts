import type { Buffer } from 'node:buffer';
import type { Address } from '../base/address.ts';
import type { NetCounts } from './net-counts.ts';

/** What a transport with connections tells its owner. A connection is known by the address at its far end. */
export interface StreamEvents {
  onOpened(remote: Address): void;
  /** Bytes of a stream, cut anywhere; over WebSocket, one whole message. */
  onBytes(remote: Address, bytes: Buffer): void;
  /** The connection is gone, or could not be set up. */
  onClosed(remote: Address): void;
}

/** SIP over connections, whoever opened them. */
export interface StreamTransport {
  /** Where it listens. */
  readonly address: Address;
  /** On the connection to `remote`, which is set up when there is none, where the transport can do so. */
  send(remote: Address, bytes: Buffer): void;
  /** After what was sent. */
  hangUp(remote: Address): void;
  close(): Promise<void>;
}

/** One connection, whatever carries it. */
export interface Connection {
  write(bytes: Buffer): void;
  /** Bytes that the peer has not taken yet. */
  unsentBytes(): number;
  /** After what was written. */
  end(): void;
  destroy(): void;
}

/** Bytes a peer may leave unread before we hang up on it: dozens of messages, so it is not reading at all. */
export const UNSENT_BYTES_MAX = 1_048_576;

/** The connections of one transport, by their far ends. */
export class Connections {
  readonly #byKey = new Map<string, Connection>();
  readonly #counts: NetCounts;

  constructor(counts: NetCounts) {
    this.#counts = counts;
  }

  /** The latest connection of an address is the one that counts. */
  add(remote: Address, connection: Connection): void {
    this.#byKey.set(keyOf(remote), connection);
  }

  /** @returns false when it is not the one that counts. */
  remove(remote: Address, connection: Connection): boolean {
    const counts = this.#byKey.get(keyOf(remote)) === connection;
    if (counts) this.#byKey.delete(keyOf(remote));
    return counts;
  }

  /** @returns false when there is no connection. */
  send(remote: Address, bytes: Buffer): boolean {
    const connection = this.#byKey.get(keyOf(remote));
    if (connection === undefined) return false;
    connection.write(bytes);
    if (connection.unsentBytes() <= UNSENT_BYTES_MAX) return true;
    this.#counts['closed-unread']++;
    connection.destroy();
    return true;
  }

  hangUp(remote: Address): void {
    this.#byKey.get(keyOf(remote))?.end();
  }

  destroyAll(): void {
    for (const connection of this.#byKey.values()) connection.destroy();
  }
}

const keyOf = ({ address, port }: Address): string => `${address} ${port}`;
