import { describe, expect, test } from '@jest/globals';
import {
  IDLE_MAX,
  parseMediaOptions,
  RATE_MAX,
  SECONDS_MAX,
} from '../../bench/media/media-options.ts';
import { SUBJECTS } from '../../bench/media/subject.ts';
import { WORKLOADS } from '../../bench/media/workloads.ts';

test('all workloads on all subjects, when nothing is asked for', () => {
  expect(parseMediaOptions([])).toMatchObject({
    workloads: WORKLOADS,
    subjects: SUBJECTS,
    seconds: 5,
    rounds: 1,
    highestRate: false,
    idle: undefined,
    soak: undefined,
    json: false,
  });
});

test('what is asked for', () => {
  const args = ['--json', '--workloads', 'busy,voice', '--subjects', 'epoll', '--rounds', '3'];
  const options = parseMediaOptions(args);
  expect(options.workloads.map(({ name }) => name)).toEqual(['busy', 'voice']);
  expect(options).toMatchObject({ subjects: ['epoll'], rounds: 3, json: true });
});

describe('what is not possible is refused', () => {
  test.each([
    ['--workloads', 'idle'],
    ['--subjects', 'kqueue'],
    ['--seconds', '0'],
    ['--rounds', '1.5'],
    ['--idle', String(IDLE_MAX + 1)],
    ['--soak', String(SECONDS_MAX + 1)],
    ['--rate', String(RATE_MAX + 1)],
  ])('%s %s', (option, value) => {
    expect(() => parseMediaOptions([option, value])).toThrow(option);
  });
});

test('idle streams and a soak may stand without a number', () => {
  expect(parseMediaOptions(['--idle', '--json'])).toMatchObject({ idle: 2_000, json: true });
  expect(parseMediaOptions(['--soak'])).toMatchObject({ soak: 600 });
  expect(parseMediaOptions(['--soak', '60', '--rate', '500'])).toMatchObject({
    soak: 60,
    rate: 500,
  });
});
