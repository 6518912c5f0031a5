import { extendSequence } from '../sequence.ts';
import {
  ENCRYPTED_BIT,
  PacketCut,
  readWord,
  WORD_BYTES,
  type PacketTransform,
} from './packet-cut.ts';
import { rtpBodyAt } from './rtp-body.ts';
import { Sources, type Source } from './sources.ts';
import type { SrtpKey } from './suites.ts';
import { transformsOf } from './transforms.ts';

/** An RTCP header with the SSRC of its sender is not encrypted (RFC 3711 §3.4). */
export const RTCP_CLEAR_BYTES = 8;

/**
 * Why a packet is dropped. `short`: no room for header and trailer. `unauthentic`: its tag is wrong, or it is not encrypted.
 * `replayed`: taken before, or too old to tell. `source`: one SSRC more than we remember.
 */
export type SrtpFault = 'short' | 'unauthentic' | 'replayed' | 'source';

/**
 * The other side's SRTP and SRTCP under one master key: authenticates, then decrypts in place (RFC 3711 §3.3, §3.4). Nothing is
 * learnt from a packet that is not authentic.
 */
export class IncomingSrtp {
  readonly #rtp: PacketTransform;
  readonly #rtcp: PacketTransform;
  readonly #rtpSources = new Sources();
  readonly #rtcpSources = new Sources();
  /** Reused for each packet. */
  readonly #cut = new PacketCut();

  constructor(key: SrtpKey) {
    const { rtp, rtcp } = transformsOf(key);
    this.#rtp = rtp;
    this.#rtcp = rtcp;
  }

  /** @returns where the RTP packet at `slab[start, …)` ends, or why there is none. */
  unprotectRtp(slab: Uint8Array, start: number, end: number): number | SrtpFault {
    const cut = this.#cut;
    cut.slab = slab;
    cut.start = start;
    cut.body = rtpBodyAt(slab, start, end);
    cut.end = end - this.#rtp.trailerBytes;
    if (cut.body < 0 || cut.body > cut.end) return 'short';
    cut.ssrc = readWord(slab, start + 8);
    const source = this.#rtpSources.find(cut.ssrc);
    const sequence = ((slab[start + 2] ?? 0) << 8) | (slab[start + 3] ?? 0);
    cut.index = source === undefined ? sequence : extendSequence(source.highest, sequence);
    // Before the first packet that ever was.
    if (cut.index < 0) return 'replayed';
    return this.#open(this.#rtp, this.#rtpSources, source);
  }

  /**
   * @returns where the RTCP compound at `slab[start, …)` ends, or why there is none.
   * Deviation: SRTCP that is not encrypted is refused, since we never agree to it (RFC 4568 §6.3.3).
   */
  unprotectRtcp(slab: Uint8Array, start: number, end: number): number | SrtpFault {
    const cut = this.#cut;
    cut.slab = slab;
    cut.start = start;
    cut.body = start + RTCP_CLEAR_BYTES;
    cut.end = end - this.#rtcp.trailerBytes;
    if (cut.body > cut.end) return 'short';
    cut.ssrc = readWord(slab, start + WORD_BYTES);
    const word = readWord(slab, cut.end + this.#rtcp.wordAt);
    if (word < ENCRYPTED_BIT) return 'unauthentic';
    cut.index = word - ENCRYPTED_BIT;
    return this.#open(this.#rtcp, this.#rtcpSources, this.#rtcpSources.find(cut.ssrc));
  }

  #open(
    transform: PacketTransform,
    sources: Sources,
    known: Source | undefined,
  ): number | SrtpFault {
    const cut = this.#cut;
    if (known === undefined && sources.full) return 'source';
    if (!transform.open(cut)) return 'unauthentic';
    const source = known ?? sources.add(cut.ssrc, cut.index);
    return source.take(cut.index) ? cut.end : 'replayed';
  }
}
