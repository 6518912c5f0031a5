import { describe, expect, test } from '@jest/globals';
import {
  PlanePool,
  portsOfWorker,
  RESTARTS_MAX,
  RESTARTS_WITHIN_MS,
} from '../../../src/media/plane-pool.ts';
import type { MediaEvent } from '../../../src/transfers/media-plane.ts';
import { FixedClock } from '../../support/fixed-clock.ts';
import { settled, speechDelivery, speechTerms } from '../../support/media-rig.ts';
import { RecordingLog } from '../../support/recording-log.ts';
import { ScriptedMediaPlane } from '../../support/scripted-media-plane.ts';

/** A pool of scripted workers; `planes[n]` are those that ran as worker n, one after another. */
async function build(count: number) {
  const clock = new FixedClock();
  const log = new RecordingLog();
  const planes: ScriptedMediaPlane[][] = Array.from({ length: count }, () => []);
  const start = async (index: number): Promise<ScriptedMediaPlane> => {
    const plane = new ScriptedMediaPlane();
    planes[index]?.push(plane);
    return plane;
  };
  const pool = await PlanePool.start(count, { start, clock, log });
  const events: MediaEvent[] = [];
  pool.listen((event) => events.push(event));
  const plane = (index: number): ScriptedMediaPlane => {
    const newest = planes[index]?.at(-1);
    if (newest === undefined) throw new Error('no such worker');
    return newest;
  };
  return { pool, clock, log, planes, plane, events };
}

describe('a pool of media workers', () => {
  test('opens where the least is carried, and asks there ever after', async () => {
    const { pool, plane } = await build(2);
    for (const relay of ['a', 'b', 'c', 'd']) await pool.openRelay(relay);
    expect([plane(0).relays.size, plane(1).relays.size]).toEqual([2, 2]);
    await pool.setRelayRemote('b', 'caller', undefined);
    expect(plane(1).calls).toContain('setRelayRemote b');
    await pool.closeRelay('b');
    await pool.closeRelay('d');
    await pool.openIngest('t');
    expect([...plane(1).ingests.keys()]).toEqual(['t']);
    await expect(pool.closeRelay('b')).rejects.toMatchObject({ code: 'unknown-prompt' });
  });

  test('a delivery is where the ingest of its transfer is, and both are closed apart', async () => {
    const { pool, plane } = await build(2);
    await pool.openIngest('t');
    await pool.openIngest('u');
    await pool.confirmIngest('u', speechTerms());
    await pool.openDelivery('u');
    await pool.startDelivery('u', speechDelivery({ transfer: 'u' }));
    expect([...plane(1).deliveries.keys()]).toEqual(['u']);
    await pool.closeDelivery('u');
    await pool.endIngest('u', 'stopped');
    await pool.closeIngest('u');
    await pool.closeIngest('u');
    expect([plane(1).ingests.size, plane(1).deliveries.size]).toEqual([0, 0]);
  });

  test('what could not be opened weighs nothing, and may be opened again', async () => {
    const { pool, plane } = await build(2);
    plane(0).failures.fail('openRelay', new Error('no port'));
    await expect(pool.openRelay('a')).rejects.toThrow('no port');
    await pool.openRelay('a');
    expect([...plane(0).relays.keys()]).toEqual(['a']);
  });

  test('a worker that dies ends what it carried; the rest goes on, and another takes its place', async () => {
    const { pool, plane, planes, events, log } = await build(2);
    for (const relay of ['r0', 'r1']) await pool.openRelay(relay);
    for (const transfer of ['t0', 't1']) await pool.openIngest(transfer);
    await pool.openDelivery('t0');
    plane(0).die();
    await settled();
    expect(events).toEqual([
      { type: 'plane-failed', text: 'the worker died', relays: ['r0'], transfers: ['t0'] },
    ]);
    expect(log.named('media.worker-failed')).toHaveLength(1);
    expect(log.named('media.worker-restarted')).toHaveLength(1);
    expect(planes.map((ran) => ran.length)).toEqual([2, 1]);
    await pool.setRelayRemote('r1', 'caller', undefined);
    await expect(pool.setRelayRemote('r0', 'caller', undefined)).rejects.toMatchObject({
      code: 'unknown-prompt',
    });
    await pool.closeIngest('t0');
    await pool.closeDelivery('t0');
    await pool.openRelay('r0');
    expect([...plane(0).relays.keys()]).toEqual(['r0']);
  });

  test(`one that dies ${RESTARTS_MAX + 1} times within ${RESTARTS_WITHIN_MS} ms stays down`, async () => {
    const { pool, plane, planes, clock, log } = await build(1);
    for (let time = 0; time < RESTARTS_MAX; time++) {
      plane(0).die();
      await settled();
      await pool.openRelay(`r${time}`);
    }
    clock.ms += RESTARTS_WITHIN_MS - 1;
    plane(0).die();
    await settled();
    expect(planes[0]).toHaveLength(RESTARTS_MAX + 1);
    expect(log.named('media.worker-given-up')).toHaveLength(1);
    await expect(pool.openRelay('r')).rejects.toMatchObject({ code: 'storage-unavailable' });
  });

  test('one that dies as often, but slowly, is started each time', async () => {
    const { plane, planes, clock } = await build(1);
    for (let time = 0; time <= RESTARTS_MAX; time++) {
      plane(0).die();
      await settled();
      clock.ms += RESTARTS_WITHIN_MS / RESTARTS_MAX;
    }
    expect(planes[0]).toHaveLength(RESTARTS_MAX + 2);
  });

  test('counts are those of all', async () => {
    const { pool } = await build(3);
    for (const relay of ['a', 'b', 'c', 'd', 'e']) await pool.openRelay(relay);
    expect(await pool.counts()).toMatchObject({ relays: 5 });
  });
});

describe('the ports of a worker', () => {
  test.each([
    [30_000, 39_999, 3],
    [30_001, 30_032, 2],
    [1_024, 65_535, 64],
  ])('%d to %d for %i workers: each its own, all even to odd', (portMin, portMax, count) => {
    let next = portMin + (portMin % 2);
    for (let index = 0; index < count; index++) {
      const range = portsOfWorker({ portMin, portMax }, index, count);
      expect(range.portMin).toBe(next);
      expect(range.portMax % 2).toBe(1);
      next = range.portMax + 1;
    }
    expect(portMax - next).toBeLessThan(1);
  });
});
