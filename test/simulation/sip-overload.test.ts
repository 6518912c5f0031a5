import { describe, expect, test } from '@jest/globals';
import { LONG_WAITS_MAX, STALL_MS, WAIT_MS_MAX } from '../../src/sip/admission.ts';
import { CALL_CAPACITY, serve } from '../support/busy-server.ts';
import { CoreBench } from '../support/core-bench.ts';
import { request } from '../support/core-messages.ts';
import { SeededRandom } from '../support/seeded-random.ts';

const SECONDS = 20;
const seeds = [1, 2, 3];
const percentile = (sorted: readonly number[], share: number): number =>
  sorted[Math.floor(sorted.length * share)] ?? Number.NaN;

describe.each(seeds)(`a server that can do ${CALL_CAPACITY} calls a second, seed %d`, (seed) => {
  test.each([300, 600, 1_000, 1_500])(
    'serves most of what it can, and at once, when there are %d',
    (rate) => {
      const load = { callsPerSecond: rate, seconds: SECONDS };
      const served = serve(new SeededRandom(seed), load);
      const times = served.answeredAfter.toSorted((a, b) => a - b);
      expect(times.length / (SECONDS / 2)).toBeGreaterThan(0.55 * CALL_CAPACITY);
      expect(percentile(times, 0.99)).toBeLessThan(600);
      // If it took all of them, nobody would be served in time.
      const { answeredAfter } = serve(new SeededRandom(seed), { ...load, takesAll: true });
      expect(
        percentile(
          answeredAfter.toSorted((a, b) => a - b),
          0.5,
        ),
      ).toBeGreaterThan(1_000);
    },
  );

  test('refuses nobody at half its load, even if it pauses for 150 ms now and then', () => {
    const load = { callsPerSecond: CALL_CAPACITY / 2, seconds: SECONDS, pauseMs: 150 };
    expect(serve(new SeededRandom(seed), load).refused).toBe(0);
  });

  test('takes all again when it is over', () => {
    const random = new SeededRandom(seed);
    const load = { callsPerSecond: 600, seconds: SECONDS, endsAfter: 10 };
    expect(serve(random, load).shares.at(-1)).toBe(1);
  });
});

describe('overloaded', () => {
  const overloaded = (): CoreBench => {
    const bench = CoreBench.withApp();
    for (let wait = 0; wait < LONG_WAITS_MAX; wait++)
      bench.handle({ kind: 'waited', ms: STALL_MS - 1 });
    return bench;
  };

  test.each(['INVITE', 'REGISTER'])('%s: 503, and when to come again', (method) => {
    const bench = overloaded();
    bench.network(request(method));
    const [refusal] = bench.sent();
    expect(refusal?.message.status).toBe(503);
    expect(Number(refusal?.message.get('retry-after'))).toBeGreaterThan(0);
    expect(bench.frames()).toEqual([]);
    expect(bench.core.counts['refused-overloaded']).toBe(1);
  });

  test('as many pass as the share says', () => {
    const bench = overloaded();
    for (let call = 0; call < 100; call++) bench.network(request('INVITE', { callId: `c${call}` }));
    const { sent, frames } = bench.look();
    expect(Math.round(100 * bench.core.queue.admitted - frames.length)).toBeLessThanOrEqual(1);
    expect(sent.filter(({ message }) => message.status === 503)).toHaveLength(100 - frames.length);
    expect(frames.length).toBeLessThan(100);
  });

  test.each(['OPTIONS', 'MESSAGE'])('%s passes', (method) => {
    const bench = overloaded();
    bench.network(request(method));
    expect(bench.frames()).toHaveLength(1);
  });

  test('an emergency call passes', () => {
    const bench = overloaded();
    bench.network(request('INVITE').replace('sip:bob@192.0.2.1 SIP', 'urn:service:sos.police SIP'));
    expect(bench.frames()).toHaveLength(1);
  });

  test('an INVITE with credentials passes while half of the others do', () => {
    const bench = overloaded();
    const headers = ['Proxy-Authorization: Digest username="alice"'];
    bench.network(request('INVITE', { headers }));
    expect(bench.frames()).toHaveLength(1);
  });

  test(`one wait of ${STALL_MS} ms, not one that is shorter`, () => {
    const bench = CoreBench.withApp();
    bench.handle({ kind: 'waited', ms: STALL_MS - 1 });
    expect(bench.core.queue.admitted).toBe(1);
    bench.handle({ kind: 'waited', ms: STALL_MS });
    expect(bench.core.queue.admitted).toBeLessThan(1);
  });

  test(`${LONG_WAITS_MAX} waits of more than ${WAIT_MS_MAX} ms, not fewer, not shorter`, () => {
    const bench = CoreBench.withApp();
    for (let wait = 1; wait < LONG_WAITS_MAX; wait++)
      bench.handle({ kind: 'waited', ms: WAIT_MS_MAX + 1 });
    bench.handle({ kind: 'waited', ms: WAIT_MS_MAX });
    expect(bench.core.queue).toEqual({ waitMs: WAIT_MS_MAX, admitted: 1 });
    for (let wait = 0; wait < LONG_WAITS_MAX; wait++)
      bench.handle({ kind: 'waited', ms: WAIT_MS_MAX + 1 });
    expect(bench.core.queue.admitted).toBeLessThan(1);
  });
});
