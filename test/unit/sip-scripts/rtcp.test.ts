import { describe, expect, test } from '@jest/globals';
import { LOST_MAX, LOST_MIN, readRtcp, writeRtcp } from '../../../sip-scripts/streams/rtcp.ts';

const report = {
  ssrc: 5,
  fractionLost: 0.25,
  lost: -3,
  highest: 65_540,
  jitter: 12,
  lastReport: 0x89abcdef,
  delay: 65_536,
};
const sender = { wallclockMs: 1_500, timestamp: 160, packets: 2, bytes: 320 };

describe('RTCP', () => {
  test('a sender report with a block about the other side, and a BYE', () => {
    const written = writeRtcp({ ssrc: 9, cname: 'alice@example.com', sender, report, bye: true });
    const [sr, bye] = readRtcp(written);
    expect(sr).toMatchObject({ type: 'sr', ssrc: 9, reports: [report] });
    // 1970 in NTP seconds plus 1.5: low half of the seconds, high half of the fraction.
    expect(sr?.ntpMiddle).toBe((((2_208_988_801 % 65_536) << 16) | 0x8000) >>> 0);
    expect(bye).toMatchObject({ type: 'bye', ssrc: 9 });
    expect(written.length % 4).toBe(0);
  });

  test('a receiver report without anything to report', () => {
    const written = writeRtcp({ ssrc: 9, cname: 'a' });
    expect(readRtcp(written)).toEqual([
      { type: 'rr', ssrc: 9, reports: [], ntpMiddle: 0, missing: [] },
    ]);
  });

  test.each([
    [LOST_MAX, LOST_MAX],
    [LOST_MAX + 1, LOST_MAX],
    [LOST_MIN, LOST_MIN],
    [LOST_MIN - 1, LOST_MIN],
  ])('cumulative loss of %d is written as %d: 24 bits, signed', (lost, read) => {
    const written = writeRtcp({ ssrc: 9, cname: 'a', report: { ...report, lost } });
    expect(readRtcp(written)[0]?.reports[0]?.lost).toBe(read);
  });

  test('the NTP seconds wrap in 2036', () => {
    const wrapsAt = (2 ** 32 - 2_208_988_800) * 1_000;
    const written = writeRtcp({ ssrc: 9, cname: 'a', sender: { ...sender, wallclockMs: wrapsAt } });
    expect(readRtcp(written)[0]?.ntpMiddle).toBe(0);
  });

  test('generic NACK names a packet and up to 16 after it, over the wrap', () => {
    const nack = Buffer.from('81cd000300000001000000020000', 'hex');
    const entry = Buffer.from([0xff, 0xff, 0x80, 0x01]);
    const written = Buffer.concat([nack.subarray(0, 12), entry]);
    expect(readRtcp(written)[0]).toMatchObject({ type: 'nack', missing: [65_535, 0, 15] });
  });

  test('cut or broken, it is read as far as it goes and never throws', () => {
    const written = writeRtcp({ ssrc: 9, cname: 'alice@example.com', sender, report, bye: true });
    for (let length = 0; length < written.length; length++) {
      expect(readRtcp(written.subarray(0, length)).length).toBeLessThanOrEqual(1);
    }
    expect(readRtcp(Buffer.alloc(64, 0xff))).toEqual([]);
  });
});
