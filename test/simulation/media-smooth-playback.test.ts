import { describe, expect, test } from '@jest/globals';
import { NARROW, NETWORKS } from '../support/smoothness/networks.ts';
import { play, POLICIES, type Policy } from '../support/smoothness/play.ts';
import type { Smoothness } from '../support/smoothness/smoothness.ts';
import { speechStream, videoStream } from '../support/smoothness/streams.ts';

const SEEDS = [1, 2, 3];
const SECONDS = 12;
const STREAMS = {
  speech: () => speechStream(SECONDS),
  video: (seed: number) => videoStream(SECONDS, seed),
};

const policies = (...names: readonly string[]): readonly Policy[] =>
  POLICIES.filter(({ name }) => names.includes(name));

const cases = NETWORKS.flatMap((network) =>
  (['speech', 'video'] as const).flatMap((kind) =>
    SEEDS.map((seed) => [network.name, kind, seed, network] as const),
  ),
);

/** M13. The whole of it, over many seeds: `npm run bench -- smoothness`. */
describe('adaptive plays without a pause, and starts sooner than 30 %', () => {
  test.each(cases)('over %s: %s (seed %d)', async (_name, kind, seed, network) => {
    const stream = STREAMS[kind](seed);
    const { byPolicy, ...packets } = await play(stream, network, {
      seed,
      policies: policies('30 %', 'adaptive'),
    });
    const of = (name: string, isSized: boolean): Smoothness => {
      const found = byPolicy.find(
        ({ policy }) => policy.name === name && policy.isSized === isSized,
      );
      if (found === undefined) throw new Error(`nothing was played at ${name}`);
      return found.smoothness;
    };
    for (const isSized of [false, true]) {
      const [thirty, adaptive] = [of('30 %', isSized), of('adaptive', isSized)];
      expect(thirty.underruns).toBe(0);
      expect(adaptive).toMatchObject({ underruns: 0, packets: thirty.packets });
      expect(adaptive.startMs).toBeLessThan(thirty.startMs);
      expect(adaptive.jitterMs).toBeLessThan(2);
    }
    expect(packets.lost + packets.late).toBeLessThan(0.15 * packets.expected);
  });
});

describe('where less comes in than is played, adaptive waits for as much as will be lacking', () => {
  test.each([
    ['speech', 1],
    ['video', 1],
    ['video', 2],
    ['video', 3],
  ] as const)('of %s (seed %d)', async (kind, seed) => {
    const stream = kind === 'speech' ? speechStream(20) : videoStream(20, seed);
    const { byPolicy } = await play(stream, NARROW, {
      seed,
      policies: policies('2 s', 'adaptive').filter(({ isSized }) => isSized),
    });
    const [seconds, adaptive] = byPolicy.map(({ smoothness }) => smoothness);
    expect(seconds?.underruns).toBeGreaterThan(0);
    expect(adaptive?.underruns).toBe(0);
    // A fifth of 20 s, and a second of cushion, at four fifths of the pace.
    expect(adaptive?.startMs).toBeLessThan(8_000);
  });
});
