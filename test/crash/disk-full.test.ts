import { expect, test } from '@jest/globals';
import { smallDisks } from '../support/small-disk.ts';
import { playDisturbed, smallDiskStores } from './disturbances.ts';
import { Rig } from './rig.ts';

test('the disk of the spools is full for a while: nothing that was called stored is lost', async () => {
  // Where nothing can be mounted, test/integration/disk-full.test.ts has disks that say so.
  if ((await smallDisks()).length === 1) return;
  const rig = await Rig.start(smallDiskStores);
  try {
    for (const seed of [5, 2]) {
      const about = { seed, disturbance: rig.stores.full, lastsMs: 1_000, backend: 'fs' } as const;
      expect(await playDisturbed(rig, about)).toEqual([]);
    }
  } finally {
    await rig.close();
  }
}, 200_000);
