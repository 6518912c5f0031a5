import { describe, expect, test } from '@jest/globals';
import { BYE_MS } from '../../src/media/ingest.ts';
import { TURN_PACKETS_MAX } from '../../src/media/outlet.ts';
import { parseRtp, RtpView } from '../../src/rtp/packet.ts';
import { parseRtcp, type RtcpPacket } from '../../src/rtp/rtcp.ts';
import { RtcpWriter } from '../../src/rtp/rtcp-writer.ts';
import { sequenceDistance } from '../../src/rtp/sequence.ts';
import { timestampDistance } from '../../src/rtp/timestamp.ts';
import type { Sent } from '../support/fake-sockets.ts';
import {
  MediaRig,
  RECEIVER,
  RECEIVER_RTCP,
  SENDER,
  SENDER_RTCP,
  settled,
  speechDelivery,
  speechTerms,
  STRANGER,
} from '../support/media-rig.ts';
import { rtpPacket, speech } from '../support/rtp-packets.ts';

const header = (sent: Sent): RtpView => {
  const view = new RtpView();
  expect(parseRtp(sent.bytes, sent.bytes.length, view)).toBeUndefined();
  return view;
};
const control = (sent: readonly Sent[]): readonly RtcpPacket[] =>
  sent.flatMap(({ bytes }) => {
    const result = parseRtcp(bytes, 0, bytes.length);
    expect(result.ok).toBe(true);
    return result.ok ? [...result.value] : [];
  });
const numberOf = (sent: Sent): number => (sent.bytes[12] ?? 0) * 256 + (sent.bytes[13] ?? 0);

/** A confirmed ingest of speech. */
async function storing(terms = speechTerms()): Promise<{ rig: MediaRig; port: number }> {
  const rig = new MediaRig();
  const { rtp } = await rig.plane.openIngest('t');
  await rig.plane.confirmIngest('t', terms);
  return { rig, port: rtp };
}

/** Sends speech packets `from` to `to`, one each 20 ms; `skip` never leave. */
async function speak(
  rig: MediaRig,
  port: number,
  { from = 0, to, skip = [] }: { from?: number; to: number; skip?: readonly number[] },
): Promise<void> {
  for (let number = from; number <= to; number++) {
    const fields = { sequence: 65_530 + number, timestamp: 2 ** 32 - 320 + 160 * number };
    if (!skip.includes(number)) rig.arrive(port, SENDER, rtpPacket(fields, speech(number)));
    await rig.advance(20);
  }
}

async function deliver(rig: MediaRig, terms = speechDelivery()): Promise<void> {
  await rig.plane.openDelivery('d');
  await rig.plane.startDelivery('d', terms);
  await rig.advance(0);
}

describe('a media stream through the plane', () => {
  test('the receiver has the first packet before the sender has sent the last', async () => {
    const { rig, port } = await storing();
    await speak(rig, port, { to: 9 });
    await deliver(rig);
    expect(rig.sentTo(RECEIVER).map(numberOf)).toEqual([0]);
    await speak(rig, port, { from: 10, to: 19 });
    expect(rig.sentTo(RECEIVER).map(numberOf)).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10]);
    await rig.plane.closeIngest('t');
    await rig.advance(1_000);
    expect(rig.sentTo(RECEIVER).map(numberOf)).toEqual([11, 12, 13, 14, 15, 16, 17, 18, 19]);
    expect(rig.ofType('delivery-ended')).toEqual([
      expect.objectContaining({ cause: 'complete', delivered: 20 * 160 }),
    ]);
    await rig.plane.close();
  });

  test('is paced by its media clock, whatever the network did', async () => {
    const { rig, port } = await storing();
    for (let number = 0; number < 10; number++) {
      rig.arrive(
        port,
        SENDER,
        rtpPacket({ sequence: number, timestamp: 160 * number }, speech(number)),
      );
      if (number % 5 === 4) await rig.advance(100);
    }
    await deliver(rig);
    await rig.advance(300);
    const times = rig.sentTo(RECEIVER).map(({ at }) => at);
    expect(times.map((at) => at - (times[0] ?? 0))).toEqual([
      0, 20, 40, 60, 80, 100, 120, 140, 160, 180,
    ]);
    await rig.plane.close();
  });

  test('has its own SSRC and numbers, keeps gaps, distances and markers, and the receiver’s payload type', async () => {
    const { rig, port } = await storing();
    rig.arrive(
      port,
      SENDER,
      rtpPacket({ sequence: 65_535, timestamp: 2 ** 32 - 160, marker: true }, speech(0)),
    );
    rig.arrive(port, SENDER, rtpPacket({ sequence: 1, timestamp: 160 }, speech(2)));
    await rig.advance(150);
    await deliver(rig, speechDelivery({ payloadType: 101 }));
    await rig.advance(100);
    const [first = new RtpView(), second = new RtpView()] = rig.sentTo(RECEIVER).map(header);
    expect(first).toMatchObject({ marker: true, payloadType: 101 });
    expect(second).toMatchObject({ marker: false, payloadType: 101, ssrc: first.ssrc });
    expect(first.ssrc).not.toBe(0xcafe_f00d);
    expect(sequenceDistance(first.sequence, second.sequence)).toBe(2);
    expect(timestampDistance(first.timestamp, second.timestamp)).toBe(320);
    await rig.plane.close();
  });

  test('packets out of order are stored and delivered in order, duplicates once', async () => {
    const { rig, port } = await storing();
    await deliver(rig);
    for (const number of [0, 2, 1, 1, 4, 3, 0]) {
      rig.arrive(
        port,
        SENDER,
        rtpPacket({ sequence: number, timestamp: 160 * number }, speech(number)),
      );
    }
    await rig.advance(200);
    expect(rig.sentTo(RECEIVER).map(numberOf)).toEqual([0, 1, 2, 3, 4]);
    const [progress] = rig.ofType('ingest-progress');
    expect(progress?.reception).toMatchObject({ received: 5, duplicate: 2, lost: 0, late: 0 });
    await rig.plane.close();
  });

  test('across the wrap of sequence and timestamp nothing is lost and a loss is one gap', async () => {
    const { rig, port } = await storing();
    await deliver(rig);
    await speak(rig, port, { to: 20, skip: [7, 8] });
    await rig.advance(200);
    await rig.plane.endIngest('t', 'end-of-data');
    await rig.advance(500);
    const [ended] = rig.ofType('ingest-ended');
    expect(ended).toMatchObject({ cause: 'complete', stored: 19 * 160 });
    expect(ended?.reception).toMatchObject({ received: 19, expected: 21, lost: 2, gaps: 1 });
    expect(rig.sentTo(RECEIVER)).toHaveLength(19);
    expect(rig.ofType('ingest-progress').at(-1)?.seconds).toBeCloseTo(0.4, 1);
    await rig.plane.close();
  });

  test('what comes before the confirmation is dropped and counted, and never stored (M6)', async () => {
    const rig = new MediaRig();
    const { rtp } = await rig.plane.openIngest('t');
    rig.arrive(rtp, SENDER, rtpPacket({}, speech(0)));
    rig.arrive(rtp + 1, SENDER_RTCP, Uint8Array.of(0x80, 203, 0, 0));
    await rig.plane.confirmIngest('t', speechTerms());
    await rig.plane.endIngest('t', 'stopped');
    const [ended] = rig.ofType('ingest-ended');
    expect(ended).toMatchObject({ cause: 'stopped', stored: 0 });
    expect(ended?.reception).toMatchObject({ unconfirmed: 2, received: 0 });
    expect(rig.spools.spools.get('t')?.packets).toEqual([]);
    expect(await rig.plane.counts()).toMatchObject({ unconfirmed: 2, packetsIn: 2 });
    await rig.plane.close();
  });

  test('a stranger, another SSRC, another payload type and rubbish are counted and never stored', async () => {
    const { rig, port } = await storing();
    rig.arrive(port, SENDER, rtpPacket({ sequence: 1 }, speech(0)));
    rig.arrive(port, STRANGER, rtpPacket({ sequence: 2 }, speech(0)));
    rig.arrive(port, { ...SENDER, port: 40_002 }, rtpPacket({ sequence: 2 }, speech(0)));
    rig.arrive(port, SENDER, rtpPacket({ sequence: 2, ssrc: 7 }, speech(0)));
    rig.arrive(port, SENDER, rtpPacket({ sequence: 2, payloadType: 101 }, speech(0)));
    rig.arrive(port, SENDER, Uint8Array.of(1, 2, 3));
    await rig.plane.endIngest('t', 'stopped');
    const reception = rig.ofType('ingest-ended')[0]?.reception;
    expect(reception).toMatchObject({ received: 1, foreign: 3, malformed: 2 });
    expect(rig.spools.spools.get('t')?.packets).toHaveLength(1);
    await rig.plane.close();
  });

  test('stored is what a sync has made durable', async () => {
    const { rig, port } = await storing();
    rig.arrive(port, SENDER, rtpPacket({ sequence: 1 }, speech(0)));
    await rig.advance(199);
    expect(rig.ofType('ingest-progress')).toEqual([]);
    await rig.advance(1);
    expect(rig.ofType('ingest-progress')).toMatchObject([{ transfer: 't', stored: 160 }]);
    expect(rig.spools.spools.get('t')?.syncs).toBe(1);
    await rig.advance(1_000);
    expect(rig.spools.spools.get('t')?.syncs).toBe(1);
    await rig.plane.close();
  });

  test('RTCP BYE of the sender ends it, BYE of another does not', async () => {
    const { rig, port } = await storing();
    rig.arrive(port, SENDER, rtpPacket({ sequence: 1, ssrc: 5 }, speech(0)));
    const bye = (ssrc: number): Uint8Array => {
      const writer = new RtcpWriter().receiverReport(ssrc, []).bye(ssrc);
      return writer.bytes.slice(0, writer.length);
    };
    rig.arrive(port + 1, SENDER_RTCP, bye(6));
    rig.arrive(port + 1, { ...STRANGER, port: 40_001 }, bye(5));
    await rig.advance(BYE_MS);
    expect(rig.ofType('ingest-ended')).toEqual([]);
    rig.arrive(port + 1, SENDER_RTCP, bye(5));
    await rig.advance(BYE_MS);
    expect(rig.ofType('ingest-ended')).toMatchObject([{ cause: 'bye', stored: 160 }]);
    await rig.plane.close();
  });

  test('silence ends it after idleMs, not before', async () => {
    const { rig, port } = await storing(speechTerms({ idleMs: 3_000 }));
    rig.arrive(port, SENDER, rtpPacket({ sequence: 1 }, speech(0)));
    await rig.advance(2_999);
    expect(rig.ofType('ingest-ended')).toEqual([]);
    await rig.advance(1);
    expect(rig.ofType('ingest-ended')).toMatchObject([{ cause: 'idle', stored: 160 }]);
    await rig.plane.close();
  });

  test('sizeMax bytes are stored, one more ends it with nothing of it stored', async () => {
    const { rig, port } = await storing(speechTerms({ sizeMax: 320 }));
    await speak(rig, port, { to: 1 });
    expect(rig.ofType('ingest-ended')).toEqual([]);
    await speak(rig, port, { from: 2, to: 2 });
    expect(rig.ofType('ingest-ended')).toMatchObject([{ cause: 'limit', stored: 320 }]);
    await rig.plane.close();
  });

  test('a full disk ends that ingest with what was durable, and no other', async () => {
    const { rig, port } = await storing();
    await speak(rig, port, { to: 15 });
    const stored = rig.ofType('ingest-progress').at(-1)?.stored;
    const spool = rig.spools.spools.get('t');
    if (spool !== undefined) spool.failure = Object.assign(new Error('full'), { code: 'ENOSPC' });
    const other = await rig.plane.openIngest('u');
    await rig.plane.confirmIngest('u', speechTerms());
    await speak(rig, port, { from: 16, to: 30 });
    rig.arrive(other.rtp, SENDER, rtpPacket({ sequence: 1 }, speech(0)));
    await rig.advance(300);
    expect(rig.ofType('ingest-ended')).toMatchObject([{ transfer: 't', cause: 'disk', stored }]);
    expect(rig.ofType('ingest-progress').at(-1)).toMatchObject({ transfer: 'u', stored: 160 });
    expect(spool?.closed).toBe(true);
    await rig.plane.close();
  });

  test('reports what it received to the sender, about every five seconds', async () => {
    const { rig, port } = await storing();
    await speak(rig, port, { to: 600, skip: [100] });
    const reports = rig.sentTo(SENDER_RTCP);
    const [first, second] = reports.map(({ at }) => at);
    expect((second ?? 0) - (first ?? 0)).toBeGreaterThanOrEqual(2_500);
    expect((second ?? 0) - (first ?? 0)).toBeLessThanOrEqual(7_500);
    const blocks = control(reports).flatMap((packet) =>
      packet.type === 'rr' ? packet.reports : [],
    );
    expect(blocks[0]).toMatchObject({ ssrc: 0xcafe_f00d, jitter: 0 });
    expect(blocks.at(-1)).toMatchObject({ lost: 1 });
    await rig.plane.close();
    expect(control(rig.sentTo(SENDER_RTCP)).map(({ type }) => type)).toEqual(['rr', 'sdes', 'bye']);
  });

  test('sends sender reports to the receiver, and BYE at the end', async () => {
    const { rig, port } = await storing();
    await deliver(rig);
    await speak(rig, port, { to: 400 });
    const [report] = control(rig.sentTo(RECEIVER_RTCP));
    expect(report).toMatchObject({ type: 'sr', reports: [] });
    await rig.plane.closeDelivery('d');
    expect(control(rig.sentTo(RECEIVER_RTCP)).map(({ type }) => type)).toEqual([
      'sr',
      'sdes',
      'bye',
    ]);
    expect(rig.ofType('delivery-ended')).toMatchObject([{ cause: 'stopped' }]);
    await rig.plane.close();
  });

  test('a delivery after the ingest reads the finished spool', async () => {
    const { rig, port } = await storing();
    await speak(rig, port, { to: 99 });
    await rig.plane.closeIngest('t');
    await deliver(rig);
    await rig.advance(3_000);
    expect(rig.sentTo(RECEIVER)).toHaveLength(100);
    expect(rig.ofType('delivery-ended')).toMatchObject([{ cause: 'complete' }]);
    expect(rig.spools.closed).toBe(rig.spools.opened);
    await rig.plane.close();
  });

  test('a delivery far behind comes back from the file to memory without a break', async () => {
    const { rig, port } = await storing();
    await speak(rig, port, { to: 700 });
    await deliver(rig);
    await speak(rig, port, { from: 701, to: 1_500 });
    await rig.plane.closeIngest('t');
    await rig.advance(20_000);
    const numbers = rig.sentTo(RECEIVER).map(numberOf);
    expect(numbers).toEqual(Array.from({ length: 1_501 }, (_, index) => index));
    await rig.plane.close();
  });

  test('a delivery of a transfer without a spool is unreachable', async () => {
    const rig = new MediaRig();
    await deliver(rig);
    expect(rig.ofType('delivery-ended')).toMatchObject([{ cause: 'unreachable', delivered: 0 }]);
    await rig.plane.close();
  });
});

test(`a turn sends ${TURN_PACKETS_MAX} packets of a delivery at most, the next turn the rest`, async () => {
  const { rig, port } = await storing();
  await rig.plane.openDelivery('d');
  const count = TURN_PACKETS_MAX + 1;
  for (let sequence = 0; sequence < count; sequence++)
    rig.arrive(port, SENDER, rtpPacket({ sequence, timestamp: 0 }, speech(sequence)));
  await rig.advance(10);
  await rig.plane.startDelivery('d', speechDelivery());
  // All of it is in memory, so the first are sent at once.
  const turns = [rig.sentTo(RECEIVER).length];
  for (let turn = 0; turn < 20; turn++) {
    await settled();
    rig.clock.ms++;
    rig.plane.elapse(rig.clock.now());
    turns.push(rig.sentTo(RECEIVER).length);
  }
  expect(Math.max(...turns)).toBe(TURN_PACKETS_MAX);
  expect(turns.reduce((sum, sent) => sum + sent, 0)).toBe(count);
  await rig.plane.close();
});
