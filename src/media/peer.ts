import { after, instant, type Instant } from '../base/units.ts';
import { isRtcp } from '../rtp/packet.ts';
import { senderOf } from '../rtp/rtcp.ts';
import type { RtpAddress } from '../rtp/transport-address.ts';
import type { DatagramBatch } from './datagrams.ts';
import { Endpoint } from './endpoint.ts';
import { SourceLock } from './source-lock.ts';

/** How long a source may be learnt: the first seconds of media, so that nobody can take over later. */
export const LEARN_MS = 5_000;

const NEVER_LEARNT = instant(Number.NEGATIVE_INFINITY);

/**
 * Who may send to one of our addresses, and where what is for them goes. Taking the source of whatever comes first would let
 * a stranger take or inject media (RTP bleed, CVE-2025-53399), so:
 *
 * - strict: the signalled address and port, and nothing else, ever.
 * - behind a NAT: the same, and within the first seconds a source that sends LOCK_PACKETS in a row takes the place of the
 *   signalled one. That happens once; another source needs new signalling. Its RTCP has a port of its own, which is taken
 *   from the first RTCP that comes from the same address and SSRC.
 *
 * Until then packets for them go to the signalled address.
 */
export class Peer {
  readonly #signalled: { readonly rtp: Endpoint; readonly rtcp: Endpoint };
  #rtp: Endpoint;
  #rtcp: Endpoint;
  /** Both on one port (RFC 5761): RTCP is told from RTP by its packet type. */
  readonly muxed: boolean;
  /** Undefined when strict. */
  readonly #lock: SourceLock | undefined;
  #learnUntil: Instant = NEVER_LEARNT;
  #rtpLocked = false;
  #rtcpLocked = false;

  private constructor(rtp: Endpoint, rtcp: Endpoint, lock: SourceLock | undefined) {
    this.#signalled = { rtp, rtcp };
    this.#rtp = rtp;
    this.#rtcp = rtcp;
    this.#lock = lock;
    this.muxed = rtp.equals(rtcp);
  }

  /** @returns undefined when an address is not numeric, not one host's, or a port is none. */
  static of(remote: RtpAddress): Peer | undefined {
    const rtp = Endpoint.of(remote.rtp);
    const rtcp = Endpoint.of(remote.rtcp);
    if (rtp === undefined || rtcp === undefined) return undefined;
    return new Peer(rtp, rtcp, remote.behindNat === true ? new SourceLock() : undefined);
  }

  /** Where RTP for them goes. */
  get rtp(): Endpoint {
    return this.#rtp;
  }

  get rtcp(): Endpoint {
    return this.#rtcp;
  }

  /** Whether a new signalling says nothing new: then what was learnt stays. */
  isSignalledLike(other: Peer): boolean {
    const { rtp, rtcp } = this.#signalled;
    const isSame = rtp.equals(other.#signalled.rtp) && rtcp.equals(other.#signalled.rtcp);
    return isSame && (this.#lock === undefined) === (other.#lock === undefined);
  }

  /** Media may begin: the time to learn runs from now. Nothing happens when strict, or when it is known already. */
  learnFrom(now: Instant): void {
    if (this.#lock !== undefined && !this.#rtpLocked) this.#learnUntil = after(now, LEARN_MS);
  }

  /** From when on the address is certain: before that, what is sent may go nowhere. */
  get settledAt(): Instant {
    return this.#rtpLocked ? NEVER_LEARNT : this.#learnUntil;
  }

  /** Whether a datagram on our RTP socket may still teach where they are. */
  learnsRtp(batch: DatagramBatch, index: number): boolean {
    return this.#lock !== undefined && batch.arrival(index) < this.settledAt;
  }

  /** The same of our RTCP socket. */
  get learnsRtcp(): boolean {
    return this.#rtpLocked && !this.#rtcpLocked && !this.muxed;
  }

  /** Whether a datagram on our RTP socket is RTCP, which shares it. */
  isRtcp(batch: DatagramBatch, index: number): boolean {
    return this.muxed && isRtcp(batch.slab, batch.start(index), batch.end(index));
  }

  /** Whether the datagram on our RTP socket is theirs. */
  admitsRtp(batch: DatagramBatch, index: number): boolean {
    if (this.learnsRtp(batch, index)) this.#learnRtp(batch, index);
    return this.#rtp.isSourceOf(batch, index);
  }

  /** Whether the datagram on our RTCP socket is theirs. */
  admitsRtcp(batch: DatagramBatch, index: number): boolean {
    if (this.learnsRtcp) this.#learnRtcp(batch, index);
    return this.#rtcp.isSourceOf(batch, index);
  }

  #learnRtp(batch: DatagramBatch, index: number): void {
    const source = this.#lock?.observe(batch, index);
    if (source === undefined) return;
    this.#rtpLocked = true;
    this.#rtp = source;
    if (this.muxed) this.#rtcp = source;
    else this.#rtcpLocked = source.equals(this.#signalled.rtp);
  }

  #learnRtcp(batch: DatagramBatch, index: number): void {
    if (!this.#rtp.isHostOf(batch, index)) return;
    const ssrc = senderOf(batch.slab, batch.start(index), batch.end(index));
    if (ssrc === undefined || ssrc !== this.#lock?.ssrc) return;
    const source = Endpoint.ofSource(batch, index);
    if (source === undefined) return;
    this.#rtcpLocked = true;
    this.#rtcp = source;
  }
}
