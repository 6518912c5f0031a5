import { describe, expect, test } from '@jest/globals';
import { SILENT_MS, STANDSTILL_REPORTS } from '../../src/media/circuit-breaker.ts';
import { parseRtp, RtpView } from '../../src/rtp/packet.ts';
import { parseRtcp, type RtcpPacket, type ReportBlock } from '../../src/rtp/rtcp.ts';
import { RtcpWriter } from '../../src/rtp/rtcp-writer.ts';
import {
  MediaRig,
  RECEIVER,
  RECEIVER_RTCP,
  SENDER,
  speechDelivery,
  speechTerms,
} from '../support/media-rig.ts';
import { rtpPacket, speech } from '../support/rtp-packets.ts';

const STEP_MS = 20;
const REPORT_MS = 5_000;

/** Someone speaks into storage, and it is delivered to a receiver that reports what the test says. */
class Scene {
  readonly rig = new MediaRig();
  #port = 0;
  #rtcpPort = 0;
  #number = 0;
  #newest = new RtpView();
  #lastSenderReport = 0;
  readonly heard: RtcpPacket[] = [];

  static async begin(): Promise<Scene> {
    const scene = new Scene();
    const { plane } = scene.rig;
    scene.#port = (await plane.openIngest('t')).rtp;
    await plane.confirmIngest('t', speechTerms());
    scene.#rtcpPort = (await plane.openDelivery('d')).rtcp;
    await plane.startDelivery('d', speechDelivery());
    return scene;
  }

  /** Speaks for so long, or until the delivery is over. */
  async speak(ms: number): Promise<void> {
    for (let at = 0; at < ms && this.cause === undefined; at += STEP_MS) {
      const fields = { sequence: this.#number & 0xffff, timestamp: 160 * this.#number };
      this.rig.arrive(this.#port, SENDER, rtpPacket(fields, speech(this.#number++)));
      await this.rig.advance(STEP_MS);
      this.#listen();
    }
  }

  report(fields: Partial<ReportBlock> = {}): void {
    const { ssrc, sequence } = this.#newest;
    const block = { ssrc, fractionLost: 0, lost: 0, highest: sequence, jitter: 0 };
    const known = { lastSenderReport: this.#lastSenderReport, delaySinceLastSenderReport: 0 };
    const packet = new RtcpWriter().receiverReport(99, [{ ...block, ...known, ...fields }]);
    const { bytes, length } = packet.cname(99, 'r');
    this.rig.arrive(this.#rtcpPort, RECEIVER_RTCP, bytes.slice(0, length));
  }

  get cause(): string | undefined {
    return this.rig.ofType('delivery-ended')[0]?.cause;
  }

  get highest(): number {
    return this.#newest.sequence;
  }

  #listen(): void {
    for (const { bytes } of this.rig.sentTo(RECEIVER)) parseRtp(bytes, bytes.length, this.#newest);
    for (const { bytes } of this.rig.sentTo(RECEIVER_RTCP)) {
      const parsed = parseRtcp(bytes, 0, bytes.length);
      if (parsed.ok) this.heard.push(...parsed.value);
    }
    const report = this.heard.findLast((packet) => packet.type === 'sr');
    if (report?.type !== 'sr') return;
    const { ntpSeconds, ntpFraction } = report.sender;
    this.#lastSenderReport = ((ntpSeconds << 16) | (ntpFraction >>> 16)) >>> 0;
  }
}

/** What came in is stored to its end, whatever became of its delivery. */
async function expectStored({ rig }: Scene): Promise<void> {
  await rig.plane.closeIngest('t');
  const [ended] = rig.ofType('ingest-ended');
  expect(ended).toMatchObject({ cause: 'stopped' });
  expect(ended?.stored).toBe((ended?.reception.received ?? 0) * 160);
  await rig.plane.close();
}

describe('a delivery that can not get through ends with its reason, and the data stays stored', () => {
  test('silent: the receiver has reported, and does not any more', async () => {
    const scene = await Scene.begin();
    await scene.speak(1_000);
    scene.report();
    await scene.speak(3 * SILENT_MS);
    expect(scene.cause).toBe('silent');
    expect(scene.heard.at(-1)).toMatchObject({ type: 'bye' });
    await scene.speak(1_000);
    await expectStored(scene);
  });

  test('not-arriving: the receiver reports again and again that nothing more has come', async () => {
    const scene = await Scene.begin();
    await scene.speak(1_000);
    const { highest } = scene;
    for (let times = 0; times <= STANDSTILL_REPORTS; times++) {
      scene.report({ highest });
      await scene.speak(REPORT_MS);
    }
    expect(scene.cause).toBe('not-arriving');
    await expectStored(scene);
  });

  test('congested: the path loses half, with a round trip of more than a second', async () => {
    const scene = await Scene.begin();
    await scene.speak(2 * REPORT_MS);
    for (let times = 0; times < 4; times++) {
      scene.report({ fractionLost: 128 });
      await scene.speak(REPORT_MS);
    }
    expect(scene.cause).toBe('congested');
    await expectStored(scene);
  });
});

test('a receiver that reports as it should gets all of it, and one without RTCP too', async () => {
  for (const reports of [true, false]) {
    const scene = await Scene.begin();
    for (let times = 0; times < 6; times++) {
      if (reports) scene.report();
      await scene.speak(REPORT_MS);
    }
    expect(scene.cause).toBeUndefined();
    await expectStored(scene);
  }
});
