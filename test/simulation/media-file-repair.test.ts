import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, jest, test } from '@jest/globals';
import { fileFrom, fileOf, packetsOf, PhoneToPlane, PlaneToPlane } from '../support/file-path.ts';

/** 90 ms round trip and up to 100 more; both ways alike. */
const BAD = {
  delayMs: 45,
  jitterMs: 50,
  lossPercent: 5,
  duplicationPercent: 1,
  reorderingPercent: 10,
};
const SIZE = 10_000_000;
/** Of what goes over the wire, IP, UDP, RTP and payload headers included, to the bytes of the file. */
const SENT_PER_BYTE_MAX = 1.15;

/** 10 MB are 9,000 packets and some 20 s of the clock. */
jest.setTimeout(120_000);

let folder = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'midcall-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

describe('10 MB through 5 % loss, 50 ms jitter, 1 % duplication, 10 % reordering arrive identical', () => {
  test.each([1])('from a phone (seed %d)', async (seed) => {
    const path = new PhoneToPlane(BAD, BAD, seed);
    const file = fileOf(SIZE);
    await path.start(folder, file);
    expect(await path.run(120_000)).toBe(true);
    const ended = path.rig.ofType('ingest-ended');
    expect(ended).toMatchObject([{ cause: 'complete', stored: SIZE }]);
    expect(Buffer.compare(fileFrom(path.rig, 't', SIZE), file)).toBe(0);
    expect(path.forth.bytes / SIZE).toBeLessThanOrEqual(SENT_PER_BYTE_MAX);
    await path.close();
  });

  test.each([2])('to a receiver (seed %d)', async (seed) => {
    const path = new PlaneToPlane(BAD, BAD, seed);
    const file = fileOf(SIZE);
    await path.start(file, packetsOf(file));
    expect(await path.run(120_000)).toBe(true);
    expect(path.from.ofType('delivery-ended')).toMatchObject([{ cause: 'complete' }]);
    expect(path.to.ofType('ingest-ended')).toMatchObject([{ cause: 'complete', stored: SIZE }]);
    expect(Buffer.compare(fileFrom(path.to, 'copy', SIZE), file)).toBe(0);
    expect(path.forth.bytes / SIZE).toBeLessThanOrEqual(SENT_PER_BYTE_MAX);
    await path.close();
  });
});

describe('a path that dies in mid-transfer', () => {
  test('from a phone: the ingest ends idle with what came, the sender gives up', async () => {
    const path = new PhoneToPlane({ delayMs: 20 }, { delayMs: 20 }, 1);
    await path.start(folder, fileOf(SIZE));
    await path.run(2_000);
    path.forth.quality = { delayMs: 20, lossPercent: 100 };
    expect(await path.run(60_000)).toBe(true);
    const [ended] = path.rig.ofType('ingest-ended');
    expect(ended?.cause).toBe('idle');
    expect(ended?.stored).toBeGreaterThan(100_000);
    expect(path.told).toEqual(['gave-up']);
    await path.close();
  });

  test('to a receiver: the delivery ends, since nothing arrives', async () => {
    const path = new PlaneToPlane({ delayMs: 20 }, { delayMs: 20 }, 1);
    const file = fileOf(SIZE);
    await path.start(file, packetsOf(file));
    await path.run(2_000);
    path.forth.quality = { delayMs: 20, lossPercent: 100 };
    expect(await path.run(20_000)).toBe(true);
    expect(path.from.ofType('delivery-ended')).toMatchObject([{ cause: 'unreachable' }]);
    await path.close();
  });
});
