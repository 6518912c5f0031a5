import { parseRtp, RtpView } from '../../../src/rtp/packet.ts';
import { timestampDistance } from '../../../src/rtp/timestamp.ts';
import type { Sent } from '../fake-sockets.ts';
import { numberOf, type Stream } from './streams.ts';

/** A packet that leaves so much later after the one before than it was sent after it shows that nothing was there to send. */
const UNDERRUN_MS = 20;

/** What a receiver gets, seen from outside: times, timestamps and contents of the packets. Milliseconds. */
export interface Smoothness {
  /** From when the sender began to the first packet for the receiver. */
  readonly startMs: number;
  readonly underruns: number;
  readonly underrunMs: number;
  /** 99th percentile of how far a packet leaves from when its timestamp says, counted from the earliest. */
  readonly jitterMs: number;
  readonly packets: number;
  /** The delay behind the sender, packet by packet: for the plot. */
  readonly delays: readonly { readonly at: number; readonly ms: number }[];
}

export function smoothnessOf(
  { packets, format }: Stream,
  heard: readonly Sent[],
  startedAt: number,
): Smoothness {
  const view = new RtpView();
  let before: { readonly at: number; readonly sentAt: number } | undefined;
  let underruns = 0;
  let underrunMs = 0;
  let firstTimestamp = 0;
  const deviations: number[] = [];
  const delays: { readonly at: number; readonly ms: number }[] = [];
  for (const { at, bytes } of heard) {
    parseRtp(bytes, bytes.length, view);
    const media = mediaTime(packets[numberOf(bytes)]?.sentAt ?? 0, format.clockRate);
    if (before === undefined) firstTimestamp = view.timestamp;
    const gapMs = before === undefined ? 0 : at - before.at - (media - before.sentAt);
    if (gapMs > UNDERRUN_MS) {
      underruns++;
      underrunMs += gapMs;
    }
    const clockMs = (timestampDistance(firstTimestamp, view.timestamp) * 1_000) / format.clockRate;
    deviations.push(at - clockMs);
    delays.push({ at: at - startedAt, ms: at - startedAt - media });
    before = { at, sentAt: media };
  }
  const earliest = Math.min(...deviations);
  return {
    startMs: (heard[0]?.at ?? Infinity) - startedAt,
    underruns,
    underrunMs,
    jitterMs: percentile(
      deviations.map((each) => each - earliest),
      0.99,
    ),
    packets: heard.length,
    delays,
  };
}

/** The packets of one picture are due together. */
const mediaTime = (sentAt: number, clockRate: number): number =>
  clockRate === 90_000 ? Math.floor(sentAt / 40) * 40 : sentAt;

export function percentile(values: readonly number[], part: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * part))] ?? 0;
}
