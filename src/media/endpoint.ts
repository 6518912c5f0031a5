import { isIPv4, isIPv6 } from 'node:net';
import type { Address } from '../base/address.ts';
import type { DatagramBatch } from './datagrams.ts';

/** The last 16 bits before an IPv4 address mapped into IPv6, ::ffff:a.b.c.d (RFC 4291 §2.5.5.2). */
const MAPPED = 0xffff;
const GROUPS = 8;
/** From 224 on an IPv4 address is no single host's: multicast, reserved, broadcast (RFC 1112 §4, RFC 6890). */
const IPV4_MULTICAST = 224;
/** First byte of an IPv6 multicast address (RFC 4291 §2.7). */
const IPV6_MULTICAST = 0xff;

/**
 * A remote address prepared for the packet path: its 16 bytes as four words, so that comparing it with a datagram's source is
 * five comparisons of numbers.
 */
export class Endpoint {
  readonly address: string;
  readonly port: number;
  /** As the addon takes it, and word by word for comparing: those are signed, since V8 keeps no more than 32 bits in an object. */
  readonly words: Uint32Array;
  readonly #first: number;
  readonly #second: number;
  readonly #third: number;
  readonly #last: number;

  private constructor(address: string, port: number, words: Uint32Array) {
    this.address = address;
    this.port = port;
    this.words = words;
    const [first = 0, second = 0, third = 0, last = 0] = words;
    this.#first = first | 0;
    this.#second = second | 0;
    this.#third = third | 0;
    this.#last = last | 0;
  }

  /** @returns undefined unless the address is numeric and one host's, and the port one that can be sent to. */
  static of({ address, port }: Address): Endpoint | undefined {
    if (!Number.isInteger(port) || port < 1 || port > 65_535) return undefined;
    const words = addressWords(address);
    return words === undefined || !isHost(words) ? undefined : new Endpoint(address, port, words);
  }

  /** Where a datagram came from. @returns undefined for port 0, which can't be answered. */
  static ofSource(batch: DatagramBatch, index: number): Endpoint | undefined {
    const port = batch.sourcePort[index] ?? 0;
    const words = batch.sourceAddress.slice(4 * index, 4 * index + 4);
    return port === 0 ? undefined : new Endpoint(addressText(words), port, words);
  }

  /** Whether a datagram came from here. */
  isSourceOf(batch: DatagramBatch, index: number): boolean {
    return batch.sourcePort[index] === this.port && this.isHostOf(batch, index);
  }

  /** Whether a datagram came from this address, whatever its port. */
  isHostOf(batch: DatagramBatch, index: number): boolean {
    const { sourceAddress } = batch;
    const at = 4 * index;
    return (
      ((sourceAddress[at + 3] ?? 0) | 0) === this.#last &&
      ((sourceAddress[at + 2] ?? 0) | 0) === this.#third &&
      ((sourceAddress[at + 1] ?? 0) | 0) === this.#second &&
      ((sourceAddress[at] ?? 0) | 0) === this.#first
    );
  }

  /** Puts the address, as four words, at `at` of an array. */
  writeWords(into: Uint32Array, at: number): void {
    into[at] = this.#first;
    into[at + 1] = this.#second;
    into[at + 2] = this.#third;
    into[at + 3] = this.#last;
  }

  equals(other: Endpoint): boolean {
    return this.port === other.port && this.words.every((word, at) => word === other.words[at]);
  }
}

/** The 16 bytes of a numeric address, IPv4 mapped into IPv6, as four words. @returns undefined for a name. */
export function addressWords(address: string): Uint32Array | undefined {
  if (isIPv4(address)) return Uint32Array.of(0, 0, MAPPED, ipv4Word(address));
  if (!isIPv6(address)) return undefined;
  const groups = ipv6Groups(address.split('%', 1)[0] ?? '');
  const words = new Uint32Array(4);
  for (let word = 0; word < 4; word++) {
    words[word] = ((groups[2 * word] ?? 0) << 16) | (groups[2 * word + 1] ?? 0);
  }
  return words;
}

/** A stranger's SDP must not make us send to a whole network: no multicast, no broadcast, nothing unspecified. */
function isHost(words: Uint32Array): boolean {
  const [first = 0, second = 0, third = 0, last = 0] = words;
  if (first === 0 && second === 0 && third === MAPPED) {
    return last >>> 24 !== 0 && last >>> 24 < IPV4_MULTICAST;
  }
  return first >>> 24 !== IPV6_MULTICAST && words.some((word) => word !== 0);
}

/** The text of an address: dotted for IPv4, eight groups for IPv6. */
function addressText(words: Uint32Array): string {
  const [first = 0, second = 0, third = 0, last = 0] = words;
  if (first === 0 && second === 0 && third === MAPPED) {
    return [last >>> 24, (last >>> 16) & 0xff, (last >>> 8) & 0xff, last & 0xff].join('.');
  }
  const groups = Array.from(words, (word) => [word >>> 16, word & 0xffff]).flat();
  return groups.map((group) => group.toString(16)).join(':');
}

const ipv4Word = (address: string): number =>
  address.split('.').reduce((word, byte) => (word << 8) | Number(byte), 0) >>> 0;

/** Eight groups of a valid IPv6 address; `::` stands for as many zeros as are missing. */
function ipv6Groups(address: string): readonly number[] {
  const [before = '', after] = address.split('::', 2);
  const head = groupsOf(before);
  if (after === undefined) return head;
  const tail = groupsOf(after);
  const zeros = Array.from({ length: GROUPS - head.length - tail.length }, () => 0);
  return [...head, ...zeros, ...tail];
}

function groupsOf(part: string): number[] {
  const groups: number[] = [];
  for (const text of part.split(':')) {
    if (text.includes('.')) groups.push(ipv4Word(text) >>> 16, ipv4Word(text) & 0xffff);
    else if (text !== '') groups.push(Number.parseInt(text, 16));
  }
  return groups;
}
