import { describe, expect, test } from '@jest/globals';
import { parseNameAddr, writeNameAddr } from '../../../src/sip/name-addr.ts';
import { NAME_ADDRS, NAME_ADDRS_BAD } from '../../support/sip-cases.ts';

describe('From, To and Contact', () => {
  test.each(NAME_ADDRS)('reads $text', ({ text, display, uri, params }) => {
    const value = { display, uri, params: new Map(params) };
    expect(parseNameAddr(text)).toEqual({ ok: true, value });
    expect(parseNameAddr(writeNameAddr(value))).toEqual({ ok: true, value });
  });

  test.each(NAME_ADDRS_BAD)('refuses %j', (text) => {
    expect(parseNameAddr(text).ok).toBe(false);
  });

  test('without brackets, parameters are the header’s, not the URI’s', () => {
    const parsed = parseNameAddr('sip:bob@b.com;lr;tag=1');
    expect(parsed).toMatchObject({ ok: true, value: { uri: 'sip:bob@b.com' } });
    expect(parsed.ok && [...parsed.value.params]).toEqual([
      ['lr', ''],
      ['tag', '1'],
    ]);
  });
});
