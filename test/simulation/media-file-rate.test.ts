import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, jest, test } from '@jest/globals';
import {
  fileOf,
  packetsOf,
  PhoneToPlane,
  PlaneToPlane,
  rateBetween,
  type FilePath,
} from '../support/file-path.ts';
import type { PathQuality } from '../support/network-path.ts';

const FREE: PathQuality = { delayMs: 30 };
const BOTTLENECK: PathQuality = { rate: 2_000_000, queueMs: 200, delayMs: 30 };
/** By then it has found out what the path can carry. */
const SETTLED_MS = 6_000;

/** 10 MB are 9,000 packets and some 20 s of the clock. */
jest.setTimeout(120_000);

let folder = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'midcall-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

type Start = (there: PathQuality, back: PathQuality, size: number) => Promise<FilePath>;

const fromPhone: Start = async (there, back, size) => {
  const path = new PhoneToPlane(there, back, 5);
  await path.start(folder, fileOf(size));
  return path;
};

const toReceiver: Start = async (there, back, size) => {
  const path = new PlaneToPlane(there, back, 5);
  const file = fileOf(size);
  await path.start(file, packetsOf(file));
  return path;
};

describe.each([
  ['from a phone', fromPhone],
  ['to a receiver', toReceiver],
])('rate of a file %s', (_, start) => {
  test('a bottleneck of 2 Mbit/s is used, and after the start its queue never overflows', async () => {
    const path = await start(BOTTLENECK, FREE, 5_000_000);
    const startedAt = path.now;
    expect(await path.run(40_000)).toBe(true);
    const settled = startedAt + SETTLED_MS;
    expect(rateBetween(path.samples, settled, path.now - 1_000)).toBeGreaterThan(1_700_000);
    expect(path.forth.overflows.filter((at) => at > settled)).toEqual([]);
    const queues = path.samples.filter(({ at }) => at > settled).map(({ queueMs }) => queueMs);
    expect(Math.max(...queues)).toBeLessThan(190);
    await path.close();
  });

  test('loss of 5 % by chance does not make it collapse', async () => {
    const path = await start({ ...FREE, lossPercent: 5 }, { ...FREE, lossPercent: 5 }, 8_000_000);
    const startedAt = path.now;
    expect(await path.run(40_000)).toBe(true);
    expect(rateBetween(path.samples, startedAt + 3_000, path.now - 1_000)).toBeGreaterThan(
      4_000_000,
    );
    await path.close();
  });

  test('a bandwidth that drops to a quarter is followed down, and up again', async () => {
    const path = await start({ ...BOTTLENECK, rate: 4_000_000 }, FREE, 12_000_000);
    const startedAt = path.now;
    await path.run(8_000);
    expect(rateBetween(path.samples, startedAt + 5_000, path.now)).toBeGreaterThan(3_000_000);
    path.forth.quality = { ...BOTTLENECK, rate: 1_000_000 };
    const droppedAt = path.now;
    await path.run(9_000);
    expect(rateBetween(path.samples, droppedAt + 3_000, path.now)).toBeGreaterThan(700_000);
    expect(rateBetween(path.samples, droppedAt + 3_000, path.now)).toBeLessThan(1_050_000);
    expect(path.forth.overflows.filter((at) => at > droppedAt + 5_000)).toEqual([]);
    path.forth.quality = { ...BOTTLENECK, rate: 4_000_000 };
    const risenAt = path.now;
    await path.run(12_000);
    expect(rateBetween(path.samples, risenAt + 10_000, path.now)).toBeGreaterThan(2_500_000);
    await path.close();
  });
});
