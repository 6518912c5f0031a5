import { describe, expect, test } from '@jest/globals';
import { header } from '../../../src/sip/message.ts';
import {
  isTooShort,
  minSeOf,
  SESSION_SECONDS_MAX,
  SESSION_SECONDS_MIN,
  sessionExpiresOf,
} from '../../../src/sip/session-expires.ts';

const expires = (value: string): ReturnType<typeof sessionExpiresOf> =>
  sessionExpiresOf([header('Session-Expires', value)]);

describe('Session-Expires (RFC 4028 §4)', () => {
  test.each([
    ['1800', 1_800, undefined],
    ['1800;refresher=uac', 1_800, 'uac'],
    ['1800 ; Refresher = UAS', 1_800, 'uas'],
    ['1800;refresher=proxy', 1_800, undefined],
    ['1800;x=1;refresher=uas', 1_800, 'uas'],
    [String(SESSION_SECONDS_MAX), SESSION_SECONDS_MAX, undefined],
  ])('%s', (value, seconds, refresher) => {
    expect(expires(value)).toEqual({ seconds, refresher });
  });

  test.each(['', 'soon', '-1', ';refresher=uac', '90;"', String(SESSION_SECONDS_MAX + 1)])(
    '%j is none',
    (value) => {
      expect(expires(value)).toBeUndefined();
    },
  );

  test.each([
    [SESSION_SECONDS_MIN - 1, true],
    [SESSION_SECONDS_MIN, false],
  ])('%i s is too short: %p', (seconds, short) => {
    const asked = header('Session-Expires', String(seconds));
    expect(isTooShort([asked, header('Supported', 'timer')])).toBe(short);
  });

  test('none is too short for a client without timers: it could not ask for more', () => {
    expect(isTooShort([header('Session-Expires', '1'), header('Supported', '100rel')])).toBe(false);
  });
});

test.each([
  ['1800', 1_800],
  ['1800;x=1', 1_800],
  ['60', 90],
  ['x', 90],
])('Min-SE: %s asks for %i s', (value, seconds) => {
  expect(minSeOf([header('Min-SE', value)])).toBe(seconds);
});
