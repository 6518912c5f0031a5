import { describe, expect, test } from '@jest/globals';
import { PortPool } from '../../../src/media/port-pool.ts';
import { OPEN_TRIES_MAX, PAIRS_MAX, SocketPairs } from '../../../src/media/socket-pairs.ts';
import { FakeSockets } from '../../support/fake-sockets.ts';
import { RigClock } from '../../support/media-rig.ts';

function pairsOf(sockets: FakeSockets, portMax = 20_199): SocketPairs {
  const pool = new PortPool({ portMin: 20_000, portMax });
  return new SocketPairs(sockets, pool, new RigClock(), {
    bind: '0.0.0.0',
    advertise: '203.0.113.1',
  });
}

describe('socket pairs', () => {
  test('RTP is even, RTCP the next, and others are told our outer address', async () => {
    const { ports } = await pairsOf(new FakeSockets()).open();
    expect(ports).toEqual({ address: '203.0.113.1', rtp: 20_000, rtcp: 20_001 });
  });

  test('a port that another program holds is passed over, RTP or RTCP, and nothing stays open', async () => {
    const sockets = new FakeSockets();
    sockets.taken.add(20_000).add(20_003);
    const { ports } = await pairsOf(sockets).open();
    expect(ports.rtp).toBe(20_004);
    expect(sockets.openCount).toBe(2);
  });

  test(`${OPEN_TRIES_MAX} pairs are tried, then it is busy`, async () => {
    const sockets = new FakeSockets();
    const portMax = 20_000 + 2 * OPEN_TRIES_MAX + 99;
    for (let pair = 0; pair < OPEN_TRIES_MAX - 1; pair++) sockets.taken.add(20_000 + 2 * pair);
    expect((await pairsOf(sockets, portMax).open()).ports.rtp).toBe(
      20_000 + 2 * (OPEN_TRIES_MAX - 1),
    );
    sockets.taken.add(20_000 + 2 * (OPEN_TRIES_MAX - 1));
    await expect(pairsOf(sockets, portMax).open()).rejects.toMatchObject({ code: 'busy' });
  });

  test('no more ports is busy, and a port used again after its rest is not', async () => {
    const pairs = pairsOf(new FakeSockets(), 20_003);
    const first = await pairs.open();
    await pairs.open();
    await expect(pairs.open()).rejects.toMatchObject({ code: 'busy' });
    pairs.close(first);
    await expect(pairs.open()).rejects.toMatchObject({ code: 'busy' });
  });

  test(`${PAIRS_MAX} pairs may be open, not one more`, async () => {
    const pool = new PortPool({ portMin: 20_000, portMax: 20_000 + 2 * PAIRS_MAX + 9 });
    const address = { bind: '0.0.0.0', advertise: '203.0.113.1' };
    const pairs = new SocketPairs(new FakeSockets(), pool, new RigClock(), address);
    const open = await Promise.all(Array.from({ length: PAIRS_MAX }, () => pairs.open()));
    await expect(pairs.open()).rejects.toMatchObject({ code: 'busy' });
    const [first] = open;
    if (first !== undefined) pairs.close(first);
    await expect(pairs.open()).resolves.toBeDefined();
  });
});
