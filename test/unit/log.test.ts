import { expect, test } from '@jest/globals';
import { maskNumbers, REPEATS_MAX, withoutRepeats } from '../../src/log.ts';
import { FixedClock } from '../support/fixed-clock.ts';
import { RecordingLog } from '../support/recording-log.ts';

test('numbers of people are masked, ids are not', () => {
  const facts = { caller: '+4930123456', callee: 'bob', call: 'abc123', stored: 17 };
  expect(maskNumbers(facts)).toEqual({ caller: '…56', callee: '…ob', call: 'abc123', stored: 17 });
});

test.each(['number', 'caller', 'callee', 'account', 'sender', 'receiver'])('%s', (name) => {
  expect(JSON.stringify(maskNumbers({ [name]: '+4930123456' }))).not.toContain('30123');
});

test('a warning that repeats is held back after so many a minute, and the next minute says how many were', () => {
  const [clock, heard] = [new FixedClock(), new RecordingLog()];
  const log = withoutRepeats(heard, clock);
  for (let count = 0; count <= REPEATS_MAX; count++) log.warn('disk.full', { count });
  expect(heard.named('disk.full')).toHaveLength(REPEATS_MAX);
  clock.ms += 59_999;
  log.warn('disk.full');
  expect(heard.named('disk.full')).toHaveLength(REPEATS_MAX);
  clock.ms += 1;
  log.warn('disk.full', { count: 99 });
  log.warn('disk.full');
  expect(heard.named('disk.full').slice(REPEATS_MAX)).toMatchObject([
    { facts: { count: 99, suppressed: 2 } },
    { facts: {} },
  ]);
});

test('other events, and what is no fault, pass meanwhile', () => {
  const heard = new RecordingLog();
  const log = withoutRepeats(heard, new FixedClock());
  for (let count = 0; count < 3 * REPEATS_MAX; count++) {
    log.error('upload.failed');
    log.info('call.ended');
  }
  log.error('spool.unknown');
  expect(heard.named('upload.failed')).toHaveLength(REPEATS_MAX);
  expect(heard.named('call.ended')).toHaveLength(3 * REPEATS_MAX);
  expect(heard.named('spool.unknown')).toHaveLength(1);
});
