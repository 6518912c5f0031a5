import type { DatagramBatch } from './datagrams.ts';
import type { Peer } from './peer.ts';
import type { Protection } from './protection.ts';
import { SRTP_COUNTS } from './srtp-counts.ts';

/** What a datagram that is refused counts as. */
export type Refusal = (typeof SRTP_COUNTS)[keyof typeof SRTP_COUNTS];

/**
 * Whether a datagram on a socket of a storage leg is its peer's: by its source and, with SRTP, by its tag; then it is
 * decrypted in place. The source comes first, so that a stranger costs no cryptography; but while it is still being learnt,
 * only what is authentic may teach it.
 * @param onRtcp it came to the RTCP socket.
 * @returns undefined when it is.
 */
// oxlint-disable-next-line max-params -- called per packet; an options object would be an allocation
export function refusalOf(
  leg: ProtectedLeg,
  batch: DatagramBatch,
  index: number,
  onRtcp: boolean,
): Refusal | undefined {
  const { peer, protection } = leg;
  if (protection === undefined) return foreign(peer, batch, index, onRtcp);
  if (onRtcp ? peer.learnsRtcp : peer.learnsRtp(batch, index))
    return opened(leg, batch, index, onRtcp) ?? foreign(peer, batch, index, onRtcp);
  return foreign(peer, batch, index, onRtcp) ?? opened(leg, batch, index, onRtcp);
}

export interface ProtectedLeg {
  readonly peer: Peer;
  /** Undefined without SRTP. */
  readonly protection: Protection | undefined;
}

function foreign(
  peer: Peer,
  batch: DatagramBatch,
  index: number,
  onRtcp: boolean,
): Refusal | undefined {
  const admitted = onRtcp ? peer.admitsRtcp(batch, index) : peer.admitsRtp(batch, index);
  return admitted ? undefined : 'foreign';
}

/** Decrypts it in place, with SRTP. */
function opened(
  { peer, protection }: ProtectedLeg,
  batch: DatagramBatch,
  index: number,
  onRtcp: boolean,
): Refusal | undefined {
  const fault = protection?.open(batch, index, onRtcp || peer.isRtcp(batch, index));
  return fault === undefined ? undefined : SRTP_COUNTS[fault];
}
