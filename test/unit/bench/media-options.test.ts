import { describe, expect, test } from '@jest/globals';
import { parseMediaOptions } from '../../bench/media/media-options.ts';
import { timestampStep, WORKLOADS } from '../../bench/media/workloads.ts';

test('all workloads on all kinds of sockets, when nothing is asked for', () => {
  expect(parseMediaOptions([])).toMatchObject({
    workloads: WORKLOADS,
    sockets: ['io_uring', 'epoll', 'dgram'],
    seconds: 5,
    rounds: 1,
    json: false,
  });
});

test('what is asked for', () => {
  const args = ['--json', '--workloads', 'busy,voice', '--sockets', 'epoll', '--rounds', '3'];
  const options = parseMediaOptions(args);
  expect(options.workloads.map(({ name }) => name)).toEqual(['busy', 'voice']);
  expect(options).toMatchObject({ sockets: ['epoll'], rounds: 3, json: true });
});

describe('what is not possible is refused', () => {
  test.each([
    ['--workloads', 'idle'],
    ['--sockets', 'kqueue'],
    ['--seconds', '0'],
    ['--rounds', '1.5'],
  ])('%s %s', (option, value) => {
    expect(() => parseMediaOptions([option, value])).toThrow(option);
  });
});

test('packets of every workload are whole units of the media clock apart', () => {
  for (const workload of WORKLOADS) expect(timestampStep(workload) % 1).toBe(0);
});
