import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { servedStores, type ServedStores } from './backend.ts';
import { playDisturbed, redisKilled, s3Down, s3Slow } from './disturbances.ts';
import { Rig } from './rig.ts';

let rig: Rig<ServedStores>;
beforeAll(async () => {
  rig = await Rig.start(servedStores);
}, 160_000);
afterAll(() => rig.close());

test.each([
  ['Redis is killed and comes back', redisKilled, 1],
  ['S3 is down for a while', s3Down, 2],
  ['S3 is slow', s3Slow, 3],
])(
  '%s: nothing that was called stored is lost',
  async (_name, disturbanceOf, seed) => {
    const disturbance = disturbanceOf(rig.stores);
    const about = { seed, disturbance, lastsMs: 3_000, backend: 's3' } as const;
    expect(await playDisturbed(rig, about)).toEqual([]);
  },
  200_000,
);
