import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { parseSmoothnessOptions } from '../../bench/smoothness/smoothness-options.ts';

test('what is asked for, and what is not', () => {
  expect(parseSmoothnessOptions([])).toEqual({
    seeds: 20,
    seconds: 20,
    plot: join(tmpdir(), 'midcall-smoothness.svg'),
    streams: [1, 50],
    sockets: ['auto'],
    realtime: false,
    json: false,
  });
  const args = ['--json', '--seeds', '3', '--streams', 'none', '--sockets', 'epoll,dgram'];
  expect(parseSmoothnessOptions(args)).toMatchObject({
    seeds: 3,
    streams: [],
    sockets: ['epoll', 'dgram'],
    json: true,
  });
  expect(parseSmoothnessOptions(['--seeds', 'none'])).toMatchObject({ seeds: 0 });
});

test.each([
  ['--seeds', '0'],
  ['--seconds', '601'],
  ['--streams', '1,x'],
  ['--sockets', 'kqueue'],
  ['--sockets', 'epoll,'],
])('%s %s is not possible', (option, value) => {
  expect(() => parseSmoothnessOptions([option, value])).toThrow(option);
});
