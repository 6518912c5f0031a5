/** What is sent: the columns of docs/performance.md. */
export interface Workload {
  readonly name: string;
  /** `store`: through jitter buffer and spool, and on to a receiver. `relay`: from phone to phone, both ways. */
  readonly path: 'store' | 'relay';
  readonly streams: number;
  /** Of all streams together. */
  readonly packetsPerSecond: number;
  /** RTP header and payload. */
  readonly packetBytes: number;
}

export const WORKLOADS: readonly Workload[] = [
  { name: 'speech', path: 'store', streams: 400, packetsPerSecond: 20_000, packetBytes: 172 },
  { name: 'busy', path: 'store', streams: 400, packetsPerSecond: 60_000, packetBytes: 172 },
  { name: 'video', path: 'store', streams: 40, packetsPerSecond: 60_000, packetBytes: 1_200 },
  { name: 'single', path: 'store', streams: 1, packetsPerSecond: 60_000, packetBytes: 1_200 },
  { name: 'voice', path: 'relay', streams: 400, packetsPerSecond: 20_000, packetBytes: 172 },
];

/** Hz of the RTP timestamps: a whole number of units between packets for every workload above. */
export const CLOCK_RATE = 120_000;

/** Units of the media clock between two packets of a stream. */
export const timestampStep = ({ streams, packetsPerSecond }: Workload): number =>
  (CLOCK_RATE * streams) / packetsPerSecond;
