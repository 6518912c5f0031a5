import { isRtcp } from '../rtp/packet.ts';
import { IncomingSrtp, type SrtpFault } from '../rtp/srtp/incoming-srtp.ts';
import { EXHAUSTED, OutgoingSrtp, TRAILER_BYTES_MAX } from '../rtp/srtp/outgoing-srtp.ts';
import { PACKET_BYTES_MAX } from '../rtp/srtp/packet-cut.ts';
import type { SrtpKeys } from '../transfers/media-plane.ts';
import type { ByteRange, DatagramBatch, DatagramSender } from './datagrams.ts';
import type { Endpoint } from './endpoint.ts';
import type { Peer } from './peer.ts';
import type { SocketPair } from './socket-pairs.ts';

/** One for all legs: a packet is sent or copied before the next is sealed. */
const sealed = new Uint8Array(PACKET_BYTES_MAX + TRAILER_BYTES_MAX);

/**
 * SRTP of one storage leg, between its sockets and all that reads or writes RTP:
 *
 *    batch ─► open: authenticated, decrypted in place ─► Ingest, Delivery
 *    sockets ◄─ send: copied, encrypted ◄─────────────── Ingest, Delivery
 */
export class Protection implements DatagramSender {
  readonly #incoming: IncomingSrtp;
  readonly #outgoing: OutgoingSrtp;
  readonly #out: DatagramSender;
  readonly #pair: SocketPair;
  readonly #peer: Peer;
  /** Reused for each packet. */
  readonly #range: { -readonly [K in keyof ByteRange]: number } = { start: 0, end: 0 };

  constructor(keys: SrtpKeys, { pair, peer }: Leg, out: DatagramSender) {
    this.#incoming = new IncomingSrtp(keys.incoming);
    this.#outgoing = new OutgoingSrtp(keys.outgoing);
    this.#out = out;
    this.#pair = pair;
    this.#peer = peer;
  }

  /** Leaves plain RTP or RTCP in place of datagram `index`. @returns why it is to be dropped, when it is. */
  open(batch: DatagramBatch, index: number, rtcp: boolean): SrtpFault | undefined {
    const { slab } = batch;
    const start = batch.start(index);
    const end = rtcp
      ? this.#incoming.unprotectRtcp(slab, start, batch.end(index))
      : this.#incoming.unprotectRtp(slab, start, batch.end(index));
    if (typeof end === 'string') return end;
    batch.length[index] = end - start;
    return undefined;
  }

  /** Sends it encrypted. @returns false also when the key is used up: then nothing may leave any more. */
  send(socket: number, slab: Uint8Array, { start, end }: ByteRange, to: Endpoint): boolean {
    const length = end - start;
    if (length > PACKET_BYTES_MAX) return false;
    sealed.set(slab.subarray(start, end));
    const sealedEnd = this.#isRtcp(socket, length)
      ? this.#outgoing.protectRtcp(sealed, 0, length)
      : this.#outgoing.protectRtp(sealed, 0, length);
    if (sealedEnd === EXHAUSTED) return false;
    this.#range.end = sealedEnd;
    return this.#out.send(socket, sealed, this.#range, to);
  }

  #isRtcp(socket: number, length: number): boolean {
    if (!this.#peer.muxed) return socket === this.#pair.rtcp;
    return isRtcp(sealed, 0, length);
  }
}

/** What a leg sends through and, with SRTP, receives through. */
export function protectLeg(
  keys: SrtpKeys | undefined,
  leg: Leg,
  out: DatagramSender,
): { readonly protection: Protection | undefined; readonly out: DatagramSender } {
  if (keys === undefined) return { protection: undefined, out };
  const protection = new Protection(keys, leg, out);
  return { protection, out: protection };
}

/** A storage leg's sockets and its other side. */
export interface Leg {
  readonly pair: SocketPair;
  readonly peer: Peer;
}
