import { REBUFFER_MS } from '../../src/media/media-pacer.ts';
import { describe, expect, test } from '@jest/globals';
import { RESEND_PACKETS } from '../../src/media/resend-cache.ts';
import { NACK_DELAY_MS } from '../../src/media/nack-list.ts';
import { STREAM_RESENDS_OF_ONE_MAX } from '../../src/media/media-resends.ts';
import { parseRtcp } from '../../src/rtp/rtcp.ts';
import { RtcpWriter } from '../../src/rtp/rtcp-writer.ts';
import { RECORD_KIND } from '../../src/spool/record.ts';
import type { Sent } from '../support/fake-sockets.ts';
import {
  MediaRig,
  RECEIVER,
  RECEIVER_RTCP,
  SENDER,
  SENDER_RTCP,
  speechDelivery,
  speechTerms,
} from '../support/media-rig.ts';
import { rtpPacket, speech } from '../support/rtp-packets.ts';

/** Shortly before the wrap. */
const FIRST = 65_530;

async function storing(nack: boolean): Promise<{ rig: MediaRig; send: (number: number) => void }> {
  const rig = new MediaRig();
  const { rtp } = await rig.plane.openIngest('t');
  await rig.plane.confirmIngest('t', speechTerms(nack ? { nack: true } : {}));
  const send = (number: number): void =>
    rig.arrive(
      rtp,
      SENDER,
      rtpPacket({ sequence: (FIRST + number) & 0xffff, timestamp: 160 * number }, speech(number)),
    );
  return { rig, send };
}

const asked = (rig: MediaRig): readonly number[] =>
  rig.sentTo(SENDER_RTCP).flatMap(({ bytes }) => {
    const compound = parseRtcp(bytes, 0, bytes.length);
    if (!compound.ok) return [];
    return compound.value.flatMap((packet) => (packet.type === 'nack' ? packet.sequences : []));
  });

const numbersOf = (rig: MediaRig, kind: number): readonly number[] =>
  (rig.spools.spools.get('t')?.records ?? [])
    .filter((record) => record.kind === kind)
    .map(({ payload }) => ((payload[2] ?? 0) << 8) | (payload[3] ?? 0));

const sequenceOf = ({ bytes }: Sent): number => ((bytes[2] ?? 0) << 8) | (bytes[3] ?? 0);

describe('a stream whose sender answers requests', () => {
  test('is asked for what is missing, over the wrap, and a repair in time goes where it belongs', async () => {
    const { rig, send } = await storing(true);
    for (const number of [0, 1, 2, 3, 4]) send(number);
    for (const number of [7, 8]) send(number);
    await rig.advance(NACK_DELAY_MS);
    expect(asked(rig)).toEqual([65_535, 0]);
    send(5);
    send(6);
    await rig.plane.endIngest('t', 'end-of-data');
    await rig.advance(10);
    const numbers = Array.from({ length: 9 }, (_, number) => (FIRST + number) & 0xffff);
    expect(numbersOf(rig, RECORD_KIND.rtp)).toEqual(numbers);
    const [ended] = rig.ofType('ingest-ended');
    expect(ended?.reception).toMatchObject({ received: 9, lost: 0, repaired: 2 });
    await rig.plane.close();
  });

  test('a repair too late for who receives along is stored apart, once, and is no loss', async () => {
    const { rig, send } = await storing(true);
    for (const number of [0, 1, 3, 4]) send(number);
    await rig.advance(500);
    for (const number of [5, 2, 2, 6]) send(number);
    await rig.plane.endIngest('t', 'end-of-data');
    await rig.advance(10);
    expect(numbersOf(rig, RECORD_KIND.late)).toEqual([FIRST + 2]);
    const [ended] = rig.ofType('ingest-ended');
    expect(ended).toMatchObject({ stored: 7 * 160 });
    expect(ended?.reception).toMatchObject({ lost: 0, late: 1, duplicate: 1, repaired: 1 });
    await rig.plane.close();
  });

  test('what is too old is not asked for any more', async () => {
    const { rig, send } = await storing(true);
    send(0);
    send(2);
    await rig.advance(10_000);
    const tries = asked(rig).length;
    expect(tries).toBeGreaterThan(1);
    expect(tries).toBeLessThanOrEqual(6);
    await rig.advance(10_000);
    expect(asked(rig)).toEqual([]);
    await rig.plane.close();
  });

  test('one that does not offer it is asked for nothing', async () => {
    const { rig, send } = await storing(false);
    send(0);
    send(2);
    await rig.advance(1_000);
    expect(asked(rig)).toEqual([]);
    await rig.plane.close();
  });

  test('who receives along hears nothing of a packet that came too late, and does not wait for the disk', async () => {
    const { rig, send } = await storing(true);
    await rig.plane.openDelivery('d');
    await rig.plane.startDelivery('d', speechDelivery());
    for (const number of [0, 2]) send(number);
    await rig.advance(500);
    rig.sentTo(RECEIVER);
    send(1);
    send(3);
    // The stream ran dry twice, so it goes on a little later than it could; a write to the disk would come later still.
    await rig.advance(2 * REBUFFER_MS + 20);
    expect(rig.sentTo(RECEIVER)).toHaveLength(1);
    await rig.plane.close();
  });
});

describe('a receiver that may ask for what it misses', () => {
  async function delivering(
    nack: boolean,
  ): Promise<{ rig: MediaRig; sent: Sent[]; ask: (...sequences: number[]) => Promise<Sent[]> }> {
    const { rig, send } = await storing(false);
    const { rtcp } = await rig.plane.openDelivery('d');
    await rig.plane.startDelivery('d', speechDelivery(nack ? { nack: true } : {}));
    for (let number = 0; number < 5; number++) {
      send(number);
      await rig.advance(20);
    }
    const sent = rig.sentTo(RECEIVER);
    const ssrc = new DataView(sent[0]?.bytes.buffer ?? new ArrayBuffer(12)).getUint32(8);
    const ask = async (...sequences: number[]): Promise<Sent[]> => {
      const { bytes, length } = new RtcpWriter().receiverReport(77, []).nack(77, ssrc, sequences);
      rig.arrive(rtcp, RECEIVER_RTCP, bytes.slice(0, length));
      await rig.advance(20);
      return rig.sentTo(RECEIVER);
    };
    return { rig, sent, ask };
  }

  test('gets the same packets again, under the same numbers', async () => {
    const { rig, sent, ask } = await delivering(true);
    const [, second, third] = sent;
    const again = await ask(...[second, third].map((packet) => (packet ? sequenceOf(packet) : 0)));
    expect(again.map(({ bytes }) => bytes)).toEqual([second?.bytes, third?.bytes]);
    await rig.plane.close();
  });

  test(`the same one ${STREAM_RESENDS_OF_ONE_MAX} times at most, and nothing that was never sent`, async () => {
    const { rig, sent, ask } = await delivering(true);
    const number = sent[1] === undefined ? 0 : sequenceOf(sent[1]);
    let count = 0;
    for (let times = 0; times < 50; times++) count += (await ask(number, number, number)).length;
    expect(count).toBe(STREAM_RESENDS_OF_ONE_MAX);
    expect(await ask(number + 100, number - RESEND_PACKETS)).toEqual([]);
    await rig.plane.close();
  });

  test('nothing without that agreement', async () => {
    const { rig, sent, ask } = await delivering(false);
    expect(await ask(...sent.map(sequenceOf))).toEqual([]);
    await rig.plane.close();
  });
});
