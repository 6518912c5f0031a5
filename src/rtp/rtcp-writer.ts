import assert from 'node:assert';
import {
  FEEDBACK_HEADER_BYTES,
  FIR_ENTRY_BYTES,
  FIR_FORMAT,
  NACK_FORMAT,
  PLI_FORMAT,
} from './rtcp-feedback.ts';
import { CNAME_ITEM } from './rtcp-source-description.ts';
import {
  APP_HEADER_BYTES,
  REPORT_BLOCK_BYTES,
  RTCP_HEADER_BYTES,
  RTCP_TYPE,
  type IntraRequest,
  type ReportBlock,
  type SenderInfo,
} from './rtcp.ts';

/** Keeps a compound with its IP and UDP headers under 1,280 bytes, the smallest IPv6 MTU. */
export const COMPOUND_BYTES_MAX = 1_200;
/** RFC 3550 §6.5, §6.6: the length of a CNAME and of a reason is one byte. */
const TEXT_BYTES_MAX = 255;
/** A NACK item names a number and the 16 after it. */
const NACK_ITEM_SPAN = 16;
const VERSION_BITS = 0x80;

/**
 * Writes one compound packet after another into its own buffer: `clear()`, then a report first (RFC 3550 §6.1), an SDES with
 * the CNAME, then the rest. `bytes[0, length)` is the compound, valid until the next `clear`.
 */
export class RtcpWriter {
  readonly bytes: Uint8Array = new Uint8Array(COMPOUND_BYTES_MAX);
  readonly #view: DataView = new DataView(this.bytes.buffer);
  #length = 0;

  get length(): number {
    return this.#length;
  }

  clear(): this {
    this.#length = 0;
    return this;
  }

  senderReport(ssrc: number, sender: SenderInfo, reports: readonly ReportBlock[] = []): this {
    const at = this.#begin(RTCP_TYPE.sr, reports.length, 28 + reports.length * REPORT_BLOCK_BYTES);
    this.#word(at + 4, ssrc);
    this.#word(at + 8, sender.ntpSeconds);
    this.#word(at + 12, sender.ntpFraction);
    this.#word(at + 16, sender.timestamp);
    this.#word(at + 20, sender.packets);
    this.#word(at + 24, sender.octets);
    this.#reports(at + 28, reports);
    return this;
  }

  receiverReport(ssrc: number, reports: readonly ReportBlock[]): this {
    const at = this.#begin(RTCP_TYPE.rr, reports.length, 8 + reports.length * REPORT_BLOCK_BYTES);
    this.#word(at + 4, ssrc);
    this.#reports(at + 8, reports);
    return this;
  }

  /** One chunk with one item; at least one zero byte ends it (RFC 3550 §6.5). */
  cname(ssrc: number, cname: string): this {
    const text = Buffer.from(cname, 'utf8');
    assert(text.length <= TEXT_BYTES_MAX, 'a CNAME has 255 bytes at most');
    const size = 4 * Math.ceil((8 + 2 + text.length + 1) / 4);
    const at = this.#begin(RTCP_TYPE.sdes, 1, size);
    this.bytes.fill(0, at + 8, at + size);
    this.#word(at + 4, ssrc);
    this.#view.setUint8(at + 8, CNAME_ITEM);
    this.#view.setUint8(at + 9, text.length);
    this.bytes.set(text, at + 10);
    return this;
  }

  /** @param reason 255 bytes at most (RFC 3550 §6.6). */
  bye(ssrc: number, reason = ''): this {
    const text = Buffer.from(reason, 'utf8');
    assert(text.length <= TEXT_BYTES_MAX, 'a reason has 255 bytes at most');
    const reasonSize = text.length === 0 ? 0 : 4 * Math.ceil((1 + text.length) / 4);
    const at = this.#begin(RTCP_TYPE.bye, 1, 8 + reasonSize);
    this.#word(at + 4, ssrc);
    if (text.length === 0) return this;
    this.bytes.fill(0, at + 8, at + 8 + reasonSize);
    this.#view.setUint8(at + 8, text.length);
    this.bytes.set(text, at + 9);
    return this;
  }

  /** @param app name of four ASCII characters, data of whole words (RFC 3550 §6.7). */
  app(ssrc: number, app: { subtype: number; name: string; data: Uint8Array }): this {
    assert(/^[ -~]{4}$/.test(app.name), 'an APP is named by four ASCII characters');
    assert(app.data.length % 4 === 0, 'the data of an APP are whole words');
    const at = this.#begin(RTCP_TYPE.app, app.subtype, APP_HEADER_BYTES + app.data.length);
    this.#word(at + 4, ssrc);
    this.bytes.set(Buffer.from(app.name, 'latin1'), at + 8);
    this.bytes.set(app.data, at + APP_HEADER_BYTES);
    return this;
  }

  /** Picture loss indication: asks for what makes a decoder go on (RFC 4585 §6.3.1). */
  pli(ssrc: number, media: number): this {
    const at = this.#begin(RTCP_TYPE.psfb, PLI_FORMAT, FEEDBACK_HEADER_BYTES);
    this.#word(at + 4, ssrc);
    this.#word(at + 8, media);
    return this;
  }

  /** Full intra request: asks each source for a whole picture (RFC 5104 §4.3.1). */
  fir(ssrc: number, requests: readonly IntraRequest[]): this {
    const size = FEEDBACK_HEADER_BYTES + requests.length * FIR_ENTRY_BYTES;
    let at = this.#begin(RTCP_TYPE.psfb, FIR_FORMAT, size);
    this.#word(at + 4, ssrc);
    this.#word(at + 8, 0);
    at += FEEDBACK_HEADER_BYTES;
    for (const { media, number } of requests) {
      this.#word(at, media);
      this.#word(at + 4, (number & 0xff) * 2 ** 24);
      at += FIR_ENTRY_BYTES;
    }
    return this;
  }

  /** @param sequences in order; those that find no room are left out, they will be asked for again. */
  nack(ssrc: number, media: number, sequences: readonly number[]): this {
    const at = this.#begin(RTCP_TYPE.rtpfb, NACK_FORMAT, FEEDBACK_HEADER_BYTES);
    this.#word(at + 4, ssrc);
    this.#word(at + 8, media);
    let index = 0;
    while (index < sequences.length && this.#length + 4 <= COMPOUND_BYTES_MAX) {
      index = this.#nackItem(sequences, index);
    }
    this.#view.setUint16(at + 2, (this.#length - at) / 4 - 1);
    return this;
  }

  /** @returns the index of the first number that this item does not cover. */
  #nackItem(sequences: readonly number[], index: number): number {
    const first = sequences[index] ?? 0;
    let mask = 0;
    let next = index + 1;
    for (; next < sequences.length; next++) {
      const distance = ((sequences[next] ?? 0) - first) & 0xffff;
      if (distance < 1 || distance > NACK_ITEM_SPAN) break;
      mask |= 1 << (distance - 1);
    }
    this.#view.setUint16(this.#length, first & 0xffff);
    this.#view.setUint16(this.#length + 2, mask);
    this.#length += 4;
    return next;
  }

  #reports(start: number, reports: readonly ReportBlock[]): void {
    let at = start;
    for (const report of reports) {
      this.#word(at, report.ssrc);
      this.#word(at + 4, report.lost & 0xff_ffff);
      this.#view.setUint8(at + 4, report.fractionLost);
      this.#word(at + 8, report.highest);
      this.#word(at + 12, report.jitter);
      this.#word(at + 16, report.lastSenderReport);
      this.#word(at + 20, report.delaySinceLastSenderReport);
      at += REPORT_BLOCK_BYTES;
    }
  }

  /** Writes a packet's header. @returns where the packet starts. */
  #begin(type: number, count: number, size: number): number {
    const at = this.#length;
    assert(at + size <= COMPOUND_BYTES_MAX, 'a compound fits in a packet');
    assert(count < 32, 'the count has five bits');
    this.#view.setUint8(at, VERSION_BITS | count);
    this.#view.setUint8(at + 1, type);
    this.#view.setUint16(at + 2, size / RTCP_HEADER_BYTES - 1);
    this.#length = at + size;
    return at;
  }

  #word(at: number, value: number): void {
    this.#view.setUint32(at, value >>> 0);
  }
}
