import type { Address } from '../base/address.ts';

/** A local pair of sockets: RTP on the even port, RTCP on the next (RFC 3550 §11). */
export interface RtpPorts {
  readonly address: string;
  readonly rtp: number;
  readonly rtcp: number;
}

/** A signalled remote pair. With rtcp-mux (RFC 5761) both are the same. */
export interface RtpAddress {
  readonly rtp: Address;
  readonly rtcp: Address;
  /**
   * Its packets may come from an address that its owner doesn't know of. Then the source is learnt once, from the first
   * packets (media/peer.ts); otherwise only the signalled one may send.
   */
  readonly behindNat?: boolean;
}
