import { describe, expect, test } from '@jest/globals';
import { instant } from '../../../src/base/units.ts';
import { ReceiverReports } from '../../../src/media/receiver-reports.ts';
import { parseRtcp } from '../../../src/rtp/rtcp.ts';
import { SeededRandom } from '../../support/media-rig.ts';

const RECEPTION = { fractionLost: 3, lost: 4, highest: 5, jitter: 6 };
const SENDER = {
  ntpSeconds: 0xb44d_b705,
  ntpFraction: 0x2000_0000,
  timestamp: 0,
  packets: 0,
  octets: 0,
};

function blockAt(reports: ReceiverReports, ms: number): unknown {
  const { bytes, length } = reports.report(9, RECEPTION, instant(ms));
  const result = parseRtcp(bytes, 0, length);
  const [report] = result.ok ? result.value : [];
  return report?.type === 'rr' ? report.reports[0] : undefined;
}

describe('receiver reports (RFC 3550 §6.4.1)', () => {
  test('say nothing of a sender report before there was one', () => {
    expect(blockAt(new ReceiverReports(new SeededRandom()), 5_000)).toEqual({
      ssrc: 9,
      ...RECEPTION,
      lastSenderReport: 0,
      delaySinceLastSenderReport: 0,
    });
  });

  test('say how long ago the last sender report came, in 1/65,536 s: the example of the RFC', () => {
    const reports = new ReceiverReports(new SeededRandom());
    reports.heard(SENDER, instant(1_000));
    expect(blockAt(reports, 1_000 + 5_250)).toMatchObject({
      lastSenderReport: 0xb705_2000,
      delaySinceLastSenderReport: 0x0005_4000,
    });
  });

  test('the delay stops at 32 bits', () => {
    const reports = new ReceiverReports(new SeededRandom());
    reports.heard(SENDER, instant(0));
    expect(blockAt(reports, 2 ** 31)).toMatchObject({ delaySinceLastSenderReport: 0xffff_ffff });
  });

  test('of another source know nothing of the sender reports before', () => {
    const reports = new ReceiverReports(new SeededRandom());
    reports.heard(SENDER, instant(1_000));
    reports.follow(10);
    expect(blockAt(reports, 2_000)).toMatchObject({ lastSenderReport: 0 });
  });

  test('a source that has our own SSRC makes us take another', () => {
    const reports = new ReceiverReports(new SeededRandom());
    const ours = (): number => {
      const { bytes, length } = reports.report(9, RECEPTION, instant(0));
      const result = parseRtcp(bytes, 0, length);
      const [report] = result.ok ? result.value : [];
      return report?.type === 'rr' ? report.ssrc : 0;
    };
    const before = ours();
    reports.follow(before + 1);
    expect(ours()).toBe(before);
    reports.follow(before);
    expect(ours()).not.toBe(before);
  });
});
