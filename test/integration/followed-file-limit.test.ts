import { expect, test } from '@jest/globals';
import { WAITING_PACKETS_MAX } from '../../src/recording/followed-file.ts';
import { told } from '../support/told-file.ts';

test(`${WAITING_PACKETS_MAX} packets may wait behind a hole, not one more`, async () => {
  const waiting = (count: number): [number, string][] =>
    Array.from({ length: count }, (_, at) => [at + 1, 'x']);
  const all = await told([...waiting(WAITING_PACKETS_MAX), [0, 'x']]);
  expect(all).toBe('x'.repeat(WAITING_PACKETS_MAX + 1));
  await expect(told(waiting(WAITING_PACKETS_MAX + 1))).rejects.toThrow('behind a hole');
}, 60_000);
