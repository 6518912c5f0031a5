import type { PhoneProcess } from '../phone-process.ts';
import { isFields, number, type Fields } from '../phone/lines.ts';

/** A phone's end of a call. */
export interface CallEnd {
  readonly phone: PhoneProcess;
  readonly call: string;
}

/** What a phone's voice counts say. */
interface VoiceCounts {
  readonly sent: number;
  readonly received: number;
  readonly lost: number;
  readonly silenceMsMax: number;
  readonly sentSha256: string;
  readonly receivedSha256: string;
}

export interface VoiceReport {
  /** Packets heard, both directions. */
  readonly packets: number;
  /** Packets sent that were not heard, both directions. */
  readonly lost: number;
  /** The longest time without a packet. */
  readonly silenceMsMax: number;
  /** Every byte spoken was heard, in order. */
  readonly identical: boolean;
}

/** How long the last packets may take to arrive after both have fallen silent. */
const SETTLE_MS = 2_000;

/**
 * Stops both from speaking, waits for what is on the way, and compares what each said with what the other heard: no guess
 * about packets in flight.
 */
export async function compareVoices(ends: readonly [CallEnd, CallEnd]): Promise<VoiceReport> {
  const [a, b] = ends;
  await a.phone.command('mute', { call: a.call });
  await b.phone.command('mute', { call: b.call });
  const deadline = performance.now() + SETTLE_MS;
  let counts = await countsOf(ends);
  while (missing(counts) > 0 && performance.now() < deadline) counts = await countsOf(ends);
  const [ofA, ofB] = counts;
  return {
    packets: ofA.received + ofB.received,
    lost: missing(counts),
    silenceMsMax: Math.max(ofA.silenceMsMax, ofB.silenceMsMax),
    identical: ofA.sentSha256 === ofB.receivedSha256 && ofB.sentSha256 === ofA.receivedSha256,
  };
}

/** Packets lost so far by what sequence numbers tell, while both still speak. */
export async function voiceLost(ends: readonly [CallEnd, CallEnd]): Promise<number> {
  const [a, b] = await countsOf(ends);
  return a.lost + b.lost;
}

const countsOf = async (ends: readonly [CallEnd, CallEnd]): Promise<[VoiceCounts, VoiceCounts]> => [
  await countsOfOne(ends[0]),
  await countsOfOne(ends[1]),
];

const missing = ([a, b]: readonly [VoiceCounts, VoiceCounts]): number =>
  a.sent - b.received + (b.sent - a.received);

async function countsOfOne({ phone, call }: CallEnd): Promise<VoiceCounts> {
  const { calls } = await phone.command('stats');
  const found = Array.isArray(calls)
    ? calls.find((facts) => isFields(facts) && facts['call'] === call)
    : {};
  const voice = fieldsOf(fieldsOf(found)['voice']);
  const sent = fieldsOf(voice['sent']);
  const received = fieldsOf(voice['received']);
  return {
    sent: number(sent, 'packets'),
    received: Number(received['packets'] ?? 0),
    lost: Number(received['lost'] ?? 0),
    silenceMsMax: Number(received['silenceMsMax'] ?? 0),
    sentSha256: String(sent['sha256']),
    receivedSha256: String(received['sha256']),
  };
}

const fieldsOf = (value: unknown): Fields => (isFields(value) ? value : {});
