import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { runs } from '../../support/runs.ts';

/** What a stored packet takes shows in so many of them; it is the dearest of the three. */
const STORED_MIN = 300_000;

const support = join(import.meta.dirname, '../../support');

interface Said {
  readonly passed: number;
  readonly bytesPerPacket: number;
}

function carried(path: string, packets: number, flags: readonly string[]): Said {
  const args = [
    '--max-semi-space-size=1024',
    ...flags,
    join(support, 'run-typescript.cjs'),
    join(support, 'media-allocation.ts'),
    path,
    String(packets),
  ];
  return JSON.parse(execFileSync(process.execPath, args, { encoding: 'utf8' }));
}

/**
 * What V8 inlines depends on the timing of its compiler, and what is not inlined is handed numbers with fractions, or above 2^31,
 * on the heap. So the same is true with nothing inlined but the smallest functions: no process can be worse.
 */
const INLINING = [
  ['as V8 likes', 1_000_000, [], 2],
  ['nothing inlined', 300_000, ['--max-inlined-bytecode-size-cumulative=0'], 4],
] as const;

/**
 * What a packet may take of the heap of JavaScript. Relayed: nothing; the rest is what happens now and then, spread over all. With
 * keys: the time, once. Stored and delivered: the time and the calendar time, 16 bytes each, and a share of the syncs. A view or an
 * object for each packet would be 100 bytes or more.
 */
describe.each(INLINING)('a packet takes from the heap, %s, of %d', (_, packets, flags, relayed) => {
  test.each([
    ['relay', relayed],
    ['relay-with-keys', 24],
    ['store', 48],
  ])('%s: at most %d bytes', (path, limit) => {
    const count = path === 'store' ? Math.max(STORED_MIN, runs(packets)) : packets;
    const said = carried(path, count, flags);
    expect(said.passed).toBeGreaterThanOrEqual(count);
    expect(said.bytesPerPacket).toBeLessThanOrEqual(limit);
  });
});
