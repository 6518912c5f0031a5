import { describe, expect, test } from '@jest/globals';
import { parseVia, viaFrom, writeVia, type Via } from '../../../src/sip/via.ts';
import { VIAS, VIAS_BAD } from '../../support/sip-cases.ts';

const read = (text: string): Via => {
  const via = parseVia(text);
  if (!via.ok) throw new Error(via.code);
  return via.value;
};

describe('Via', () => {
  test.each(VIAS)('reads $text', ({ text, written, via }) => {
    expect(read(text)).toEqual({ ...via, params: new Map(via.params) });
    expect(writeVia(read(text))).toBe(written);
  });

  test.each(VIAS_BAD)('refuses %j', (text) => {
    expect(parseVia(text).ok).toBe(false);
  });
});

describe('where a request came from', () => {
  const source = { address: '203.0.113.9', port: 41_000 };

  test('is noted when the client asked for it (RFC 3581 §4)', () => {
    const via = viaFrom(read('SIP/2.0/UDP 10.0.0.1:5060;rport;branch=z9hG4bK1'), source);
    expect(writeVia(via)).toBe(
      'SIP/2.0/UDP 10.0.0.1:5060;rport=41000;branch=z9hG4bK1;received=203.0.113.9',
    );
  });

  test('is noted when it did not ask', () => {
    const via = viaFrom(read('SIP/2.0/UDP 10.0.0.1;branch=z9hG4bK1'), source);
    expect(writeVia(via)).toBe(
      'SIP/2.0/UDP 10.0.0.1;branch=z9hG4bK1;received=203.0.113.9;rport=41000',
    );
  });

  test('needs no received when the Via says the same (RFC 3261 §18.2.1)', () => {
    const via = viaFrom(read('SIP/2.0/TCP 203.0.113.9:5060;branch=z9hG4bK1'), source);
    expect(via.params.has('received')).toBe(false);
  });
});
