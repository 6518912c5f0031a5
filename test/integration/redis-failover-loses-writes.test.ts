import path from 'node:path';
import { expect, test } from '@jest/globals';
import { FsObjects } from '../../src/objects/fs-objects.ts';
import { RedisState } from '../../src/state/redis-state.ts';
import { FixedClock } from '../support/fixed-clock.ts';
import { ReconcileRig } from '../support/reconcile-rig.ts';
import { startRedisWithSentinel } from '../support/redis-sentinel.ts';
import { withTempFolder } from '../support/temp-folder.ts';
import { subscriber } from '../support/transfer-records.ts';
import { until } from '../support/until.ts';

/** Three seconds on an idle machine. */
const FAILOVER_MS_MAX = 40_000;

test('what Redis was told and lost in a failover is found in the objects again', async () => {
  await withTempFolder(async (folder) => {
    const servers = await startRedisWithSentinel();
    const state = await RedisState.open(servers.address, new FixedClock());
    try {
      const objects = await FsObjects.open(path.join(folder, 'objects'), new FixedClock());
      const rig = new ReconcileRig({ state, objects }, folder);
      await state.addSubscriber(subscriber({ id: 'alice', space: 10_000 }));
      await rig.stored('kept');
      await rig.stored('deleted');
      await state.reserveSpace('alice', 'ended', 5_000);
      await servers.replicated();

      await servers.cutReplication();
      await rig.stored('new');
      await rig.stored('ended');
      await rig.recorder.removeObject('alice/deleted/data.bin');
      await state.releaseSpace('alice', 'deleted');
      await state.removeTransfer('deleted');
      await servers.loseMaster();
      const works = (): Promise<boolean> =>
        state.rehash('alice', 'x').then(
          () => true,
          () => false,
        );
      await until(works, FAILOVER_MS_MAX);
      expect(await rig.used('alice')).toBe(5_200);

      expect(await rig.found('none')).toEqual([
        'object-missing deleted',
        'object-unrecorded ended',
        'object-unrecorded new',
      ]);
      expect(await rig.unmended('all')).toEqual([]);
      expect(await rig.found('all')).toEqual([]);
      expect(await rig.used('alice')).toBe(300);
      expect(await rig.objectBytes('alice')).toBe(300);
    } finally {
      await state.close();
      await servers.close();
    }
  });
});
