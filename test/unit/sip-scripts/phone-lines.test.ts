import { describe, expect, test } from '@jest/globals';
import {
  flag,
  LINE_CHARACTERS_MAX,
  number,
  parseLine,
  word,
} from '../../../sip-scripts/phone/lines.ts';
import { readPhoneOptions } from '../../../sip-scripts/phone/phone-options.ts';
import { readMessage } from '../../../sip-scripts/in-call-message.ts';

describe('lines between a phone and its driver', () => {
  test('only objects count', () => {
    expect(parseLine('{"a":1}')).toEqual({ a: 1 });
    for (const line of ['', '[]', '1', 'null', '{']) expect(parseLine(line)).toBeUndefined();
  });

  test('a line at the limit is read; one character more is not', () => {
    const line = (length: number): string => `{"a":"${'x'.repeat(length - 8)}"}`;
    expect(parseLine(line(LINE_CHARACTERS_MAX))).toBeDefined();
    expect(parseLine(line(LINE_CHARACTERS_MAX + 1))).toBeUndefined();
  });

  test('a field of another type is an error that names it', () => {
    expect(() => flag({ muted: 'false' }, 'muted', true)).toThrow('muted');
    expect(() => number({ rate: '1' }, 'rate')).toThrow('rate');
    expect(() => word({ kind: 'film' }, 'kind', ['file', 'audio'])).toThrow('file, audio');
  });

  test('phone options have defaults and are checked', () => {
    expect(readPhoneOptions({ user: 'a', domain: 'd' })).toEqual({
      user: 'a',
      password: '',
      domain: 'd',
      transport: 'tcp',
      bind: '127.0.0.1',
    });
    expect(
      readPhoneOptions({ user: 'a', domain: 'd', server: { host: 'h', port: 5 } }).server,
    ).toEqual({ address: 'h', port: 5 });
    expect(() => readPhoneOptions({ user: 'a', domain: 'd', transport: 'sctp' })).toThrow();
    expect(() => readPhoneOptions({ domain: 'd' })).toThrow('user');
  });
});

test('only INFO of our package with a type is a message', () => {
  const event = { event: 'info', at: 0, package: 'midcall', body: { id: '1', type: 'cancel' } };
  expect(readMessage(event)).toEqual({ id: '1', type: 'cancel' });
  expect(readMessage({ ...event, package: 'dtmf' })).toBeUndefined();
  expect(readMessage({ ...event, body: 'text' })).toBeUndefined();
  expect(readMessage({ ...event, event: 'message' })).toBeUndefined();
});
