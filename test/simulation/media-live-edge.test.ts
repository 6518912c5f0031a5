import { describe, expect, test } from '@jest/globals';
import { WAIT_MIN_MS } from '../../src/media/jitter-depth.ts';
import { KEY_FRAME_MS } from '../../src/media/live-edge.ts';
import { parseRtp, RtpView } from '../../src/rtp/packet.ts';
import { parseRtcp } from '../../src/rtp/rtcp.ts';
import type { IngestTerms } from '../../src/transfers/media-plane.ts';
import type { Sent } from '../support/fake-sockets.ts';
import {
  fileDelivery,
  fileTerms,
  MediaRig,
  RECEIVER,
  SENDER,
  SENDER_RTCP,
  speechDelivery,
  speechTerms,
} from '../support/media-rig.ts';
import { filePacket, rtpPacket, speech } from '../support/rtp-packets.ts';

const VP8 = { payloadType: 96, encoding: 'VP8', clockRate: 90_000, channels: 1 };
const FRAME_MS = 40;

async function storing(terms: IngestTerms): Promise<{ rig: MediaRig; port: number }> {
  const rig = new MediaRig();
  const { rtp } = await rig.plane.openIngest('t');
  await rig.plane.confirmIngest('t', terms);
  return { rig, port: rtp };
}

async function joined(rig: MediaRig, terms = speechDelivery({ from: 'live' })): Promise<void> {
  await rig.plane.openDelivery('d');
  await rig.plane.startDelivery('d', terms);
  await rig.advance(0);
}

async function speak(rig: MediaRig, port: number, from: number, to: number): Promise<void> {
  for (let number = from; number <= to; number++) {
    const header = { sequence: number, timestamp: 160 * number };
    rig.arrive(port, SENDER, rtpPacket(header, speech(number)));
    await rig.advance(20);
  }
}

/** One packet a frame; its number follows the VP8 descriptor and first byte. */
async function film(
  rig: MediaRig,
  port: number,
  { from = 0, to, keys }: { from?: number; to: number; keys: readonly number[] },
): Promise<void> {
  for (let number = from; number <= to; number++) {
    const payload = Uint8Array.of(0x10, keys.includes(number) ? 0 : 1, number);
    const header = { payloadType: 96, sequence: number, timestamp: 90 * FRAME_MS * number };
    rig.arrive(port, SENDER, rtpPacket({ ...header, marker: true }, payload));
    await rig.advance(FRAME_MS);
  }
}

const spoken = ({ bytes }: Sent): number => (bytes[12] ?? 0) * 256 + (bytes[13] ?? 0);
const filmed = ({ bytes }: Sent): number => bytes[14] ?? -1;
const feedback = (rig: MediaRig): readonly string[] =>
  rig
    .sentTo(SENDER_RTCP)
    .flatMap(({ bytes }) => {
      const parsed = parseRtcp(bytes, 0, bytes.length);
      return parsed.ok ? parsed.value.map(({ type }) => type) : [];
    })
    .filter((type) => type === 'pli');

describe('who joins speech at its live edge', () => {
  test('is as far behind the newest packet as the jitter buffer is deep, and in pace', async () => {
    const { rig, port } = await storing(speechTerms());
    await speak(rig, port, 0, 99);
    const joinedAt = rig.clock.ms;
    await joined(rig);
    await speak(rig, port, 100, 109);
    const sent = rig.sentTo(RECEIVER);
    const first = 99 - WAIT_MIN_MS / 20;
    expect(sent[0]?.at).toBe(joinedAt);
    expect(sent.slice(0, 8).map(spoken)).toEqual([0, 1, 2, 3, 4, 5, 6, 7].map((n) => first + n));
    const times = sent.slice(1, 8).map(({ at }) => at - joinedAt);
    expect(times).toEqual([20, 40, 60, 80, 100, 120, 140]);
    await rig.plane.close();
  });

  test('waits for that depth when the stream is younger', async () => {
    const { rig, port } = await storing(speechTerms());
    await speak(rig, port, 0, 0);
    const joinedAt = rig.clock.ms;
    await joined(rig);
    await speak(rig, port, 1, 9);
    const sent = rig.sentTo(RECEIVER);
    expect(sent.map(spoken).slice(0, 2)).toEqual([0, 1]);
    // Nothing is known of the network yet: 100 ms, of which 20 are past.
    expect(sent[0]?.at).toBe(joinedAt + 80);
    await rig.plane.close();
  });

  test('before its first packet begins with that', async () => {
    const { rig, port } = await storing(speechTerms());
    await joined(rig);
    await speak(rig, port, 0, 9);
    expect(rig.sentTo(RECEIVER).map(spoken).slice(0, 2)).toEqual([0, 1]);
    await rig.plane.close();
  });

  test('after its end gets it from the start', async () => {
    const { rig, port } = await storing(speechTerms());
    await speak(rig, port, 0, 49);
    await rig.plane.endIngest('t', 'end-of-data');
    await rig.advance(10);
    await joined(rig);
    await rig.advance(1_500);
    expect(rig.sentTo(RECEIVER).map(spoken)).toEqual(Array.from({ length: 50 }, (_, n) => n));
    await rig.plane.close();
  });
});

describe('who joins a video at its live edge', () => {
  const terms = speechTerms({ format: VP8, refresh: 'pli' });
  const live = speechDelivery({
    payloadType: 97,
    clockRate: 90_000,
    encoding: 'VP8',
    from: 'live',
  });
  const recent = KEY_FRAME_MS / FRAME_MS;

  test('begins at the last key frame when that is recent, and no other is asked for', async () => {
    const { rig, port } = await storing(terms);
    await film(rig, port, { to: 60, keys: [0, 60 - recent] });
    feedback(rig);
    await joined(rig, live);
    await film(rig, port, { from: 61, to: 64, keys: [] });
    const sent = rig.sentTo(RECEIVER).map(filmed);
    expect(sent.slice(0, 3)).toEqual([60 - recent, 61 - recent, 62 - recent]);
    expect(feedback(rig)).toEqual([]);
    await rig.plane.close();
  });

  test('else asks for one, and begins with it', async () => {
    const { rig, port } = await storing(terms);
    await film(rig, port, { to: 60, keys: [0, 59 - recent] });
    feedback(rig);
    await joined(rig, live);
    await film(rig, port, { from: 61, to: 64, keys: [] });
    expect(feedback(rig)).toEqual(['pli']);
    expect(rig.sentTo(RECEIVER)).toEqual([]);
    await film(rig, port, { from: 65, to: 70, keys: [66] });
    const sent = rig.sentTo(RECEIVER);
    expect(sent.map(filmed).slice(0, 3)).toEqual([66, 67, 68]);
    await rig.plane.close();
  });
});

test('a file has no live edge: it comes whole', async () => {
  const { rig, port } = await storing(fileTerms());
  for (let number = 0; number < 10; number++) {
    const last = number === 9;
    rig.arrive(port, SENDER, filePacket({ sequence: number }, number, Uint8Array.of(number), last));
    if (number === 4) {
      await rig.advance(300);
      await joined(rig, fileDelivery({ from: 'live' }));
    }
  }
  await rig.advance(300);
  const offsets = rig.sentTo(RECEIVER).map(({ bytes }) => bytes[19]);
  expect([...new Set(offsets)]).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
  await rig.plane.close();
});

describe('a stream that runs dry', () => {
  test('pauses, and its timestamps and report of clocks stay right', async () => {
    const { rig, port } = await storing(speechTerms());
    await speak(rig, port, 0, 9);
    await joined(rig, speechDelivery());
    await speak(rig, port, 10, 19);
    // Nothing for a second; then all that was held up comes at once.
    await rig.advance(1_000);
    for (let number = 20; number < 70; number++) {
      const header = { sequence: number, timestamp: 160 * number };
      rig.arrive(port, SENDER, rtpPacket(header, speech(number)));
    }
    await rig.advance(2_000);
    await rig.plane.closeIngest('t');
    await rig.advance(100);
    const sent = rig.sentTo(RECEIVER);
    expect(sent.map(spoken)).toEqual(Array.from({ length: 70 }, (_, n) => n));
    const view = new RtpView();
    const clocks = sent.map(({ at, bytes }) => {
      parseRtp(bytes, bytes.length, view);
      return { early: (view.timestamp - 8 * at) >>> 0, marker: view.marker };
    });
    expect(new Set(clocks.map(({ early }) => early)).size).toBe(1);
    expect(clocks.flatMap(({ marker }, number) => (marker ? [number] : []))).toEqual([20]);
    const [ended] = rig.ofType('delivery-ended');
    // 200 ms of the second were at hand; 40 ms are waited so as not to run dry again.
    expect(ended).toMatchObject({ cause: 'complete', pauses: 1, pausedMs: 840 });
    await rig.plane.close();
  });
});
