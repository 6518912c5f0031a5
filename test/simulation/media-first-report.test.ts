import { expect, test } from '@jest/globals';
import { SLOT_BYTES } from '../../src/media/jitter-buffer.ts';
import { MediaRig, SENDER, SENDER_RTCP, speechTerms } from '../support/media-rig.ts';
import { rtpPacket } from '../support/rtp-packets.ts';

/** The first report is due within 1.5 times half of RFC 3550's five seconds. */
const FIRST_MS = 3_750;

test('a sender is told of its packets in time also when the first one is too long to be stored', async () => {
  const rig = new MediaRig();
  const { rtp } = await rig.plane.openIngest('t');
  await rig.plane.confirmIngest('t', speechTerms());
  const fields = { sequence: 1, timestamp: 160, ssrc: 5 };
  rig.arrive(rtp, SENDER, rtpPacket(fields, new Uint8Array(SLOT_BYTES)));
  await rig.advance(FIRST_MS);
  expect(rig.sentTo(SENDER_RTCP)).toHaveLength(1);
  await rig.plane.close();
});
