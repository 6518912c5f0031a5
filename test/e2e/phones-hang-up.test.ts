import { expect, test } from '@jest/globals';
import { PIN, withSoftphones, type Softphones } from '../support/softphones.ts';

const LIMIT_MS = 180_000;

/** How far a call gets before somebody hangs up, and what is left of the video. */
const STEPS: readonly {
  readonly steps: readonly ((phones: Softphones) => Promise<void>)[];
  readonly left: readonly string[];
}[] = [
  { steps: [], left: ['cancelled'] },
  { steps: [(phones) => phones.agrees()], left: ['cancelled'] },
  // Whether the phone's RTCP says goodbye before its BYE is chance.
  {
    steps: [(phones) => phones.agrees(), (phones) => phones.films()],
    left: ['partial', 'complete'],
  },
  {
    steps: [(phones) => phones.agrees(), (phones) => phones.films(), (phones) => phones.plays()],
    left: ['partial', 'complete'],
  },
];

test.each(['alice', 'bob'] as const)(
  'unmodified softphones: %s hangs up at each step, and the next call is as good as the first',
  async (person) => {
    await withSoftphones({}, async (phones) => {
      for (const { steps, left } of STEPS) {
        await phones.call();
        await phones.asks();
        for (const step of steps) await step(phones);
        await phones.hangUp(phones[person]);
        const record = await phones.ended();
        expect(left).toContain(record['ingest']);
        expect(Number(record['stored']) > 0).toBe(!left.includes('cancelled'));
      }
      await phones.alice.types(`/list ${PIN}`);
      expect(await phones.alice.hears(/are free\.$/)).toMatch(/(.*video\/VP8.*\n){2}/);
    });
  },
  LIMIT_MS,
);
