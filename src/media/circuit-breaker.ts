import { after, instant, type Instant } from '../base/units.ts';
import type { ReportBlock } from '../rtp/rtcp.ts';

/** Why a stream must not go on. `silent`: the receiver has stopped reporting; `not-arriving`: it reports, and gets nothing. */
export type Break = 'silent' | 'not-arriving' | 'congested';

/** A receiver that has reported, and then not for three intervals of 5 s, is gone (RFC 8083 §4.1). */
export const SILENT_MS = 15_000;
/** Reports in a row that show no packet to have come although some were sent (RFC 8083 §4.2, k). */
export const STANDSTILL_REPORTS = 5;
/** For at least so many round trips: a receiver that reports more often than that says the same again (RFC 8083 §4.2, MEDIA_TIMEOUT). */
const STANDSTILL_ROUND_TRIPS = STANDSTILL_REPORTS;
/** And not within less than this: those who report three times a second may be changing networks. */
export const STANDSTILL_MS = 5_000;
/** More than this many times what TCP would send on the same path is too much (RFC 8083 §4.3). */
export const TCP_TIMES_MAX = 10;
/** The longest interval between reports that RFC 8083 reckons with, s. */
const INTERVAL_MAX = 5;
/** A round trip that is longer is a mistake in a report, s. */
const ROUND_TRIP_MAX = 60;
const FRACTION = 256;
/** Time in reports, 1/65,536 s. */
const UNITS = 65_536;

/** What is known of our stream when a report on it comes. */
export interface SentSoFar {
  readonly packets: number;
  readonly octets: number;
  /** Middle 32 bits of the NTP time now. */
  readonly ntpMiddle: number;
}

/**
 * Stops a media stream that can't get through, by what the receiver reports (RFC 8083): it protects the network, and whoever got the
 * address of somebody else into our SDP gets no more than seconds of our packets. Without a clock or a timer.
 *
 * Deviations, all for phones: one that never reports is not cut off, since there are those that have no RTCP (§4.1); every one of
 * the reports in the interval must show congestion, not their mean (§4.3); a standstill lasts five seconds at least (§4.2). Circuit breaker 4, of usability, is the receiver's.
 */
export class CircuitBreaker {
  /** When the receiver reported last, or we began to send again; undefined before its first report. */
  #heardAt: Instant | undefined;
  /** The last report; undefined before the first. */
  #last: Reported | undefined;
  /** Reports in a row without a packet more. */
  #standstill = 0;
  /** When the highest number moved last. */
  #movedAt: Instant = instant(0);
  /** Reports in a row with too much for the path. */
  #congested = 0;
  /** Packets when last looked. */
  #packetsLooked = 0;

  /** Called now and then. @param packets sent so far. @returns why the stream must end, when it must. */
  look(packets: number, now: Instant): Break | undefined {
    const isPaused = packets === this.#packetsLooked;
    this.#packetsLooked = packets;
    if (this.#heardAt === undefined) return undefined;
    // Who gets nothing need not report.
    if (isPaused) this.#heardAt = now;
    return now >= after(this.#heardAt, SILENT_MS) ? 'silent' : undefined;
  }

  /** The receiver reports on our stream. @returns why the stream must end, when it must. */
  heard(report: ReportBlock, sent: SentSoFar, now: Instant): Break | undefined {
    this.#heardAt = now;
    const last = this.#last;
    this.#last = { at: now, highest: report.highest, packets: sent.packets, octets: sent.octets };
    const packets = sent.packets - (last?.packets ?? sent.packets);
    // Nothing was sent, or under another SSRC.
    if (last === undefined || packets <= 0) return this.#move(now);
    const roundTripSeconds = roundTrip(report, sent.ntpMiddle);
    if (report.highest === last.highest) return this.#stand(roundTripSeconds ?? 0, now);
    this.#move(now);
    const seconds = (now - last.at) / 1_000;
    if (seconds === 0) return undefined;
    const stretch = { seconds, packets, octets: sent.octets - last.octets };
    return this.#weigh(report, stretch, roundTripSeconds);
  }

  #move(now: Instant): undefined {
    this.#standstill = 0;
    this.#movedAt = now;
  }

  #stand(roundTripSeconds: number, now: Instant): Break | undefined {
    this.#standstill++;
    const longMs = Math.max(STANDSTILL_MS, STANDSTILL_ROUND_TRIPS * 1_000 * roundTripSeconds);
    const isLong = now >= after(this.#movedAt, longMs);
    return this.#standstill >= STANDSTILL_REPORTS && isLong ? 'not-arriving' : undefined;
  }

  #weigh(
    { fractionLost }: ReportBlock,
    { seconds, packets, octets }: Stretch,
    roundTripSeconds: number | undefined,
  ): Break | undefined {
    if (roundTripSeconds === undefined) return this.#calm();
    const path = { bytes: octets / packets, roundTripSeconds, loss: fractionLost / FRACTION };
    if (octets / seconds <= TCP_TIMES_MAX * tcpThroughput(path)) return this.#calm();
    this.#congested++;
    const isLong = this.#congested >= congestedReportsMax(roundTripSeconds, seconds);
    return isLong ? 'congested' : undefined;
  }

  #calm(): undefined {
    this.#congested = 0;
  }
}

/** The state of things at a report. */
interface Reported {
  readonly at: Instant;
  readonly highest: number;
  readonly packets: number;
  readonly octets: number;
}

/** What went out between two reports. */
interface Stretch {
  readonly seconds: number;
  readonly packets: number;
  readonly octets: number;
}

/**
 * Bytes a second that TCP would come to: the simplified equation of RFC 8083 §4.3, with b = 1. Infinite without loss.
 * @param path bytes of a packet, and what a report says of the way.
 */
export const tcpThroughput = ({
  bytes,
  roundTripSeconds,
  loss,
}: {
  readonly bytes: number;
  readonly roundTripSeconds: number;
  readonly loss: number;
}): number => bytes / (roundTripSeconds * Math.sqrt((2 * loss) / 3));

/**
 * How many reports in a row must show congestion (RFC 8083 §4.3, CB_INTERVAL): three intervals, or as many as cover ten round trips.
 * The frames that a codec needs to adapt are shorter than either.
 * @param interval between two reports, s.
 */
export function congestedReportsMax(roundTripSeconds: number, interval: number): number {
  const between = Math.min(INTERVAL_MAX, interval);
  const span = Math.min(
    Math.max(10 * roundTripSeconds, 3 * between),
    Math.max(15, 3 * INTERVAL_MAX),
  );
  return Math.ceil((3 * span) / (3 * between));
}

/** RFC 3550 §6.4.1, s; undefined while the receiver knows no report of ours, and where the times make no sense. */
function roundTrip(report: ReportBlock, ntpMiddle: number): number | undefined {
  if (report.lastSenderReport === 0) return undefined;
  const { lastSenderReport, delaySinceLastSenderReport } = report;
  const units = (ntpMiddle - lastSenderReport - delaySinceLastSenderReport) | 0;
  const seconds = units / UNITS;
  return seconds > 0 && seconds <= ROUND_TRIP_MAX ? seconds : undefined;
}
