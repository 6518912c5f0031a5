import { describe, expect, jest, test } from '@jest/globals';
import type { Destination, Target } from '../../../src/calls/directory.ts';
import { HOP_SILENCE_MS, RING_MS, Ringing, bestOf } from '../../../src/calls/ringing.ts';
import { Refusal } from '../../../src/calls/sip-application.ts';
import type { Answered, InviteOptions, SipResponse } from '../../../src/calls/sip-application.ts';
import { fakeAnswer } from '../../support/fake-sip.ts';
import { trunk } from '../../support/trunk.ts';

/** An INVITE that waits until a test answers it. */
interface Out {
  readonly options: InviteOptions;
  readonly provisional: (response: SipResponse) => void;
  cancelled: number;
  dropped: number;
  answer(): void;
  refuse(status: number): void;
}

const HOP = { host: '192.0.2.1', port: 5_060, transport: 'udp' } as const;
const phone = (uri: string): Target => ({ uri, proxy: '', headers: {} });
const way = (uri: string): Target => ({ ...phone(uri), way: { trunk: trunk(), hop: HOP } });
const phones = (...uris: string[]): Destination => ({
  number: 'bob',
  kind: 'phones',
  targets: uris.map(phone),
});
const ways = (...uris: string[]): Destination => ({
  number: '+49',
  kind: 'trunk',
  targets: uris.map(way),
});

class Scene {
  readonly out: Out[] = [];
  readonly heard: number[] = [];
  readonly reports: (number | undefined)[] = [];
  readonly ringing = new Ringing(
    {
      application: {
        invite: (options, provisional) => {
          let settle: { resolve(answered: Answered): void; reject(cause: unknown): void };
          const answered = new Promise<Answered>((resolve, reject) => {
            settle = { resolve, reject };
          });
          const out: Out = {
            options,
            provisional,
            cancelled: 0,
            dropped: 0,
            answer: () =>
              settle.resolve({
                response: fakeAnswer(200),
                accept: () => Promise.reject(new Error('not here')),
                drop: () => {
                  out.dropped += 1;
                },
              }),
            refuse: (status) => settle.reject(new Refusal(status, fakeAnswer(status))),
          };
          this.out.push(out);
          return {
            answered,
            cancel: () => {
              out.cancelled += 1;
            },
          };
        },
      },
      random: { bytes: (count) => new Uint8Array(count) },
      report: (_hop, status) => this.reports.push(status),
    },
    { offer: 'v=0', headers: {}, provisional: ({ status }) => this.heard.push(status) },
  );

  at(index: number): Out {
    const out = this.out[index];
    if (out === undefined) throw new Error(`no INVITE ${index}`);
    return out;
  }

  /** The URI that has the call, or the status of the refusal. */
  find(destination: Destination): Promise<string | number> {
    return this.ringing.find(destination).then(
      ({ target }) => target.uri,
      (cause: unknown) => (cause instanceof Refusal ? cause.status : -1),
    );
  }
}

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

describe('the phones of a subscriber', () => {
  test('ring together; the first to answer has the call, the others stop', async () => {
    const scene = new Scene();
    const found = scene.find(phones('sip:a', 'sip:b', 'sip:c'));
    expect(scene.out.map(({ options }) => options.uri)).toEqual(['sip:a', 'sip:b', 'sip:c']);
    scene.at(0).provisional(fakeAnswer(100));
    scene.at(0).provisional(fakeAnswer(180));
    scene.at(2).refuse(486);
    scene.at(1).answer();
    expect(await found).toBe('sip:b');
    expect(scene.heard).toEqual([180]);
    expect([scene.at(0).cancelled > 0, scene.at(1).cancelled]).toEqual([true, 0]);
  });

  test('two that answer at once: one has the call, the other is hung up', async () => {
    const scene = new Scene();
    const found = scene.find(phones('sip:a', 'sip:b'));
    scene.at(0).answer();
    scene.at(1).answer();
    expect(await found).toBe('sip:a');
    await turn();
    expect([scene.at(0).dropped, scene.at(1).dropped]).toEqual([0, 1]);
  });

  test('one that answers after it was cancelled is hung up', async () => {
    const scene = new Scene();
    const found = scene.find(phones('sip:a', 'sip:b'));
    scene.at(0).answer();
    await found;
    scene.at(1).answer();
    await turn();
    expect(scene.at(1).dropped).toBe(1);
  });

  test('all refuse: the best of their answers', async () => {
    const scene = new Scene();
    const found = scene.find(phones('sip:a', 'sip:b', 'sip:c'));
    [503, 486, 480].forEach((status, index) => scene.at(index).refuse(status));
    expect(await found).toBe(486);
  });

  test('6xx speaks for all', async () => {
    const scene = new Scene();
    const found = scene.find(phones('sip:a', 'sip:b'));
    scene.at(1).refuse(603);
    expect(await found).toBe(603);
    expect(scene.at(0).cancelled).toBeGreaterThan(0);
  });

  test('the caller gives up: all stop, and nothing more is heard', async () => {
    const scene = new Scene();
    const found = scene.find(phones('sip:a', 'sip:b'));
    scene.ringing.stop();
    scene.at(0).provisional(fakeAnswer(180));
    for (const out of scene.out) {
      expect(out.cancelled).toBeGreaterThan(0);
      out.refuse(487);
    }
    expect(await found).toBe(487);
    expect(scene.heard).toEqual([]);
  });

  test('the caller gives up just when one answers: that one is hung up', async () => {
    const scene = new Scene();
    const found = scene.find(phones('sip:a'));
    scene.ringing.stop();
    scene.at(0).answer();
    expect(await found).toBe(487);
    expect(scene.at(0).dropped).toBe(1);
  });
});

describe('the ways out', () => {
  test.each([408, 503])('%d: the next one is tried, and it is told on', async (status) => {
    const scene = new Scene();
    const found = scene.find(ways('sip:a', 'sip:b'));
    expect(scene.out).toHaveLength(1);
    scene.at(0).refuse(status);
    await turn();
    scene.at(1).answer();
    expect(await found).toBe('sip:b');
    expect(scene.reports).toEqual([status, 200]);
  });

  test.each([404, 486, 500, 603])('%d is an answer: nobody else is tried', async (status) => {
    const scene = new Scene();
    const found = scene.find(ways('sip:a', 'sip:b'));
    scene.at(0).refuse(status);
    expect(await found).toBe(status);
    expect(scene.out).toHaveLength(1);
  });

  test('all are out of order', async () => {
    const scene = new Scene();
    const found = scene.find(ways('sip:a', 'sip:b'));
    scene.at(0).refuse(503);
    await turn();
    scene.at(1).refuse(503);
    expect(await found).toBe(500);
  });

  test('a challenge that can not be answered is not for the caller', async () => {
    const scene = new Scene();
    const found = scene.find(ways('sip:a'));
    scene.at(0).refuse(407);
    expect(await found).toBe(403);
  });
});

describe('patience', () => {
  test('a next hop that says nothing is passed over, and hung up if it answers later', async () => {
    jest.useFakeTimers();
    try {
      const scene = new Scene();
      const found = scene.find(ways('sip:a', 'sip:b'));
      await jest.advanceTimersByTimeAsync(HOP_SILENCE_MS - 1);
      expect(scene.out).toHaveLength(1);
      await jest.advanceTimersByTimeAsync(1);
      expect([scene.out.length, scene.at(0).cancelled]).toEqual([2, 1]);
      scene.at(0).answer();
      await jest.advanceTimersByTimeAsync(0);
      expect(scene.at(0).dropped).toBe(1);
      scene.at(1).answer();
      expect(await found).toBe('sip:b');
    } finally {
      jest.useRealTimers();
    }
  });

  test('one that said 100 may let it ring', async () => {
    jest.useFakeTimers();
    try {
      const scene = new Scene();
      const found = scene.find(ways('sip:a'));
      scene.at(0).provisional(fakeAnswer(100));
      await jest.advanceTimersByTimeAsync(RING_MS - 1);
      expect(scene.at(0).cancelled).toBe(0);
      await jest.advanceTimersByTimeAsync(1);
      expect(await found).toBe(408);
    } finally {
      jest.useRealTimers();
    }
  });
});

test.each([
  [[486, 603, 404], 603],
  [[500, 302, 404], 302],
  [[408, 484, 486], 484],
  [[503, 480], 480],
  [[], 487],
])('of %j the best is %d (RFC 3261 §16.7)', (statuses, best) => {
  expect(bestOf(statuses.map((status) => new Refusal(status))).status).toBe(best);
});
