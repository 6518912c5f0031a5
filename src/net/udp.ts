import type { DatagramBatch, DatagramSockets } from '../media/datagrams.ts';

/**
 * The contract of UDP for media: a batch of datagrams in, queued sends out. `udp-native.ts` keeps it by an addon, with epoll or
 * io_uring, `udp-dgram.ts` with node:dgram, one datagram a batch; one suite in test/contract runs on each.
 *
 * What goes wrong with one datagram never throws and never ends a socket:
 *
 *   ENOBUFS, EAGAIN      lost here, counted as `noBuffers`
 *   EMSGSIZE             lost here, counted as `tooLong`
 *   ECONNREFUSED         the peer's machine says no one listens: counted as `refused`, sending goes on
 *   anything else        lost here, counted as `failed`
 */
export interface UdpSockets extends DatagramSockets {
  counts(): UdpCounts;
  /** Closes all sockets. Resolves when the kernel has them back. */
  stop(): Promise<void>;
}

/** Datagrams that could not be sent, by cause. */
export interface UdpCounts {
  readonly sockets: number;
  readonly noBuffers: number;
  readonly tooLong: number;
  readonly refused: number;
  readonly failed: number;
}

/** What an adapter is given. */
export interface UdpOptions {
  /** IP type of service of what is sent: DSCP, and ECN in the last two bits. 0 when not given; node:dgram can't set it. */
  readonly tos?: number;
  /** Gets each batch; it is valid until this returns. */
  onBatch(batch: DatagramBatch): void;
  /** An error's code, each time: the owner limits what is logged. */
  onError(code: string, facts: Readonly<Record<string, unknown>>): void;
}

/** Asked of the kernel for each socket: 70 ms of the fastest stream. Where less is allowed, that is what we get. */
export const RECEIVE_BUFFER_BYTES = 4_194_304;
/** Two for each of 4,096 pairs; below the usual limit of descriptors of a service, 16,384. */
export const SOCKETS_MAX = 8_192;
