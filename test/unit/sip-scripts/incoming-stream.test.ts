import { describe, expect, test } from '@jest/globals';
import { instant } from '../../../src/base/units.ts';
import { RtpView } from '../../../src/rtp/packet.ts';
import { DROPOUT_MAX, IncomingStream } from '../../../sip-scripts/streams/incoming-stream.ts';
import { OutgoingStream } from '../../../sip-scripts/streams/outgoing-stream.ts';
import { parseRtp } from '../../../src/rtp/packet.ts';

const view = (sequence: number, timestamp = 0): RtpView =>
  Object.assign(new RtpView(), {
    sequence: sequence & 0xffff,
    timestamp: timestamp >>> 0,
    ssrc: 7,
  });
const PAYLOAD = Uint8Array.of(1, 2);

/** Takes packets of these sequence numbers, 20 ms apart. */
function heard(...sequences: number[]): IncomingStream {
  const [first = 0] = sequences;
  const stream = new IncomingStream(view(first), 8_000);
  for (const [index, sequence] of sequences.entries()) {
    stream.take(view(sequence, 160 * index), PAYLOAD, instant(20 * index));
  }
  return stream;
}

describe('a stream that is received', () => {
  test('sequence numbers go on over the wrap', () => {
    const stream = heard(65_534, 65_535, 0, 1);
    expect(stream.counts()).toMatchObject({ packets: 4, lost: 0, highestSequence: 65_537 });
  });

  test('lost, out of order and duplicate are three things, over the wrap too', () => {
    const counts = heard(65_534, 0, 65_535, 65_535, 3).counts();
    expect(counts).toMatchObject({ packets: 4, lost: 2, outOfOrder: 1, duplicates: 1, bytes: 8 });
  });

  test('only the newest gaps are remembered: an older packet counts as a duplicate', () => {
    const at = (distance: number): number => {
      const stream = heard(0, 2, 2 + distance);
      stream.take(view(1), PAYLOAD, instant(100));
      return stream.counts().duplicates;
    };
    expect(at(DROPOUT_MAX - 1)).toBe(0);
    expect(at(DROPOUT_MAX)).toBe(1);
  });

  test('jitter is zero for an even pace and survives the wrap of the timestamp', () => {
    const start = 2 ** 32 - 320;
    const stream = new IncomingStream(view(0, start), 8_000);
    for (let index = 0; index < 6; index++) {
      stream.take(view(index, start + 160 * index), PAYLOAD, instant(20 * index));
    }
    expect(stream.counts().jitterMs).toBe(0);
    stream.take(view(6, start + 960), PAYLOAD, instant(130));
    expect(stream.counts().jitterMs).toBeCloseTo(10 / 16);
    expect(stream.counts().silenceMsMax).toBe(30);
  });

  test('the fraction lost is since the last report', () => {
    const stream = heard(0, 1, 4);
    expect(stream.takeFractionLost()).toBeCloseTo(2 / 5);
    expect(stream.takeFractionLost()).toBe(0);
    stream.take(view(5), PAYLOAD, instant(100));
    expect(stream.takeFractionLost()).toBe(0);
  });
});

test('a stream that is sent numbers its packets over the wrap, and counts them', () => {
  const stream = new OutgoingStream(96, 65_535);
  const sent = [0, 160].map((elapsed) => stream.packet(PAYLOAD, elapsed, elapsed === 0));
  const views = sent.map((packet) => {
    const read = new RtpView();
    expect(parseRtp(packet, packet.length, read)).toBeUndefined();
    return read;
  });
  expect(views.map(({ sequence }) => sequence)).toEqual([65_535, 0]);
  expect(views.map(({ marker }) => marker)).toEqual([true, false]);
  expect(((views[1]?.timestamp ?? 0) - (views[0]?.timestamp ?? 0)) >>> 0).toBe(160);
  expect(views[0]).toMatchObject({ payloadType: 96, ssrc: stream.ssrc });
  expect(stream.counts()).toMatchObject({ packets: 2, bytes: 4, firstSequence: 65_535 });
});
