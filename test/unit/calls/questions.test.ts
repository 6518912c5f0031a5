import { expect, test } from '@jest/globals';
import { Questions, QUESTIONS_MAX } from '../../../src/calls/questions.ts';
import type { Command } from '../../../src/incall/commands.ts';
import type { InCallEvent } from '../../../src/incall/events.ts';
import { SeededRandom } from '../../support/seeded-random.ts';

const ALICE = { number: 'alice' };
const error = (re: string): InCallEvent => ({
  type: 'error',
  re,
  code: 'busy',
  status: 503,
  text: '',
});

test('each answer goes to who asked for it, and to nobody twice', async () => {
  const said: Command[] = [];
  const questions = new Questions((command) => said.push(command), new SeededRandom(1));
  const first = questions.ask({ type: 'cancel' }, ALICE);
  const second = questions.ask({ type: 'status-request' }, ALICE);
  const [cancel, status] = said.map(({ id }) => error(id));
  if (cancel === undefined || status === undefined) throw new Error('not asked');
  expect([questions.take(status), questions.take(cancel)]).toEqual([true, true]);
  expect(questions.take(cancel)).toBe(false);
  expect(await Promise.all([first, second])).toEqual([cancel, status]);
});

test('what answers nobody goes to the phone', () => {
  const questions = new Questions(() => {}, new SeededRandom(1));
  expect(questions.take(error('of a phone'))).toBe(false);
  expect(questions.take({ ...error(''), type: 'error', code: 'busy' } as InCallEvent)).toBe(false);
});

test('so many may wait; one more is refused and counted', async () => {
  const said: Command[] = [];
  const questions = new Questions((command) => said.push(command), new SeededRandom(1));
  const asked = Array.from({ length: QUESTIONS_MAX }, () =>
    questions.ask({ type: 'cancel' }, ALICE),
  );
  expect(questions.refused).toBe(0);
  expect(await questions.ask({ type: 'cancel' }, ALICE)).toBeUndefined();
  expect(questions.refused).toBe(1);
  for (const { id } of said) questions.take(error(id));
  expect(await Promise.all(asked)).toHaveLength(QUESTIONS_MAX);
});
