import { describe, expect, test } from '@jest/globals';
import type { Address } from '../../src/base/address.ts';
import { LEARN_MS } from '../../src/media/peer.ts';
import { LOCK_PACKETS } from '../../src/media/source-lock.ts';
import { parseRtp, RtpView } from '../../src/rtp/packet.ts';
import { RtcpWriter } from '../../src/rtp/rtcp-writer.ts';
import type { DeliveryTerms } from '../../src/transfers/media-plane.ts';
import {
  fileDelivery,
  fileTerms,
  MediaRig,
  RECEIVER,
  RECEIVER_RTCP,
  SENDER,
  speechDelivery,
  speechTerms,
  STRANGER,
} from '../support/media-rig.ts';
import { filePacket, rtpPacket, speech } from '../support/rtp-packets.ts';

const NAT: Address = { address: '198.51.100.1', port: 61_000 };
const KEEP_ALIVE = rtpPacket({ payloadType: 127, ssrc: 9 }, new Uint8Array(0));
const remote = { rtp: RECEIVER, rtcp: RECEIVER_RTCP, behindNat: true };

/** A delivery of ten packets that are stored already. @returns its RTP and RTCP ports. */
async function delivering(rig: MediaRig, terms: DeliveryTerms): Promise<readonly [number, number]> {
  const ingest = await rig.plane.openIngest('t');
  const file = terms.kind === 'file';
  await rig.plane.confirmIngest('t', file ? fileTerms() : speechTerms());
  for (let number = 0; number < 10; number++) {
    const fields = { sequence: number, timestamp: 160 * number };
    const packet = file
      ? filePacket(fields, number, Uint8Array.of(number))
      : rtpPacket(fields, speech(number));
    rig.arrive(ingest.rtp, SENDER, packet);
  }
  await rig.advance(1_000);
  const { rtp, rtcp } = await rig.plane.openDelivery('d');
  await rig.plane.startDelivery('d', terms);
  await rig.advance(0);
  return [rtp, rtcp];
}

describe('the ports of a delivery', () => {
  test('before it is started everyone is foreign, and counted', async () => {
    const rig = new MediaRig();
    const { rtp, rtcp } = await rig.plane.openDelivery('d');
    rig.arrive(rtp, RECEIVER, KEEP_ALIVE);
    rig.arrive(rtcp, RECEIVER_RTCP, KEEP_ALIVE);
    expect(await rig.plane.counts()).toMatchObject({ foreign: 2 });
    await rig.plane.close();
  });

  test('a request that comes after its end is not answered', async () => {
    const rig = new MediaRig();
    const [, rtcp] = await delivering(rig, fileDelivery());
    await rig.advance(200);
    const first = rig.sentTo(RECEIVER)[0]?.bytes ?? new Uint8Array(0);
    const view = new RtpView();
    parseRtp(first, first.length, view);
    const ask = new RtcpWriter().receiverReport(9, []).nack(9, view.ssrc, [view.sequence]);
    const arrive = (writer: RtcpWriter): void =>
      rig.arrive(rtcp, RECEIVER_RTCP, writer.bytes.slice(0, writer.length));
    arrive(ask);
    expect(rig.sentTo(RECEIVER)).toHaveLength(1);
    arrive(new RtcpWriter().receiverReport(9, []).bye(9));
    arrive(ask);
    expect(rig.ofType('delivery-ended')).toMatchObject([{ cause: 'stopped' }]);
    expect(rig.sentTo(RECEIVER)).toEqual([]);
    await rig.plane.close();
  });

  test('RTP from the receiver is nothing to count, from anyone else it is foreign', async () => {
    const rig = new MediaRig();
    const [rtp] = await delivering(rig, speechDelivery());
    rig.arrive(rtp, RECEIVER, KEEP_ALIVE);
    rig.arrive(rtp, STRANGER, KEEP_ALIVE);
    expect(await rig.plane.counts()).toMatchObject({ foreign: 1 });
    await rig.plane.close();
  });
});

describe('a delivery to a receiver behind a NAT', () => {
  test('waits until it is known where that is, and then loses nothing', async () => {
    const rig = new MediaRig();
    const [rtp] = await delivering(rig, speechDelivery({ remote }));
    await rig.advance(100);
    for (let count = 0; count < LOCK_PACKETS; count++) rig.arrive(rtp, NAT, KEEP_ALIVE);
    await rig.advance(300);
    const sent = rig.sockets.sent.filter(({ from }) => from === rtp);
    expect(sent).toHaveLength(10);
    expect(sent.every(({ host, to }) => host === NAT.address && to === NAT.port)).toBe(true);
    await rig.plane.close();
  });

  test('goes where it was signalled when nobody shows up in time', async () => {
    const rig = new MediaRig();
    const [rtp] = await delivering(rig, speechDelivery({ remote }));
    await rig.advance(LEARN_MS - 1);
    expect(rig.sentTo(RECEIVER)).toEqual([]);
    await rig.advance(300);
    expect(rig.sentTo(RECEIVER)).toHaveLength(10);
    for (let count = 0; count < LOCK_PACKETS; count++) rig.arrive(rtp, NAT, KEEP_ALIVE);
    expect(await rig.plane.counts()).toMatchObject({ foreign: LOCK_PACKETS });
    await rig.plane.close();
  });
});
