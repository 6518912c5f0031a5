import { createHash, randomInt } from 'node:crypto';
import { RTP_HEADER_BYTES, writeRtpHeader } from '../../src/rtp/packet.ts';

/** What the sender of a stream can say about it. */
export interface SentCounts {
  readonly packets: number;
  /** Payload bytes, headers left out (RFC 3550 §6.4.1). */
  readonly bytes: number;
  /** Hex SHA-256 of all payloads, in the order sent. */
  readonly sha256: string;
  /** Extended: it does not wrap. */
  readonly firstSequence: number;
}

/** One SSRC that we send: numbers its packets and keeps count of them. */
export class OutgoingStream {
  readonly ssrc: number = randomInt(1, 2 ** 32);
  readonly firstSequence: number;
  readonly #payloadType: number;
  readonly #hash = createHash('sha256');
  readonly #firstTimestamp: number = randomInt(2 ** 32);
  #packets = 0;
  #bytes = 0;
  /** Media clock units since the first packet. */
  #elapsed = 0;

  /** @param firstSequence chosen by tests that want the wrap. */
  constructor(payloadType: number, firstSequence: number = randomInt(2 ** 16)) {
    this.#payloadType = payloadType;
    this.firstSequence = firstSequence;
  }

  get packets(): number {
    return this.#packets;
  }

  get bytes(): number {
    return this.#bytes;
  }

  /** RTP timestamp of the newest packet. */
  get timestamp(): number {
    return (this.#firstTimestamp + this.#elapsed) >>> 0;
  }

  /** Sequence number of the next packet, 16 bits. */
  get nextSequence(): number {
    return (this.firstSequence + this.#packets) & 0xffff;
  }

  /** @param elapsed media clock units since the first packet. @returns a packet ready to send. */
  packet(payload: Uint8Array, elapsed: number, marker: boolean): Buffer {
    const packet = Buffer.allocUnsafe(RTP_HEADER_BYTES + payload.length);
    const sequence = this.nextSequence;
    this.#elapsed = elapsed;
    this.#packets++;
    this.#bytes += payload.length;
    this.#hash.update(payload);
    const header = { marker, payloadType: this.#payloadType, sequence, timestamp: this.timestamp };
    writeRtpHeader(packet, 0, { ...header, ssrc: this.ssrc });
    packet.set(payload, RTP_HEADER_BYTES);
    return packet;
  }

  counts(): SentCounts {
    return {
      packets: this.#packets,
      bytes: this.#bytes,
      sha256: this.#hash.copy().digest('hex'),
      firstSequence: this.firstSequence,
    };
  }
}
