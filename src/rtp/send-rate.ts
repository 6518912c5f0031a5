import { after, type Instant } from '../base/units.ts';
import { sequenceDistance } from './sequence.ts';

/** bit/s. Where a sender begins that knows nothing of the path yet: five voices. */
export const RATE_START = 1_000_000;
/** bit/s; below this a file would not get through in a call anyway. */
export const RATE_MIN = 64_000;
/** A queue on the way may make packets wait this long: less than LEDBAT's 100 ms (RFC 6817 §2.1), since a voice waits in it too. */
export const QUEUE_MS_MAX = 80;
/** Loss without a queue is the path's own up to here: where Google's congestion control begins to slow down. */
export const LOSS_TOLERATED = 0.1;
/** Between this and LOSS_TOLERATED it grows half as fast. */
export const LOSS_CLEAN = 0.02;
/** After a queue or loss, this part of what got through: the queue has to drain. */
export const BACK_OFF = 0.85;
/** Until the first queue or loss the rate doubles in this time. */
export const DOUBLING_MS = 500;
/** Then it grows by this part of itself a second, less the fuller the queue. */
export const GROWTH_PER_SECOND = 0.2;
/** Rates are measured over this time … */
const WINDOW_MS = 500;
/** … and loss over at least so many packets: chance makes 5 % of fewer look like 10 % too often. */
export const LOSS_PACKETS_MIN = 150;
/** The shortest of so many delays counts: jitter only ever adds (RFC 6817 §3.4.2, CURRENT_FILTER). */
const DELAY_SAMPLES = 3;
/** The shortest delay is forgotten after one to two of these, so that a new route is found out. */
export const BASE_MS = 30_000;
/** A receiver that has reported and says nothing for this long, or for three of its intervals, has the rate halved. */
export const SILENCE_MS = 1_000;
const SILENT_INTERVALS = 3;
/** Nothing new arrived for this long while something was sent: the path is dead (RFC 8083 §4.1, §4.2). */
export const DEAD_MS = 10_000;
/** Growth ends at so many times the rate of a TCP with the same loss and round trip (RFC 8083 §4.3). */
const TCP_TIMES_MAX = 10;
/** Packets remembered until a report speaks of them: 2.5 s at 8 Mbit/s. A power of two. */
const SENT_PACKETS = 2_048;
/** Reports kept at most: the oldest make room. */
const REPORTS_MAX = 128;

/** What is used of a report block (RFC 3550 §6.4.1). */
export interface Heard {
  /** Extended highest sequence number; the lower 16 bits count. */
  readonly highest: number;
  /** Packets lost since the beginning, signed. */
  readonly lost: number;
}

interface Report extends Heard {
  readonly at: Instant;
  /** Bytes sent up to the packet `highest`. */
  readonly bytes: number;
}

/** What the reports of a window say. */
interface Path {
  /** bit/s that were sent, of the packets that the window covers. */
  readonly sentRate: number;
  /** 0 to 1. */
  readonly loss: number;
  /** How long packets wait in queues, ms. */
  readonly queueMs: number;
}

/**
 * How fast a file may be sent, from nothing but ordinary receiver reports. The rules, and why, are in
 * docs/in-call-protocol.md §5. In short: delay first, loss second.
 *
 * - The round trip of the packet that a report calls the highest is known to whoever remembers when it was sent. What it is
 *   longer than the shortest one is queue (LEDBAT, RFC 6817; SCReAM, RFC 8298). Loss by chance does not change it.
 * - When a queue grows, the bottleneck is full, and what got through is its rate: go on with a little less than that.
 * - Loss alone slows down only when there is a lot of it, and not when it stays the same at a lower rate.
 */
export class SendRate {
  readonly #rateMax: number;
  #rate: number;
  /** Before the first sign of a full path. */
  #starting = true;
  /** Per packet sent, at its number mod SENT_PACKETS: its number plus one, when, and all bytes up to it. */
  readonly #numbers = new Uint32Array(SENT_PACKETS);
  readonly #times = new Float64Array(SENT_PACKETS);
  readonly #bytesUpTo = new Float64Array(SENT_PACKETS);
  #bytes = 0;
  /** Reports on packets sent since the last slowing down, the newest last. */
  #reports: Report[] = [];
  /** Round trips, the newest last. */
  #delays: number[] = [];
  /** Shortest round trip of this BASE_MS and of the one before. */
  #base = Number.POSITIVE_INFINITY;
  #baseBefore = Number.POSITIVE_INFINITY;
  #baseUntil: Instant;
  /** The newest report that told of something new. */
  #newest: Report | undefined;
  /** Number of the first packet sent at the present rate; undefined until it is sent. What reports say of earlier ones is over. */
  #first: number | undefined;
  #awaitsFirst = false;
  /** Loss that led to the last slowing down, until it is seen whether that helped. */
  #suspected: number | undefined;
  /** Loss that stayed when we slowed down. */
  #pathLoss = 0;
  #grownAt: Instant;
  /** When silence halves the rate; undefined before the first report. */
  #fadesAt: Instant | undefined;
  #silenceMs = SILENCE_MS;
  /** When the oldest packet was sent that no report speaks of; undefined when all were spoken of. */
  #unansweredSince: Instant | undefined;
  #lastSent = 0;

  /** @param rateMax bit/s, never exceeded. */
  constructor(rateMax: number, now: Instant) {
    this.#rateMax = Math.max(RATE_MIN, rateMax);
    this.#rate = Math.min(this.#rateMax, RATE_START);
    this.#baseUntil = after(now, BASE_MS);
    this.#grownAt = now;
  }

  /** bit/s. */
  get rate(): number {
    return this.#rate;
  }

  /** How long a packet and the report on it take at least, as far as known: ms. */
  get roundTripMs(): number | undefined {
    const shortest = Math.min(this.#base, this.#baseBefore);
    return Number.isFinite(shortest) ? shortest : undefined;
  }

  /** Nothing gets through any more. */
  isDead(now: Instant): boolean {
    return this.#unansweredSince !== undefined && now >= after(this.#unansweredSince, DEAD_MS);
  }

  /** A packet of so many bytes went out. Numbers follow each other. */
  sent(sequence: number, bytes: number, now: Instant): void {
    const place = sequence & (SENT_PACKETS - 1);
    this.#bytes += bytes;
    this.#numbers[place] = sequence + 1;
    this.#times[place] = now;
    this.#bytesUpTo[place] = this.#bytes;
    this.#lastSent = sequence;
    this.#unansweredSince ??= now;
    if (this.#awaitsFirst) {
      this.#first = sequence;
      this.#awaitsFirst = false;
    }
    if (this.#fadesAt !== undefined && now >= this.#fadesAt) this.#fade(now);
  }

  /** The receiver reports. What it can't know, or has said before, is passed over. */
  heard({ highest, lost }: Heard, now: Instant): void {
    const sequence = highest & 0xffff;
    const place = sequence & (SENT_PACKETS - 1);
    if (this.#numbers[place] !== sequence + 1) return;
    const before = this.#newest;
    if (before !== undefined && sequenceDistance(before.highest, sequence) <= 0) return;
    const report = { highest: sequence, lost, at: now, bytes: this.#bytesUpTo[place] ?? 0 };
    if (before !== undefined) this.#listen(now - before.at);
    this.#newest = report;
    this.#fadesAt = after(now, this.#silenceMs);
    this.#unansweredSince = sequence === this.#lastSent ? undefined : now;
    this.#measureDelay(now - (this.#times[place] ?? now), now);
    if (!this.#isOfThisRate(sequence)) return;
    this.#reports.push(report);
    this.#judge(now);
  }

  #listen(intervalMs: number): void {
    this.#silenceMs = Math.max(SILENCE_MS, SILENT_INTERVALS * intervalMs);
  }

  #isOfThisRate(sequence: number): boolean {
    if (this.#awaitsFirst) return false;
    return this.#first === undefined || sequenceDistance(this.#first, sequence) >= 0;
  }

  #measureDelay(ms: number, now: Instant): void {
    if (now >= this.#baseUntil) {
      this.#baseBefore = this.#base;
      this.#base = Number.POSITIVE_INFINITY;
      this.#baseUntil = after(now, BASE_MS);
    }
    this.#base = Math.min(this.#base, ms);
    this.#delays.push(ms);
    if (this.#delays.length > DELAY_SAMPLES) this.#delays.shift();
  }

  #judge(now: Instant): void {
    const path = this.#path(now);
    if (path === undefined) return;
    this.#weighLoss(path.loss);
    const isFull = path.queueMs > QUEUE_MS_MAX;
    const isLossy = path.loss > LOSS_TOLERATED + this.#pathLoss;
    if (isFull || isLossy) this.#slowDown(path, isFull, now);
    else this.#grow(path, now);
  }

  /** @returns undefined when too little is known of packets sent at this rate. */
  #path(now: Instant): Path | undefined {
    this.#dropOldReports(now);
    const last = this.#reports.at(-1);
    const first = this.#reports.findLast(({ at }) => at <= now - WINDOW_MS) ?? this.#reports[0];
    if (last === undefined || first === undefined || this.#delays.length < DELAY_SAMPLES)
      return undefined;
    const ms = last.at - first.at;
    if (ms < WINDOW_MS / 2) return undefined;
    return {
      sentRate: ((last.bytes - first.bytes) * 8_000) / ms,
      loss: this.#loss(last),
      queueMs: Math.min(...this.#delays) - Math.min(this.#base, this.#baseBefore),
    };
  }

  /** 0 to 1; 0 as long as there were too few packets to tell. */
  #loss(last: Report): number {
    const [first] = this.#reports;
    if (first === undefined) return 0;
    const packets = sequenceDistance(first.highest, last.highest);
    if (packets < LOSS_PACKETS_MIN) return 0;
    return Math.min(1, Math.max(0, (last.lost - first.lost) / packets));
  }

  /** What both windows can do without. */
  #dropOldReports(now: Instant): void {
    const reports = this.#reports;
    const highest = reports.at(-1)?.highest ?? 0;
    const isSpare = ({ at, highest: upTo }: Report): boolean =>
      at <= now - WINDOW_MS && sequenceDistance(upTo, highest) >= LOSS_PACKETS_MIN;
    while (reports.length > REPORTS_MAX || (reports[1] !== undefined && isSpare(reports[1])))
      reports.shift();
  }

  /** Loss that stays as it was although we sent less is not ours to mend by sending less. */
  #weighLoss(loss: number): void {
    if (loss === 0) return;
    if (this.#suspected !== undefined && loss >= this.#suspected * 0.75) this.#pathLoss = loss;
    this.#suspected = undefined;
    if (loss < this.#pathLoss / 2) this.#pathLoss = loss;
  }

  #slowDown({ sentRate, loss }: Path, isFull: boolean, now: Instant): void {
    const gotThrough = sentRate * (1 - loss);
    this.#rate = Math.max(RATE_MIN, Math.min(this.#rate, BACK_OFF * gotThrough));
    this.#suspected = isFull ? undefined : loss;
    this.#starting = false;
    this.#reports = [];
    this.#delays = [];
    this.#awaitsFirst = true;
    this.#grownAt = now;
  }

  /** A sender that has less to send than it may learns nothing of the path, so its rate stays. */
  #grow({ sentRate, loss, queueMs }: Path, now: Instant): void {
    const seconds = Math.min(1, (now - this.#grownAt) / 1_000);
    this.#grownAt = now;
    if (queueMs > QUEUE_MS_MAX / 2) this.#starting = false;
    if (sentRate < this.#rate / 2) return;
    const room = (1 - queueMs / QUEUE_MS_MAX) * (loss > LOSS_CLEAN ? 0.5 : 1);
    const factor = this.#starting
      ? 2 ** ((1_000 * seconds) / DOUBLING_MS)
      : 1 + GROWTH_PER_SECOND * seconds * room;
    const grown = Math.min(this.#rateMax, this.#rate * factor, this.#fairRate(loss, sentRate));
    this.#rate = Math.max(this.#rate, grown);
  }

  /** The simple TCP throughput equation (RFC 8083 §4.3), with the mean size of our packets, ten times. */
  #fairRate(loss: number, sentRate: number): number {
    const { roundTripMs } = this;
    if (loss <= LOSS_CLEAN || roundTripMs === undefined || sentRate === 0) return this.#rateMax;
    const bits = 8 * PACKET_BYTES;
    return (TCP_TIMES_MAX * bits * 1_000) / (Math.max(1, roundTripMs) * Math.sqrt((2 * loss) / 3));
  }

  /** No report for too long. */
  #fade(now: Instant): void {
    this.#rate = Math.max(RATE_MIN, this.#rate / 2);
    this.#starting = false;
    this.#grownAt = now;
    this.#fadesAt = after(now, this.#silenceMs);
  }
}

/** Of a full octet-stream packet with its headers, for the TCP equation. */
const PACKET_BYTES = 1_248;
