import { describe, expect, test } from '@jest/globals';
import { BYE_MS } from '../../src/media/ingest.ts';
import { COLLISIONS_MAX } from '../../src/media/sending-stream.ts';
import { CHANGE_PACKETS, SILENCE_MS } from '../../src/media/source-choice.ts';
import { parseRtp, RtpView } from '../../src/rtp/packet.ts';
import { parseRtcp } from '../../src/rtp/rtcp.ts';
import { RtcpWriter } from '../../src/rtp/rtcp-writer.ts';
import type { IngestTerms, ReceptionCounts } from '../../src/transfers/media-plane.ts';
import type { Sent } from '../support/fake-sockets.ts';
import {
  fileTerms,
  MediaRig,
  RECEIVER,
  RECEIVER_RTCP,
  SENDER,
  SENDER_RTCP,
  speechDelivery,
  speechTerms,
} from '../support/media-rig.ts';
import { filePacket, rtpPacket, speech } from '../support/rtp-packets.ts';

const EVENT_TYPE = 101;
const EVENTS = {
  payloadType: EVENT_TYPE,
  encoding: 'telephone-event',
  clockRate: 8_000,
  channels: 1,
};

/** A speaking phone. */
class Talk {
  readonly rig = new MediaRig();
  port = 0;

  static async begin(terms: Partial<IngestTerms> = {}): Promise<Talk> {
    const talk = new Talk();
    const { rtp } = await talk.rig.plane.openIngest('t');
    await talk.rig.plane.confirmIngest('t', speechTerms(terms));
    talk.port = rtp;
    return talk;
  }

  /** Packets `from` to `to`, one each 20 ms. */
  async speak(ssrc: number, from: number, to: number, timestamp = 0): Promise<void> {
    for (let number = from; number <= to; number++) {
      const fields = { ssrc, sequence: number, timestamp: timestamp + 160 * number };
      this.rig.arrive(this.port, SENDER, rtpPacket(fields, speech(number)));
      await this.rig.advance(20);
    }
  }

  key(sequence: number, payload: readonly number[], ssrc = 1): void {
    const fields = { ssrc, sequence, timestamp: 160 * sequence, payloadType: EVENT_TYPE };
    this.rig.arrive(this.port, SENDER, rtpPacket(fields, Uint8Array.from(payload)));
  }

  control(write: (writer: RtcpWriter) => RtcpWriter): void {
    const writer = write(new RtcpWriter());
    this.rig.arrive(this.port + 1, SENDER_RTCP, writer.bytes.slice(0, writer.length));
  }

  async reception(): Promise<ReceptionCounts | undefined> {
    await this.rig.plane.endIngest('t', 'stopped');
    return this.rig.ofType('ingest-ended')[0]?.reception;
  }
}

const read = ({ bytes }: Pick<Sent, 'bytes'>): RtpView => {
  const view = new RtpView();
  expect(parseRtp(bytes, bytes.length, view)).toBeUndefined();
  return view;
};

describe('a sender that goes on under another SSRC', () => {
  test('is followed after a silence; what was lost and what came keep their counts', async () => {
    const talk = await Talk.begin();
    await talk.speak(1, 100, 109);
    await talk.rig.advance(SILENCE_MS);
    await talk.speak(2, 40_000, 40_009, 77_777);
    expect(await talk.reception()).toMatchObject({
      received: 20 - (CHANGE_PACKETS - 1),
      expected: 20 - (CHANGE_PACKETS - 1),
      lost: 0,
      foreign: CHANGE_PACKETS - 1,
    });
    await talk.rig.plane.close();
  });

  test('after BYE at once: the stream is not over (RFC 3550 §8.2)', async () => {
    const talk = await Talk.begin();
    await talk.speak(1, 0, 9);
    talk.control((writer) => writer.receiverReport(1, []).bye(1));
    await talk.rig.advance(BYE_MS - 1);
    await talk.speak(2, 500, 509);
    await talk.rig.advance(BYE_MS);
    expect(talk.rig.ofType('ingest-ended')).toEqual([]);
    expect(await talk.reception()).toMatchObject({ received: 20, lost: 0, foreign: 0 });
    await talk.rig.plane.close();
  });

  test('the receiver’s stream keeps its SSRC, its numbers and its clock', async () => {
    const talk = await Talk.begin();
    await talk.speak(1, 0, 9);
    await talk.rig.plane.openDelivery('d');
    await talk.rig.plane.startDelivery('d', speechDelivery());
    talk.control((writer) => writer.receiverReport(1, []).bye(1));
    await talk.speak(2, 30_000, 30_009, 2 ** 31);
    await talk.rig.advance(500);
    const sent = talk.rig.sentTo(RECEIVER).map(read);
    expect(sent).toHaveLength(20);
    expect(new Set(sent.map(({ ssrc }) => ssrc)).size).toBe(1);
    for (const [index, view] of sent.entries()) {
      const before = sent[index - 1] ?? view;
      expect((view.sequence - before.sequence) & 0xffff).toBe(index === 0 ? 0 : 1);
      expect((view.timestamp - before.timestamp) >>> 0).toBe(index === 0 ? 0 : 160);
    }
    await talk.rig.plane.close();
  });

  test('a file is repaired under its new numbers', async () => {
    const rig = new MediaRig();
    const { rtp } = await rig.plane.openIngest('t');
    await rig.plane.confirmIngest('t', fileTerms({ size: 3 }));
    rig.arrive(rtp, SENDER, filePacket({ ssrc: 1, sequence: 9 }, 0, Uint8Array.of(1)));
    const bye = new RtcpWriter().receiverReport(1, []).bye(1);
    rig.arrive(rtp + 1, SENDER_RTCP, bye.bytes.slice(0, bye.length));
    rig.arrive(rtp, SENDER, filePacket({ ssrc: 2, sequence: 5_000 }, 2, Uint8Array.of(3), true));
    rig.sentTo(SENDER_RTCP);
    await rig.advance(30);
    const asked = rig.sentTo(SENDER_RTCP).flatMap(({ bytes }) => {
      const result = parseRtcp(bytes, 0, bytes.length);
      return result.ok ? result.value.filter(({ type }) => type === 'nack') : [];
    });
    expect(asked).toMatchObject([{ media: 2, sequences: [4_999] }]);
    rig.arrive(rtp, SENDER, filePacket({ ssrc: 2, sequence: 5_001 }, 1, Uint8Array.of(2)));
    await rig.advance(10);
    expect(rig.ofType('ingest-ended')).toMatchObject([{ cause: 'complete', stored: 3 }]);
    await rig.plane.close();
  });
});

describe('other payload types in a stream', () => {
  test('keys that were agreed on are stored in their place, and count as no data', async () => {
    const talk = await Talk.begin({ events: EVENTS });
    await talk.speak(1, 0, 1);
    talk.key(2, [5, 0x0a, 0, 160]);
    talk.key(3, [5, 0x8a, 1, 64]);
    await talk.speak(1, 4, 5);
    const reception = await talk.reception();
    expect(reception).toMatchObject({ received: 6, lost: 0, malformed: 0 });
    expect(talk.rig.ofType('ingest-ended')).toMatchObject([{ stored: 4 * 160 }]);
    const types = talk.rig.spools.spools
      .get('t')
      ?.packets.map((bytes) => read({ bytes }).payloadType);
    expect(types).toEqual([0, 0, EVENT_TYPE, EVENT_TYPE, 0, 0]);
    await talk.rig.plane.close();
  });

  test('keys are not sent to the receiver of the sound', async () => {
    const talk = await Talk.begin({ events: EVENTS });
    await talk.rig.plane.openDelivery('d');
    await talk.rig.plane.startDelivery('d', speechDelivery({ storedType: 0 }));
    await talk.speak(1, 0, 1);
    talk.key(2, [5, 0x8a, 0, 160]);
    await talk.speak(1, 3, 4);
    await talk.rig.advance(100);
    expect(talk.rig.sentTo(RECEIVER).map((sent) => read(sent).payloadType)).toEqual([8, 8, 8, 8]);
    await talk.rig.plane.close();
  });

  test('what was not agreed on is malformed, but its number is not lost and holds nothing up', async () => {
    const talk = await Talk.begin();
    await talk.speak(1, 0, 1);
    talk.key(2, [5, 0x8a, 0, 160]);
    talk.key(3, [5, 0x8a, 0, 160], 7);
    await talk.speak(1, 3, 3);
    expect(talk.rig.spools.spools.get('t')?.packets).toHaveLength(3);
    expect(await talk.reception()).toMatchObject({ received: 3, lost: 0, malformed: 2 });
    await talk.rig.plane.close();
  });

  test('a key that is none, and one before there is any sound, are malformed', async () => {
    const talk = await Talk.begin({ events: EVENTS });
    talk.key(1, [5, 0x8a, 0, 160]);
    await talk.speak(1, 2, 2);
    talk.key(3, [5, 0x8a, 0]);
    expect(await talk.reception()).toMatchObject({ received: 1, malformed: 2 });
    await talk.rig.plane.close();
  });
});

test('a receiver that uses our SSRC makes us say BYE and take another, a few times', async () => {
  const talk = await Talk.begin();
  const { rtcp } = await talk.rig.plane.openDelivery('d');
  await talk.rig.plane.startDelivery('d', speechDelivery());
  const seen = new Set<number>();
  const rounds = COLLISIONS_MAX + 2;
  for (let round = 0; round < rounds; round++) {
    await talk.speak(1, round, round);
    await talk.rig.advance(20);
    const [sent] = talk.rig.sentTo(RECEIVER);
    const ssrc = sent === undefined ? 0 : read(sent).ssrc;
    seen.add(ssrc);
    const report = new RtcpWriter().receiverReport(ssrc, []);
    talk.rig.arrive(rtcp, RECEIVER_RTCP, report.bytes.slice(0, report.length));
  }
  expect(seen.size).toBe(1 + COLLISIONS_MAX);
  const byes = talk.rig.sentTo(RECEIVER_RTCP).flatMap(({ bytes }) => {
    const result = parseRtcp(bytes, 0, bytes.length);
    return result.ok ? result.value.filter(({ type }) => type === 'bye') : [];
  });
  expect(byes).toHaveLength(COLLISIONS_MAX);
  await talk.rig.plane.close();
});
