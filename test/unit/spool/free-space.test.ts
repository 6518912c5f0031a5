import { describe, expect, test } from '@jest/globals';
import os from 'node:os';
import { requireRoom } from '../../../src/spool/free-space.ts';

const disk = (free: number) => async () => ({ bavail: free / 4_096, bsize: 4_096 });

describe('a disk that is nearly full', () => {
  test.each([
    [8_192, 4_096, 4_096],
    [8_192, 8_192, 0],
  ])('with %i bytes free: a watermark of %i and %i more fit', async (free, watermark, wanted) => {
    await requireRoom('.', { watermark, wanted }, disk(free));
    const refused = requireRoom('.', { watermark, wanted: wanted + 1 }, disk(free));
    await expect(refused).rejects.toMatchObject({ code: 'busy', facts: { retryAfter: 30 } });
  });

  test('is asked how much it has', async () => {
    await requireRoom(os.tmpdir(), { watermark: 1, wanted: 0 });
    const refused = requireRoom(os.tmpdir(), { watermark: 2 ** 60, wanted: 0 });
    await expect(refused).rejects.toMatchObject({ code: 'busy' });
  });

  test('that can not be asked is an error of the disk', async () => {
    const asked = requireRoom('/nonexistent/spools', { watermark: 0, wanted: 0 });
    await expect(asked).rejects.toMatchObject({ code: 'ENOENT' });
  });
});
