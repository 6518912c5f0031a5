import type { Random } from '../base/clock.ts';
import { instant, type Instant } from '../base/units.ts';
import { ntpMiddle } from '../rtp/ntp.ts';
import type { ReceptionReport } from '../rtp/reception.ts';
import type { ReportBlock, SenderInfo } from '../rtp/rtcp.ts';
import { RtcpWriter } from '../rtp/rtcp-writer.ts';
import type { Refresh } from '../sdp/storage-leg.ts';
import { randomWord } from './context.ts';
import { rtcpName } from './rtcp-name.ts';

/** Delay since the last sender report is in 1/65,536 seconds (RFC 3550 §6.4.1). */
const DELAY_UNITS_PER_MS = 65.536;
const INTRA_NUMBER_MASK = 0xff;
const WORD_MAX = 0xffff_ffff;

/** Writes what the receiving end of a stream says about it: reports, requests for lost packets, and goodbye. */
export class ReceiverReports {
  #ssrc: number;
  readonly #random: Random;
  readonly #cname: string;
  readonly #writer = new RtcpWriter();
  /** Number of the last FIR: each asks anew (RFC 5104 §4.3.1.1). */
  #intraRequests = 0;
  /** Middle of the NTP time of the newest sender report; 0 before the first. */
  #lastSenderReport = 0;
  #lastSenderReportAt: Instant = instant(0);

  constructor(random: Random) {
    this.#random = random;
    this.#ssrc = randomWord(random);
    this.#cname = rtcpName(random);
  }

  /**
   * From now on the reports are about this source. When it has chosen our own SSRC, ours changes (RFC 3550 §8.2); without a BYE,
   * which would be taken for one of theirs.
   */
  follow(media: number): void {
    this.#lastSenderReport = 0;
    while (this.#ssrc === media) this.#ssrc = randomWord(this.#random);
  }

  heard(sender: SenderInfo, now: Instant): void {
    this.#lastSenderReport = ntpMiddle({
      seconds: sender.ntpSeconds,
      fraction: sender.ntpFraction,
    });
    this.#lastSenderReportAt = now;
  }

  /** @returns a compound, valid until the next call. */
  report(media: number, reception: ReceptionReport, now: Instant): RtcpWriter {
    const blocks = [this.#block(media, reception, now)];
    return this.#writer.clear().receiverReport(this.#ssrc, blocks).cname(this.#ssrc, this.#cname);
  }

  /**
   * Asks for packets. The report in front is empty, so that the next real one still speaks of a whole interval: a fraction lost
   * of 20 ms would be noise to who steers by it.
   */
  request(media: number, missing: readonly number[]): RtcpWriter {
    this.#writer.clear().receiverReport(this.#ssrc, []).cname(this.#ssrc, this.#cname);
    return this.#writer.nack(this.#ssrc, media, missing);
  }

  /** Asks for a key frame, the way that the sender understands. */
  keyFrame(media: number, how: Refresh): RtcpWriter {
    this.#writer.clear().receiverReport(this.#ssrc, []).cname(this.#ssrc, this.#cname);
    if (how === 'pli') return this.#writer.pli(this.#ssrc, media);
    this.#intraRequests = (this.#intraRequests + 1) & INTRA_NUMBER_MASK;
    return this.#writer.fir(this.#ssrc, [{ media, number: this.#intraRequests }]);
  }

  /** A last report, and BYE. */
  goodbye(media: number, reception: ReceptionReport, now: Instant): RtcpWriter {
    return this.report(media, reception, now).bye(this.#ssrc);
  }

  #block(media: number, reception: ReceptionReport, now: Instant): ReportBlock {
    const lastSenderReport = this.#lastSenderReport;
    const delay = Math.round((now - this.#lastSenderReportAt) * DELAY_UNITS_PER_MS);
    const delaySinceLastSenderReport = lastSenderReport === 0 ? 0 : Math.min(WORD_MAX, delay);
    return { ssrc: media, ...reception, lastSenderReport, delaySinceLastSenderReport };
  }
}
