import assert from 'node:assert';
import { extendSequence } from '../sequence.ts';
import { RTCP_CLEAR_BYTES } from './incoming-srtp.ts';
import { PacketCut, readWord, type PacketTransform } from './packet-cut.ts';
import { rtpBodyAt } from './rtp-body.ts';
import type { SrtpKey } from './suites.ts';
import { transformsOf } from './transforms.ts';

/** A master key is good for this many packets (RFC 3711 §9.2): an index twice under one key would give the key stream away. */
export const RTP_INDEX_MAX: number = 2 ** 48 - 1;
export const RTCP_INDEX_MAX: number = 2 ** 31 - 1;
/** Longest trailer: a tag of GCM and the SRTCP index. */
export const TRAILER_BYTES_MAX = 20;
/** No more packets can be sent under this key. */
export const EXHAUSTED = -1;

/**
 * Our SRTP and SRTCP under one master key: encrypts in place and signs (RFC 3711 §3.3, §3.4). One SSRC at a time, which changes when
 * the other side uses it too (RFC 3550 §8.2): each has a count of its packets of its own, or one pad would be used twice.
 */
export class OutgoingSrtp {
  readonly #rtp: PacketTransform;
  readonly #rtcp: PacketTransform;
  #ssrc: number | undefined;
  /** Newest packets of the SSRCs before; a handful, since a stream changes it COLLISIONS_MAX times (media/). */
  readonly #earlier = new Map<number, number>();
  /** Of the newest packet; undefined before the first. */
  #rtpIndex: number | undefined;
  /** Of the next compound: the first has 0 (RFC 3711 §3.4). */
  #rtcpIndex: number;
  /** Reused for each packet. */
  readonly #cut = new PacketCut();

  /** @param used up of the key already: a new one has none. */
  constructor(key: SrtpKey, used: { readonly rtp?: number; readonly rtcp?: number } = {}) {
    const { rtp, rtcp } = transformsOf(key);
    this.#rtp = rtp;
    this.#rtcp = rtcp;
    this.#rtpIndex = used.rtp;
    this.#rtcpIndex = used.rtcp ?? 0;
  }

  /**
   * Protects the RTP packet at `slab[start, end)`; the slab has TRAILER_BYTES_MAX more. The first sequence number is to be below
   * 32,768, or who misses the first packets can't know how often numbers wrapped (RFC 4568 §6.4).
   * @returns where it ends now, or EXHAUSTED.
   */
  protectRtp(slab: Uint8Array, start: number, end: number): number {
    const cut = this.#cut;
    cut.slab = slab;
    cut.start = start;
    cut.body = rtpBodyAt(slab, start, end);
    cut.end = end;
    cut.ssrc = this.#countOf(readWord(slab, start + 8));
    assert(cut.body >= 0, 'what we send is RTP');
    const sequence = ((slab[start + 2] ?? 0) << 8) | (slab[start + 3] ?? 0);
    cut.index = this.#rtpIndex === undefined ? sequence : extendSequence(this.#rtpIndex, sequence);
    if (cut.index > RTP_INDEX_MAX) return EXHAUSTED;
    this.#rtpIndex = Math.max(cut.index, this.#rtpIndex ?? 0);
    this.#rtp.seal(cut);
    return end + this.#rtp.trailerBytes;
  }

  /** The same for the RTCP compound at `slab[start, end)`. */
  protectRtcp(slab: Uint8Array, start: number, end: number): number {
    if (this.#rtcpIndex > RTCP_INDEX_MAX) return EXHAUSTED;
    const cut = this.#cut;
    cut.slab = slab;
    cut.start = start;
    cut.body = start + RTCP_CLEAR_BYTES;
    cut.end = end;
    cut.ssrc = readWord(slab, start + 4);
    cut.index = this.#rtcpIndex++;
    this.#rtcp.seal(cut);
    return end + this.#rtcp.trailerBytes;
  }

  /** Goes on with the count of this SSRC. */
  #countOf(ssrc: number): number {
    this.#ssrc ??= ssrc;
    if (ssrc === this.#ssrc) return ssrc;
    if (this.#rtpIndex !== undefined) this.#earlier.set(this.#ssrc, this.#rtpIndex);
    this.#rtpIndex = this.#earlier.get(ssrc);
    this.#ssrc = ssrc;
    return ssrc;
  }
}
