import { describe, expect, test } from '@jest/globals';
import { WAIT_MIN_MS } from '../../src/media/jitter-depth.ts';
import { parseRtp, RtpView } from '../../src/rtp/packet.ts';
import { MediaRig, SENDER, speechTerms } from '../support/media-rig.ts';
import { rtpPacket, speech } from '../support/rtp-packets.ts';

interface Arriving {
  readonly number: number;
  readonly at: number;
}

/** Speech in which packet `n` arrives `delayOf(n)` ms after it was sent; undefined: it is lost. */
function arrivals(packets: number, delayOf: (number: number) => number | undefined): Arriving[] {
  return Array.from({ length: packets }, (_, number) => ({ number, delay: delayOf(number) }))
    .flatMap(({ number, delay }) =>
      delay === undefined ? [] : [{ number, at: 20 * number + delay }],
    )
    .toSorted((a, b) => a.at - b.at);
}

async function heard(packets: readonly Arriving[], rig = new MediaRig()): Promise<MediaRig> {
  const { rtp } = await rig.plane.openIngest('t');
  await rig.plane.confirmIngest('t', speechTerms());
  const start = rig.clock.ms;
  for (const { number, at } of packets) {
    await rig.advance(Math.max(0, start + at - rig.clock.ms));
    rig.arrive(
      rtp,
      SENDER,
      rtpPacket({ sequence: number, timestamp: 160 * number }, speech(number)),
    );
  }
  return rig;
}

const storedNumbers = (rig: MediaRig): number[] =>
  (rig.spools.spools.get('t')?.packets ?? []).map((packet) => {
    const view = new RtpView();
    parseRtp(packet, packet.length, view);
    return view.sequence;
  });

describe('the jitter buffer follows the network', () => {
  test('on a bad one it waits for packets that 100 ms would have lost', async () => {
    // Every seventh packet takes a way that is 180 ms longer: they are late at first, until that is known.
    const rig = await heard(arrivals(500, (number) => (number % 7 === 3 ? 185 : 5)));
    await rig.plane.endIngest('t', 'end-of-data');
    await rig.advance(0);
    const [{ reception } = { reception: undefined }] = rig.ofType('ingest-ended');
    expect(reception?.lost).toBe(0);
    expect(reception?.late).toBeLessThan(10);
    expect(storedNumbers(rig).filter((number) => number >= 100)).toEqual(
      Array.from({ length: 400 }, (_, index) => 100 + index),
    );
    await rig.plane.close();
  });

  test('on a clean one a lost packet holds up the rest no longer than it must', async () => {
    const rig = await heard(arrivals(101, (number) => (number === 99 ? undefined : 5)));
    const before = storedNumbers(rig).length;
    await rig.advance(WAIT_MIN_MS - 1);
    expect(storedNumbers(rig)).toHaveLength(before);
    await rig.advance(1);
    expect(storedNumbers(rig).at(-1)).toBe(100);
    await rig.plane.close();
  });

  test('what it tells of the network is of the last seconds', async () => {
    const rig = await heard(arrivals(50, (number) => (number === 20 ? undefined : 5)));
    await rig.advance(400);
    expect(rig.ofType('ingest-progress').at(-1)?.reception).toMatchObject({
      lost: 1,
      lostRecently: 1,
      delayVariationMs: 1,
    });
    await heardOn(rig, 150);
    expect(rig.ofType('ingest-progress').at(-1)?.reception).toMatchObject({
      lost: 1,
      lostRecently: 0,
    });
    await rig.plane.close();
  });
});

/** The same stream goes on, on time. */
async function heardOn(rig: MediaRig, packets: number): Promise<void> {
  const [port = 0] = rig.sockets.ports;
  for (let number = 50; number < 50 + packets; number++) {
    rig.arrive(
      port,
      SENDER,
      rtpPacket({ sequence: number, timestamp: 160 * number }, speech(number)),
    );
    await rig.advance(20);
  }
}
