import { describe, expect, test } from '@jest/globals';
import { instant } from '../../../src/base/units.ts';
import {
  RESEND_PLACES,
  RESEND_QUEUE_MAX,
  RESENDS_OF_ONE_MAX,
  Resends,
} from '../../../src/media/resends.ts';

const at = instant;

function take(resends: Resends): number | undefined {
  const { next } = resends;
  resends.done();
  return next;
}

describe('packets asked for again', () => {
  test('are sent in the order of the requests, from where they are in the spool', () => {
    const resends = new Resends();
    resends.sent(65_535, 700);
    resends.sent(0, 800);
    resends.ask(0, 50, at(10));
    resends.ask(65_535, 50, at(10));
    expect(resends.positionOf(65_535)).toBe(700);
    expect([take(resends), take(resends), resends.next]).toEqual([0, 65_535, undefined]);
  });

  test('a request that crossed the repair on the way is the same request', () => {
    const resends = new Resends();
    resends.sent(1, 0);
    resends.ask(1, 50, at(0));
    take(resends);
    resends.ask(1, 50, at(49));
    expect(resends.next).toBeUndefined();
    resends.ask(1, 50, at(50));
    expect(resends.next).toBe(1);
  });

  test('what was never sent, or too long ago, is refused and counted', () => {
    const resends = new Resends();
    resends.ask(5, 50, at(0));
    expect(resends.refused).toBe(1);
    for (let number = 0; number <= RESEND_PLACES; number++) resends.sent(number, number);
    resends.ask(0, 50, at(0));
    expect(resends).toMatchObject({ refused: 2, next: undefined });
    resends.ask(1, 50, at(0));
    expect(resends).toMatchObject({ refused: 2, next: 1 });
  });

  test(`one packet ${RESENDS_OF_ONE_MAX} times and no more`, () => {
    const resends = new Resends();
    resends.sent(1, 0);
    let count = 0;
    for (let ms = 0; ms < 100_000; ms += 100) {
      resends.ask(1, 50, at(ms));
      if (take(resends) !== undefined) count++;
    }
    expect(count).toBe(RESENDS_OF_ONE_MAX);
  });

  test(`${RESEND_QUEUE_MAX} wait, one more is refused`, () => {
    const resends = new Resends();
    for (let number = 0; number <= RESEND_QUEUE_MAX; number++) resends.sent(number, number);
    for (let number = 0; number < RESEND_QUEUE_MAX; number++) resends.ask(number, 50, at(0));
    expect(resends).toMatchObject({ refused: 0, waiting: RESEND_QUEUE_MAX });
    resends.ask(RESEND_QUEUE_MAX, 50, at(0));
    expect(resends).toMatchObject({ refused: 1, waiting: RESEND_QUEUE_MAX });
  });
});
