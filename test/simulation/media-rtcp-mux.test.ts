import { expect, test } from '@jest/globals';
import { BYE_MS } from '../../src/media/ingest.ts';
import { isRtcp } from '../../src/rtp/packet.ts';
import { RtcpWriter } from '../../src/rtp/rtcp-writer.ts';
import { MediaRig, RECEIVER, SENDER, speechDelivery, speechTerms } from '../support/media-rig.ts';
import { rtpPacket, speech } from '../support/rtp-packets.ts';

const bytesOf = ({ bytes, length }: RtcpWriter): Uint8Array => bytes.slice(0, length);

test('a sender that shares the port has its BYE read, and reports sent from the RTP socket', async () => {
  const rig = new MediaRig();
  const { rtp } = await rig.plane.openIngest('t');
  await rig.plane.confirmIngest('t', speechTerms({ remote: { rtp: SENDER, rtcp: SENDER } }));
  for (let number = 0; number < 500; number++) {
    const fields = { sequence: number, timestamp: 160 * number, ssrc: 5 };
    rig.arrive(rtp, SENDER, rtpPacket(fields, speech(number)));
    await rig.advance(20);
  }
  const reports = rig.sentTo(SENDER);
  expect(reports.length).toBeGreaterThan(0);
  for (const { bytes, from } of reports) {
    expect(isRtcp(bytes, 0, bytes.length)).toBe(true);
    expect(from).toBe(rtp);
  }
  rig.arrive(rtp, SENDER, bytesOf(new RtcpWriter().receiverReport(5, []).bye(5)));
  await rig.advance(BYE_MS);
  const [ended] = rig.ofType('ingest-ended');
  expect(ended).toMatchObject({ cause: 'bye', stored: 500 * 160 });
  expect(ended?.reception).toMatchObject({ received: 500, malformed: 0 });
  await rig.plane.close();
});

test('a receiver that shares the port gets RTP and RTCP there, and has its BYE read there', async () => {
  const rig = new MediaRig();
  const { rtp } = await rig.plane.openIngest('t');
  await rig.plane.confirmIngest('t', speechTerms());
  const ours = await rig.plane.openDelivery('d');
  const remote = { rtp: RECEIVER, rtcp: RECEIVER };
  await rig.plane.startDelivery('d', speechDelivery({ remote }));
  for (let number = 0; number < 500; number++) {
    rig.arrive(
      rtp,
      SENDER,
      rtpPacket({ sequence: number, timestamp: 160 * number }, speech(number)),
    );
    await rig.advance(20);
  }
  const sent = rig.sentTo(RECEIVER);
  expect(sent.every(({ from }) => from === ours.rtp)).toBe(true);
  const control = sent.filter(({ bytes }) => isRtcp(bytes, 0, bytes.length));
  expect(control.length).toBeGreaterThan(0);
  expect(sent.length - control.length).toBe(500);
  rig.arrive(ours.rtp, RECEIVER, bytesOf(new RtcpWriter().receiverReport(9, []).bye(9)));
  await rig.advance(20);
  expect(rig.ofType('delivery-ended')).toMatchObject([{ cause: 'stopped' }]);
  await rig.plane.close();
});
