import type { RtpAddress } from '../rtp/transport-address.ts';
import { Endpoint } from './endpoint.ts';

/**
 * Who may send to one of our addresses: the signalled peer and no one else, address and port. Learning the source from the
 * first packet instead would let a stranger take or inject media (RTP bleed, CVE-2025-53399).
 */
export class Peer {
  readonly rtp: Endpoint;
  readonly rtcp: Endpoint;
  /** Both on one port (RFC 5761): RTCP is told from RTP by its packet type. */
  readonly muxed: boolean;

  private constructor(rtp: Endpoint, rtcp: Endpoint) {
    this.rtp = rtp;
    this.rtcp = rtcp;
    this.muxed = rtp.equals(rtcp);
  }

  /** @returns undefined when an address is not numeric or a port is none. */
  static of(remote: RtpAddress): Peer | undefined {
    const rtp = Endpoint.of(remote.rtp);
    const rtcp = Endpoint.of(remote.rtcp);
    return rtp === undefined || rtcp === undefined ? undefined : new Peer(rtp, rtcp);
  }
}
