import { parseArgs } from 'node:util';
import { ROUND, SipFuzz } from '../support/sip-fuzz.ts';

/** The heap may differ by this after any number of messages, bytes: what collectors leave lying, not what a leak would be. */
const GROWTH_MAX = 8 * 2 ** 20;
/** Rounds before the heap is first measured: until then code is compiled and tables fill. */
const WARM_UP = 10;

const { values } = parseArgs({
  options: {
    runs: { type: 'string', default: '100000' },
    seed: { type: 'string', default: String(Date.now() % 1_000_000_000) },
    json: { type: 'boolean', default: false },
  },
});
const rounds = Math.ceil(Number(values.runs) / ROUND);
const seed = Number(values.seed);
const started = performance.now();
const fuzz = new SipFuzz();
let heapFirst = 0;

console.log(`seed ${seed}, ${rounds * ROUND} messages in ${rounds} rounds`);
for (let round = 0; round < rounds; round++) {
  try {
    fuzz.round(seed + round);
  } catch (error) {
    console.error(`replay: npm run fuzz -- --seed ${seed + round} --runs ${ROUND}`);
    throw error;
  }
  if (round === Math.min(WARM_UP, rounds - 1)) heapFirst = heap();
}
const heapLast = heap();
const report = {
  seed,
  messages: rounds * ROUND,
  seconds: Math.round((performance.now() - started) / 1_000),
  sent: fuzz.sent,
  heapFirst,
  heapLast,
  counts: fuzz.counts,
};
console.log(values.json ? JSON.stringify(report) : report);
if (heapLast - heapFirst > GROWTH_MAX) throw new Error('the heap grew');

/** Bytes in use, after a collection when node runs with --expose-gc. */
function heap(): number {
  globalThis.gc?.();
  return process.memoryUsage().heapUsed;
}
