import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';

const support = join(import.meta.dirname, '../../support');
const PACKETS = 1_000_000;

interface Said {
  readonly passed: number;
  readonly bytesPerPacket: number;
}

function carried(path: string, flags: readonly string[]): Said {
  const args = [
    '--max-semi-space-size=1024',
    ...flags,
    join(support, 'run-typescript.cjs'),
    join(support, 'media-allocation.ts'),
    path,
    String(PACKETS),
  ];
  return JSON.parse(execFileSync(process.execPath, args, { encoding: 'utf8' }));
}

/**
 * What V8 inlines depends on the timing of its compiler, and what is not inlined is handed numbers with fractions, or above 2^31,
 * on the heap. So the same is true with nothing inlined but the smallest functions: no process can be worse.
 */
const INLINING = [
  ['as V8 likes', []],
  ['and nothing inlined', ['--max-inlined-bytecode-size-cumulative=0']],
] as const;

/**
 * What a packet may take of the heap of JavaScript. Relayed: nothing; the rest is what happens now and then, spread over all. With
 * keys: the time, once. Stored and delivered: the time and the calendar time, 16 bytes each, and a share of the syncs. A view or an
 * object for each packet would be 100 bytes or more.
 */
describe.each(INLINING)('a packet on its way takes from the heap, %s, no more than', (_, flags) => {
  test.each([
    ['relay', 4],
    ['relay-with-keys', 24],
    ['store', 40],
  ])('%s: %d bytes', (path, limit) => {
    const said = carried(path, flags);
    expect(said.passed).toBeGreaterThanOrEqual(PACKETS);
    expect(said.bytesPerPacket).toBeLessThanOrEqual(limit);
  });
});
