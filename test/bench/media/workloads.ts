/** What is sent: the columns of docs/performance.md, and voice that is only passed on. */
export interface Workload {
  readonly name: string;
  /** `store`: through jitter buffer and spool, and on to a receiver. `relay`: from phone to phone. */
  readonly path: 'store' | 'relay';
  readonly streams: number;
  /** Of all streams together. */
  readonly packetsPerSecond: number;
  /** RTP header and payload. */
  readonly packetBytes: number;
  /** As the SDP names it. */
  readonly media: 'audio' | 'video';
}

export const WORKLOADS: readonly Workload[] = [
  workload('speech', 'store', 400, 20_000, 172),
  workload('busy', 'store', 400, 60_000, 172),
  workload('video', 'store', 40, 60_000, 1_200),
  workload('single', 'store', 1, 60_000, 1_200),
  workload('voice', 'relay', 400, 20_000, 172),
];

/** Hz of the RTP timestamps: fine enough for 60,000 packets a second of one stream. */
export const CLOCK_RATE = 120_000;

/** RTP payload type of a workload: PCMU (RFC 3551 §6), or the first of the dynamic ones. */
export const payloadTypeOf = ({ media }: Workload): number => (media === 'audio' ? 0 : 96);

// oxlint-disable-next-line max-params -- rows of a table
function workload(
  name: string,
  path: Workload['path'],
  streams: number,
  packetsPerSecond: number,
  packetBytes: number,
): Workload {
  const media = packetBytes > 1_000 ? 'video' : 'audio';
  return { name, path, streams, packetsPerSecond, packetBytes, media };
}
