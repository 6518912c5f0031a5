import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';

const support = join(import.meta.dirname, '../../support');
const PACKETS = 1_000_000;
/** By the timing of its compiler V8 inlines less in one process of fifty, and then the same code allocates twice as much. */
const PROCESSES_MAX = 3;

interface Said {
  readonly passed: number;
  readonly bytesPerPacket: number;
}

function carried(path: string): Said {
  const args = [
    '--max-semi-space-size=1024',
    join(support, 'run-typescript.cjs'),
    join(support, 'media-allocation.ts'),
    path,
    String(PACKETS),
  ];
  return JSON.parse(execFileSync(process.execPath, args, { encoding: 'utf8' }));
}

/**
 * What a packet may take of the heap of JavaScript. Relayed: nothing; the rest is what happens now and then, spread over all.
 * Stored and delivered: two or three numbers with fractions, which V8 puts on the heap when they are handed to a function that
 * it does not inline, and a share of the syncs. A view or an object for each packet would be 100 bytes or more.
 */
describe('a packet on its way takes from the heap no more than', () => {
  test.each([
    ['relay', 2],
    ['relay-with-keys', 2],
    ['store', 64],
  ])('%s: %d bytes', (path, limit) => {
    let said = carried(path);
    for (let left = PROCESSES_MAX - 1; left > 0 && said.bytesPerPacket > limit; left--)
      said = carried(path);
    expect(said.passed).toBeGreaterThanOrEqual(PACKETS);
    expect(said.bytesPerPacket).toBeLessThanOrEqual(limit);
  });
});
