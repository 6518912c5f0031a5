import type { Instant } from '../../src/base/units.ts';
import type { RtpRemote } from '../signalling/phone-sdp.ts';
import { epochMs, now } from './clock.ts';
import type { IncomingStream } from './incoming-stream.ts';
import type { OutgoingStream } from './outgoing-stream.ts';
import { readRtcp, writeRtcp, type ReceptionReport, type RtcpPacket } from './rtcp.ts';
import type { RtpSockets } from './rtp-sockets.ts';

export interface ReporterOptions {
  readonly sockets: RtpSockets;
  readonly cname: string;
  /** Oftener than RFC 3550 §6.2 asks of large groups: two parties, and a sender that adapts to what it hears. */
  readonly intervalMs: number;
  /** Where reports go now; undefined while on hold. */
  readonly remote: () => RtpRemote | undefined;
  readonly outgoing: () => OutgoingStream;
  readonly incoming: () => IncomingStream | undefined;
}

/** Sends a report now and then, about what we send and what we receive. */
export class RtcpReporter {
  readonly #options: ReporterOptions;
  #timer: NodeJS.Timeout | undefined;
  /** The last sender report heard, for the round trip in ours (RFC 3550 §6.4.1, LSR and DLSR). */
  #heard: { readonly ntpMiddle: number; readonly at: Instant } | undefined;

  constructor(options: ReporterOptions) {
    this.#options = options;
  }

  start(): void {
    this.#timer ??= setInterval(() => this.#send(false), this.#options.intervalMs);
  }

  /** Says good-bye (RFC 3550 §6.6) and ends the reports. */
  stop(): void {
    if (this.#timer === undefined) return;
    clearInterval(this.#timer);
    this.#timer = undefined;
    this.#send(true);
  }

  /** @returns what a compound says; empty when it can't be read. */
  read(datagram: Uint8Array): RtcpPacket[] {
    const packets = readRtcp(datagram);
    const report = packets.find((packet) => packet.type === 'sr');
    if (report !== undefined) this.#heard = { ntpMiddle: report.ntpMiddle, at: now() };
    return packets;
  }

  /** The receiver's reports about our stream. */
  reportsOf(packets: readonly RtcpPacket[]): ReceptionReport[] {
    const { ssrc } = this.#options.outgoing();
    return packets.flatMap((packet) => packet.reports.filter((report) => report.ssrc === ssrc));
  }

  /** Asks for packets of the other side's stream again (RFC 4585 §6.2.1). */
  ask(sequences: readonly number[]): void {
    const { sockets, cname, remote, outgoing, incoming } = this.#options;
    const to = remote()?.rtcp;
    const media = incoming()?.ssrc;
    if (to === undefined || media === undefined) return;
    sockets.sendRtcp(writeRtcp({ ssrc: outgoing().ssrc, cname, nack: { media, sequences } }), to);
  }

  #send(bye: boolean): void {
    const { sockets, cname, remote, outgoing, incoming } = this.#options;
    const to = remote()?.rtcp;
    if (to === undefined) return;
    const stream = outgoing();
    const { packets, bytes, timestamp } = stream;
    const sender = { wallclockMs: epochMs(), timestamp, packets, bytes };
    const heard = incoming();
    const report = heard === undefined ? {} : { report: this.#report(heard) };
    const facts = packets === 0 ? {} : { sender };
    sockets.sendRtcp(writeRtcp({ ssrc: stream.ssrc, cname, bye, ...facts, ...report }), to);
  }

  #report(stream: IncomingStream): ReceptionReport {
    const heard = this.#heard;
    return {
      ssrc: stream.ssrc,
      fractionLost: stream.takeFractionLost(),
      lost: stream.lost,
      highest: stream.highest,
      jitter: stream.jitter,
      lastReport: heard?.ntpMiddle ?? 0,
      delay: heard === undefined ? 0 : Math.round(((now() - heard.at) * 65_536) / 1_000),
    };
  }
}
