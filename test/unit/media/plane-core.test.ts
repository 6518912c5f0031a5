import { describe, expect, test } from '@jest/globals';
import { FILE_REPORT_MS } from '../../../src/media/report-timer.ts';
import {
  fileTerms,
  MediaRig,
  RECEIVER,
  SENDER,
  SENDER_RTCP,
  speechDelivery,
  speechTerms,
} from '../../support/media-rig.ts';
import { filePacket, rtpPacket, speech } from '../../support/rtp-packets.ts';

describe('the media plane', () => {
  test('opens each address once', async () => {
    const { plane, sockets } = new MediaRig();
    const twice = await Promise.allSettled([plane.openIngest('t'), plane.openIngest('t')]);
    expect(twice.map(({ status }) => status)).toEqual(['fulfilled', 'rejected']);
    await plane.openDelivery('t');
    await expect(plane.openDelivery('t')).rejects.toMatchObject({ code: 'prompt-used' });
    await plane.openRelay('t');
    await expect(plane.openRelay('t')).rejects.toMatchObject({ code: 'prompt-used' });
    expect(sockets.openCount).toBe(2 + 2 + 4);
    expect(await plane.counts()).toMatchObject({ relays: 1, ingests: 1, deliveries: 1 });
    await plane.close();
    expect(sockets.openCount).toBe(0);
  });

  test('a relay that finds only one address leaves none open', async () => {
    const { plane, sockets } = new MediaRig({ portMin: 20_000, portMax: 20_001 });
    await expect(plane.openRelay('r')).rejects.toMatchObject({ code: 'busy' });
    expect(sockets.openCount).toBe(0);
  });

  test('what it does not know is refused where that matters, and harmless where not', async () => {
    const { plane } = new MediaRig();
    const unknown = { code: 'unknown-prompt' };
    await expect(plane.confirmIngest('t', speechTerms())).rejects.toMatchObject(unknown);
    await expect(plane.startDelivery('d', speechDelivery())).rejects.toMatchObject(unknown);
    await expect(plane.setRelayRemote('r', 'caller', undefined)).rejects.toMatchObject(unknown);
    await expect(plane.closeRelay('r')).rejects.toMatchObject(unknown);
    await plane.endIngest('t', 'stopped');
    await plane.closeIngest('t');
    await plane.closeDelivery('d');
  });

  test('a name instead of an address is refused: the media path asks no DNS', async () => {
    const { plane } = new MediaRig();
    const remote = { rtp: { address: 'phone.example', port: 4_000 }, rtcp: SENDER_RTCP };
    const bad = { code: 'bad-request' };
    await plane.openIngest('t');
    await expect(plane.confirmIngest('t', speechTerms({ remote }))).rejects.toMatchObject(bad);
    await plane.confirmIngest('t', speechTerms());
    await plane.openDelivery('d');
    await expect(plane.startDelivery('d', speechDelivery({ remote }))).rejects.toMatchObject(bad);
    const first = { side: 'caller', remote } as const;
    await expect(plane.openRelay('r', first)).rejects.toMatchObject(bad);
    await plane.openRelay('r');
    await expect(plane.setRelayRemote('r', 'caller', remote)).rejects.toMatchObject(bad);
    await plane.close();
  });

  test('an ingest is confirmed once', async () => {
    const { plane } = new MediaRig();
    await plane.openIngest('t');
    const both = [plane.confirmIngest('t', speechTerms()), plane.confirmIngest('t', speechTerms())];
    const results = await Promise.allSettled(both);
    expect(results.map(({ status }) => status)).toEqual(['fulfilled', 'rejected']);
    await plane.close();
  });

  test('a disk that is nearly full refuses address and confirmation as busy', async () => {
    const { plane, spools, sockets } = new MediaRig();
    spools.room = 999;
    await plane.openIngest('t');
    const terms = speechTerms({ size: 1_000 });
    await expect(plane.confirmIngest('t', terms)).rejects.toMatchObject({ code: 'busy' });
    await plane.confirmIngest('t', { ...terms, size: 999 });
    await plane.close();
    spools.room = -1;
    await expect(plane.openIngest('u')).rejects.toMatchObject({ code: 'busy' });
    expect(sockets.openCount).toBe(0);
  });

  test('a disk that refuses the spool refuses the confirmation, and it can be tried again', async () => {
    const { plane, spools } = new MediaRig();
    await plane.openIngest('t');
    spools.refusal = Object.assign(new Error('full'), { code: 'ENOSPC' });
    await expect(plane.confirmIngest('t', speechTerms())).rejects.toMatchObject({
      code: 'storage-unavailable',
    });
    spools.refusal = undefined;
    await plane.confirmIngest('t', speechTerms());
    await plane.close();
  });

  test('closed in mid-confirmation, it ends once and leaves no spool open', async () => {
    const rig = new MediaRig();
    await rig.plane.openIngest('t');
    const confirmed = rig.plane.confirmIngest('t', speechTerms());
    await rig.plane.closeIngest('t');
    await confirmed;
    expect(rig.ofType('ingest-ended')).toMatchObject([{ cause: 'stopped', stored: 0 }]);
    expect(rig.spools.spools.get('t')?.closed).toBe(true);
    expect(rig.sockets.openCount).toBe(0);
  });

  test('every confirmed ingest and started delivery ends exactly once, however often it is asked', async () => {
    const rig = new MediaRig();
    await rig.plane.openIngest('t');
    await rig.plane.confirmIngest('t', speechTerms());
    await rig.plane.openDelivery('d');
    await rig.plane.startDelivery('d', speechDelivery());
    const ends = ['stopped', 'end-of-data', 'stopped'] as const;
    await Promise.all(ends.map((cause) => rig.plane.endIngest('t', cause)));
    await rig.plane.closeIngest('t');
    await rig.plane.closeIngest('t');
    await rig.plane.closeDelivery('d');
    await rig.plane.close();
    await rig.advance(1_000);
    expect(rig.ofType('ingest-ended')).toHaveLength(1);
    expect(rig.ofType('delivery-ended')).toHaveLength(1);
  });

  test('what was never confirmed or started ends without a word', async () => {
    const rig = new MediaRig();
    await rig.plane.openIngest('t');
    await rig.plane.openDelivery('d');
    await rig.plane.close();
    expect(rig.events).toEqual([]);
  });

  test('the end record says how it went', async () => {
    const rig = new MediaRig();
    const { rtp } = await rig.plane.openIngest('t');
    await rig.plane.confirmIngest('t', speechTerms());
    rig.arrive(rtp, SENDER, rtpPacket({ sequence: 1 }, speech(1)));
    rig.arrive(rtp, SENDER, rtpPacket({ sequence: 3 }, speech(3)));
    await rig.plane.endIngest('t', 'end-of-data');
    await rig.advance(0);
    const record = rig.spools.spools.get('t')?.records.at(-1);
    expect(JSON.parse(new TextDecoder().decode(record?.payload))).toMatchObject({
      cause: 'complete',
      stored: 320,
      reception: { received: 2, lost: 1, gaps: 1 },
    });
  });

  test('progress of a delivery is told at most each 200 ms', async () => {
    const rig = new MediaRig();
    const { rtp } = await rig.plane.openIngest('t');
    await rig.plane.confirmIngest('t', speechTerms());
    await rig.plane.openDelivery('d');
    await rig.plane.startDelivery('d', speechDelivery());
    for (let number = 0; number < 50; number++) {
      rig.arrive(rtp, SENDER, rtpPacket({ sequence: number, timestamp: 160 * number }, speech(0)));
      await rig.advance(20);
    }
    const delivered = rig.ofType('delivery-progress').map((event) => event.delivered);
    expect(delivered).toHaveLength(5);
    expect(delivered).toEqual(delivered.toSorted((a, b) => a - b));
    await rig.plane.close();
  });

  test('what arrives for a closed address goes nowhere', async () => {
    const rig = new MediaRig();
    const { rtp } = await rig.plane.openIngest('t');
    await rig.plane.closeIngest('t');
    rig.arrive(rtp, SENDER, rtpPacket({}, speech(1)));
    expect(await rig.plane.counts()).toMatchObject({ packetsIn: 1, unconfirmed: 0, foreign: 0 });
  });

  test('after its end an ingest stores no more', async () => {
    const rig = new MediaRig();
    const { rtp } = await rig.plane.openIngest('t');
    await rig.plane.confirmIngest('t', speechTerms());
    await rig.plane.endIngest('t', 'stopped');
    rig.arrive(rtp, SENDER, rtpPacket({}, speech(1)));
    await rig.advance(1_000);
    expect(rig.spools.spools.get('t')?.packets).toEqual([]);
    await rig.plane.close();
  });

  test('a network without room loses packets and nothing else', async () => {
    const rig = new MediaRig();
    const { rtp } = await rig.plane.openIngest('t');
    await rig.plane.confirmIngest('t', fileTerms());
    rig.sockets.full = true;
    await rig.plane.openDelivery('d');
    await rig.plane.startDelivery('d', speechDelivery());
    rig.arrive(rtp, SENDER, filePacket({}, 0, Uint8Array.of(1)));
    await rig.advance(3 * FILE_REPORT_MS);
    expect(rig.sentTo(RECEIVER)).toEqual([]);
    expect(await rig.plane.counts()).toMatchObject({ packetsOut: 0 });
    await rig.plane.close();
  });

  test('a spool whose memory is full drops packets, counts them, and asks for those of a file again', async () => {
    const rig = new MediaRig();
    const { rtp } = await rig.plane.openIngest('t');
    await rig.plane.confirmIngest('t', fileTerms({ size: 2 }));
    const spool = rig.spools.spools.get('t');
    if (spool === undefined) throw new Error('confirmed');
    rig.arrive(rtp, SENDER, filePacket({ sequence: 0 }, 0, Uint8Array.of(1)));
    spool.full = true;
    rig.arrive(rtp, SENDER, filePacket({ sequence: 1 }, 1, Uint8Array.of(2), true));
    spool.full = false;
    rig.sentTo(SENDER_RTCP);
    await rig.advance(30);
    expect(rig.sentTo(SENDER_RTCP)).toHaveLength(1);
    rig.arrive(rtp, SENDER, filePacket({ sequence: 2 }, 1, Uint8Array.of(2), true));
    await rig.advance(10);
    expect(rig.ofType('ingest-ended')).toMatchObject([
      { cause: 'complete', stored: 2, reception: { dropped: 1 } },
    ]);
    await rig.plane.close();
  });
});
