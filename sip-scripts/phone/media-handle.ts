import { randomInt } from 'node:crypto';
import { parseRtp, RtpView } from '../../src/rtp/packet.ts';
import type { Address } from '../../src/base/address.ts';
import type { SrtpKey } from '../../src/rtp/srtp/suites.ts';
import {
  LINE_KINDS,
  writeSdp,
  type Direction,
  type LineKind,
  type RtpRemote,
} from '../signalling/phone-sdp.ts';
import { now } from '../streams/clock.ts';
import { IncomingStream } from '../streams/incoming-stream.ts';
import { OutgoingStream } from '../streams/outgoing-stream.ts';
import { RtcpReporter } from '../streams/rtcp-reporter.ts';
import type { ReceptionReport, RtcpPacket } from '../streams/rtcp.ts';
import type { RtpSockets } from '../streams/rtp-sockets.ts';
import type { SecuredPackets } from '../streams/secured-packets.ts';
import type { Fields } from './lines.ts';

const CLOCK_RATE: Readonly<Record<LineKind, number>> = { audio: 8_000, file: 90_000 };

/** Between reports. A sender of a file steers its rate by them. */
const REPORT_MS: Readonly<Record<LineKind, number>> = { audio: 1_000, file: 150 };

/** A sender or a receiver that uses a handle. */
export interface MediaTask {
  /** A packet of the stream, once, with its extended sequence number. The payload is valid during the call only. */
  rtp?(sequence: number, payload: Uint8Array): void;
  rtcp?(packets: readonly RtcpPacket[], reports: readonly ReceptionReport[]): void;
  /** The other side ended its stream. */
  bye?(): void;
  /** For `stats`. */
  facts(): Fields;
  stop(): void;
}

/** The one crypto line that we offer. */
const CRYPTO_TAG = '1';

/** SRTP wants the first number below half of the range (RFC 4568 §6.4). */
const firstSequence = (secured: SecuredPackets | undefined): number =>
  randomInt(secured === undefined ? 2 ** 16 : 2 ** 15);

export interface MediaHandleParts {
  readonly id: string;
  readonly kind: LineKind;
  readonly sockets: RtpSockets;
  /** With SRTP. */
  readonly secured: SecuredPackets | undefined;
}

/** A media line that is not voice: where a file or a stream is sent from, or received at. */
export class MediaHandle {
  readonly id: string;
  readonly kind: LineKind;
  readonly sockets: RtpSockets;
  readonly outgoing: OutgoingStream;
  readonly #secured: SecuredPackets | undefined;
  readonly #reporter: RtcpReporter;
  readonly #view = new RtpView();
  #incoming: IncomingStream | undefined;
  #task: MediaTask | undefined;
  #remote: RtpRemote | undefined;
  /** Packets from elsewhere than the other side's address. */
  #foreign = 0;
  #malformed = 0;
  /** Packets without a task to take them. */
  #untaken = 0;

  constructor({ id, kind, sockets, secured }: MediaHandleParts, cname: string) {
    this.id = id;
    this.kind = kind;
    this.sockets = sockets;
    this.#secured = secured;
    if (secured !== undefined) sockets.secure(secured);
    this.outgoing = new OutgoingStream(LINE_KINDS[kind].payloadType, firstSequence(secured));
    this.#reporter = new RtcpReporter({
      sockets,
      cname,
      intervalMs: REPORT_MS[kind],
      remote: () => this.#remote,
      outgoing: () => this.outgoing,
      incoming: () => this.#incoming,
    });
    sockets.listen({
      rtp: (packet, source) => this.#rtp(packet, source),
      rtcp: (packet) => this.#rtcp(packet),
    });
  }

  /** An SDP offer for this line alone. */
  offer(direction: Direction): string {
    const { address, rtpPort, rtcpPort } = this.sockets;
    const key = this.#secured?.key;
    const crypto = key === undefined ? {} : { crypto: { tag: CRYPTO_TAG, ...key } };
    const line = { kind: this.kind, rtpPort, rtcpPort, direction, ...crypto };
    return writeSdp({ address, sessionId: rtpPort, version: 1, lines: [line] });
  }

  /** Who the other side is, once its SDP is known: only its packets count, and it gets our reports. @param key with SRTP. */
  connect(remote: RtpRemote, key?: SrtpKey): void {
    this.#remote = remote;
    if (key !== undefined) this.sockets.agree(key);
    this.#reporter.start();
  }

  /** Gives the handle something to do; a former task is stopped. */
  assign(task: MediaTask): void {
    this.#task?.stop();
    this.#task = task;
  }

  /** Asks the other side for packets again. */
  askAgain(sequences: readonly number[]): void {
    this.#reporter.ask(sequences);
  }

  /** Ends the reports with BYE: nothing more is wanted. */
  sayGoodbye(): void {
    this.#reporter.stop();
  }

  facts(): Fields {
    return {
      handle: this.id,
      kind: this.kind,
      sent: this.outgoing.counts(),
      received: this.#incoming?.counts(),
      foreign: this.#foreign,
      malformed: this.#malformed,
      untaken: this.#untaken,
      refused: this.#secured?.refused,
      ...this.#task?.facts(),
    };
  }

  close(): void {
    this.#task?.stop();
    this.#reporter.stop();
    this.sockets.close();
  }

  #rtp(packet: Uint8Array, source: Address): void {
    const view = this.#view;
    const expected = this.#remote?.rtp;
    if (
      expected !== undefined &&
      (source.port !== expected.port || source.address !== expected.address)
    ) {
      this.#foreign++;
    } else if (parseRtp(packet, packet.length, view) === undefined) {
      this.#take(view, packet.subarray(view.payloadStart, view.payloadEnd));
    } else {
      this.#malformed++;
    }
  }

  #take(view: RtpView, payload: Uint8Array): void {
    if (this.#incoming?.ssrc !== view.ssrc) {
      this.#incoming = new IncomingStream(view, CLOCK_RATE[this.kind]);
    }
    const sequence = this.#incoming.take(view, payload, now());
    if (sequence === undefined) return;
    if (this.#task?.rtp === undefined) this.#untaken++;
    else this.#task.rtp(sequence, payload);
  }

  #rtcp(packet: Uint8Array): void {
    const packets = this.#reporter.read(packet);
    this.#task?.rtcp?.(packets, this.#reporter.reportsOf(packets));
    if (packets.some(({ type }) => type === 'bye')) this.#task?.bye?.();
  }
}
