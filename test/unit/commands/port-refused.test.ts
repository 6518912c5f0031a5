import { expect, test } from '@jest/globals';
import { portRefused } from '../../../src/commands/port-refused.ts';
import { loadConfig } from '../../../src/load-config.ts';

const config = loadConfig({});
const failed = (facts: object): Error => Object.assign(new Error('failed'), facts);

test('a port that somebody else has is named with its setting', () => {
  const { sipPort: port } = config;
  const cause = failed({ code: 'EADDRINUSE', syscall: 'bind', address: '127.0.0.1', port });
  expect(String(portRefused(cause, config))).toContain('MIDCALL_SIP_PORT');
});

test.each(['mkdir', 'open', 'access'])('a file that may not be used (%s) is no port', (syscall) => {
  const cause = failed({ code: 'EACCES', syscall, path: '/data' });
  expect(portRefused(cause, config)).toBe(cause);
});
