import { describe, expect, test } from '@jest/globals';
import { parseUri, writeUri } from '../../../src/sip/uri.ts';
import { URIS, URIS_BAD } from '../../support/sip-cases.ts';

describe('SIP URI', () => {
  test.each(URIS)('reads $text', ({ text, uri }) => {
    const parsed = parseUri(text);
    expect(parsed).toEqual({ ok: true, value: { ...uri, params: new Map(uri.params) } });
    expect(parsed.ok && writeUri(parsed.value)).toBe(text);
  });

  test.each(URIS_BAD)('refuses %j as %s', (text, code) => {
    expect(parseUri(text)).toMatchObject({ ok: false, code });
  });
});
