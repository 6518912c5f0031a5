import { parseArgs } from 'node:util';
import { MediaFuzz, ROUND as MEDIA_ROUND } from '../support/media-fuzz.ts';
import { ROUND as SIP_ROUND, SipFuzz } from '../support/sip-fuzz.ts';

/**
 * `npm run fuzz -- [sip|media] [--runs N] [--seed N] [--json]`: mutated messages or packets in rounds. A round that fails is told with
 * its seed; the heap may not grow.
 */
interface Fuzz {
  readonly perRound: number;
  round(seed: number): void | Promise<void>;
  /** What it came to. */
  report(): Promise<Readonly<Record<string, unknown>>>;
}

const KINDS: Readonly<Record<string, () => Fuzz>> = {
  sip: () => {
    const fuzz = new SipFuzz();
    const report = async (): Promise<Readonly<Record<string, unknown>>> => ({
      sent: fuzz.sent,
      counts: fuzz.counts,
    });
    return { perRound: SIP_ROUND, round: (seed) => fuzz.round(seed), report };
  },
  media: () => {
    const fuzz = new MediaFuzz();
    const report = async (): Promise<Readonly<Record<string, unknown>>> => ({
      sent: fuzz.sent,
      counts: await fuzz.counts(),
    });
    return { perRound: MEDIA_ROUND, round: (seed) => fuzz.round(seed), report };
  },
};

/** The heap may differ by this after any number of messages, bytes: what collectors leave lying, not what a leak would be. */
const GROWTH_MAX = 8 * 2 ** 20;
/** A long run says how far it is. */
const TOLD_EVERY = 500_000;
/** Rounds before the heap is first measured: until then code is compiled and tables fill. */
const WARM_UP = 10;

/** Bytes in use, after a collection when node runs with --expose-gc. */
function heap(): number {
  globalThis.gc?.();
  return process.memoryUsage().heapUsed;
}

async function main(): Promise<void> {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      runs: { type: 'string', default: '100000' },
      seed: { type: 'string', default: String(Date.now() % 1_000_000_000) },
      json: { type: 'boolean', default: false },
    },
  });
  const [kind = 'sip'] = positionals;
  const start = Object.hasOwn(KINDS, kind) ? KINDS[kind] : undefined;
  if (start === undefined) throw new Error(`npm run fuzz -- ${Object.keys(KINDS).join('|')}`);
  const fuzz = start();
  const rounds = Math.ceil(Number(values.runs) / fuzz.perRound);
  const seed = Number(values.seed);
  const started = performance.now();
  let heapFirst = 0;
  console.log(`${kind}, seed ${seed}, ${rounds * fuzz.perRound} messages in ${rounds} rounds`);
  for (let round = 0; round < rounds; round++) {
    try {
      await fuzz.round(seed + round);
    } catch (error) {
      const again = `--seed ${seed + round} --runs ${fuzz.perRound}`;
      console.error(`replay: npm run fuzz -- ${kind} ${again}`);
      throw error;
    }
    if (round === Math.min(WARM_UP, rounds - 1)) heapFirst = heap();
    const done = (round + 1) * fuzz.perRound;
    if (done % TOLD_EVERY === 0) console.error(`${done} messages, heap ${heap()}`);
  }
  const heapLast = heap();
  const seconds = Math.round((performance.now() - started) / 1_000);
  const messages = rounds * fuzz.perRound;
  const report = { kind, seed, messages, seconds, heapFirst, heapLast, ...(await fuzz.report()) };
  console.log(values.json ? JSON.stringify(report) : report);
  if (heapLast - heapFirst > GROWTH_MAX) throw new Error('the heap grew');
}

main().catch((error: unknown) => {
  console.error(error);
  process.exitCode = 1;
});
