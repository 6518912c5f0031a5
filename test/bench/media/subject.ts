import type { UdpChoice } from '../../../src/net/open-udp.ts';
import type { Programs } from './native-programs.ts';
import type { Workload } from './workloads.ts';

/**
 * What can be measured: the bare relay in C, which nothing can be cheaper than; the product on each kind of sockets; and rtpengine in
 * user space, without and with its recording of packets.
 */
export const SUBJECTS = [
  'c-relay',
  'io_uring',
  'epoll',
  'dgram',
  'rtpengine',
  'rtpengine-pcap',
] as const;
export type SubjectName = (typeof SUBJECTS)[number];

/** What a subject has to carry. */
export interface SubjectTerms {
  readonly workload: Workload;
  /** All streams come from one socket. */
  readonly oneSource: boolean;
  /** A folder of its own for what it records. */
  readonly folder: string;
  readonly programs: Programs;
  /** Folder for CPU profiles, where the subject can make some. */
  readonly profile: string | undefined;
  readonly signal: AbortSignal;
}

/** A process that carries the streams of a workload. */
export interface Subject {
  readonly pid: number;
  /** Where each stream is to be sent. */
  readonly ports: readonly number[];
  /** Resident memory of the process before it had any stream. */
  readonly emptyBytes: number;
  stop(): Promise<void>;
}

/** Of the subjects that are the product: what its sockets are. */
export function socketsOf(name: SubjectName): UdpChoice | undefined {
  return name === 'io_uring' || name === 'epoll' || name === 'dgram' ? name : undefined;
}
