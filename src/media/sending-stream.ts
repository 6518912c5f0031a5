import { copyBytes } from '../base/copy-bytes.ts';
import { instant, type Instant, type Wallclock } from '../base/units.ts';
import { ntpTime } from '../rtp/ntp.ts';
import { RTP_HEADER_BYTES, writeRtpHeader, type RtpHeader } from '../rtp/packet.ts';
import { RtcpWriter } from '../rtp/rtcp-writer.ts';
import type { MediaContext } from './context.ts';
import type { Peer } from './peer.ts';
import { Renumbering } from './renumbering.ts';
import { rtcpName } from './rtcp-name.ts';
import type { SocketPair } from './socket-pairs.ts';

/** Longest packet written: what a UDP datagram can carry on an Ethernet, and more than the spool holds of media. */
const PACKET_BYTES_MAX = 65_507;

/** By chance not even one happens; a receiver that repeats our SSRC on purpose must not keep us busy. */
export const COLLISIONS_MAX = 4;

/**
 * Our side of one outgoing RTP stream: headers of our own before payloads that are not ours, and the sender's RTCP. Header
 * extensions and CSRCs of the received packet are not passed on: what they mean was negotiated with its sender (RFC 8285 §5).
 */
export class SendingStream {
  readonly numbering: Renumbering;
  readonly #cname: string;
  readonly #context: MediaContext;
  readonly #pair: SocketPair;
  readonly #peer: Peer;
  /** The receiver's number for the format. */
  readonly #payloadType: number;
  readonly #clockRate: number;
  /** For sender reports (RFC 3550 §6.4.1). */
  #packets = 0;
  #octets = 0;
  /** Once something was sent. */
  #lastSentAt: Instant = instant(0);
  #collisions = 0;
  readonly #rtcp = new RtcpWriter();
  /** One buffer for all streams: a packet is sent or copied before the next is written. */
  static readonly #packet: Uint8Array = new Uint8Array(PACKET_BYTES_MAX);
  /** The same of what describes it. */
  static readonly #range: { start: number; end: number } = { start: 0, end: 0 };
  static readonly #header: { -readonly [K in keyof RtpHeader]: RtpHeader[K] } = {
    marker: false,
    payloadType: 0,
    sequence: 0,
    timestamp: 0,
    ssrc: 0,
  };

  constructor(terms: SendingTerms, context: MediaContext) {
    this.#context = context;
    this.#pair = terms.pair;
    this.#peer = terms.peer;
    this.#payloadType = terms.payloadType;
    this.#clockRate = terms.clockRate;
    this.#cname = rtcpName(context.random);
    this.numbering = new Renumbering(context.random);
  }

  get ssrc(): number {
    return this.numbering.ssrc;
  }

  /** Whether anything was sent yet: without that, RTCP has nothing to say. */
  get started(): boolean {
    return this.#packets > 0;
  }

  /** Packets and octets of payload sent under this SSRC, modulo 2^32. */
  get packets(): number {
    return this.#packets;
  }

  get octets(): number {
    return this.#octets;
  }

  /** Sends the payload `slab[start, end)` under the numbers that `numbering` came to. */
  send(payload: Payload, marker: boolean, now: Instant): void {
    this.sendAs(this.numbering, payload, marker, now);
  }

  /** The same under numbers that it went out under before. */
  // oxlint-disable-next-line max-params -- called per packet; an options object would be an allocation
  sendAs(numbers: PacketNumbers, payload: Payload, marker: boolean, now: Instant): void {
    const packet = SendingStream.#packet;
    const header = SendingStream.#header;
    header.marker = marker;
    header.payloadType = this.#payloadType;
    header.sequence = numbers.sequence;
    header.timestamp = numbers.timestamp;
    header.ssrc = this.numbering.ssrc;
    writeRtpHeader(packet, 0, header);
    copyBytes(payload.slab, payload.start, payload.end, packet, RTP_HEADER_BYTES);
    const range = SendingStream.#range;
    range.end = RTP_HEADER_BYTES + payload.end - payload.start;
    this.#context.out.send(this.#pair.rtp, packet, range, this.#peer.rtp);
    this.#packets = (this.#packets + 1) >>> 0;
    this.#octets = (this.#octets + payload.end - payload.start) >>> 0;
    this.#lastSentAt = now;
  }

  /** A sender report with CNAME. */
  report(now: Instant, calendar: Wallclock): void {
    this.#sendRtcp(this.#senderReport(now, calendar));
  }

  /**
   * The receiver uses our SSRC: whoever notices says BYE and takes another (RFC 3550 §8.2). A receiver that does so again and
   * again is let be.
   */
  collided(now: Instant, calendar: Wallclock): void {
    if (this.#collisions === COLLISIONS_MAX) return;
    this.#collisions++;
    this.goodbye(now, calendar);
    this.numbering.changeSource(this.#context.random);
    this.#packets = 0;
    this.#octets = 0;
  }

  /** A last sender report, and BYE. */
  goodbye(now: Instant, calendar: Wallclock): void {
    if (this.started) this.#sendRtcp(this.#senderReport(now, calendar).bye(this.ssrc));
  }

  /** The timestamp of a report is that of its NTP time, not of the last packet (RFC 3550 §6.4.1). */
  #senderReport(now: Instant, calendar: Wallclock): RtcpWriter {
    const sinceLast = now - this.#lastSentAt;
    const timestamp = this.numbering.timestamp + Math.round((sinceLast * this.#clockRate) / 1_000);
    const { seconds, fraction } = ntpTime(calendar);
    const sender = {
      ntpSeconds: seconds,
      ntpFraction: fraction,
      timestamp,
      packets: this.#packets,
      octets: this.#octets,
    };
    return this.#rtcp.clear().senderReport(this.ssrc, sender).cname(this.ssrc, this.#cname);
  }

  #sendRtcp({ bytes, length }: RtcpWriter): void {
    const socket = this.#peer.muxed ? this.#pair.rtp : this.#pair.rtcp;
    this.#context.out.send(socket, bytes, { start: 0, end: length }, this.#peer.rtcp);
  }
}

export interface SendingTerms {
  readonly pair: SocketPair;
  readonly peer: Peer;
  readonly payloadType: number;
  readonly clockRate: number;
}

export interface PacketNumbers {
  readonly sequence: number;
  readonly timestamp: number;
}

/** `slab[start, end)`. */
export interface Payload {
  readonly slab: Uint8Array;
  readonly start: number;
  readonly end: number;
}
