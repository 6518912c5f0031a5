import { describe, expect, test } from '@jest/globals';
import { header } from '../../../src/sip/message.ts';
import { parseRAck, RSEQ_MAX, rseqOf } from '../../../src/sip/rack.ts';

describe('RSeq (RFC 3262 §7.1)', () => {
  test.each([
    ['1', 1],
    [String(RSEQ_MAX), RSEQ_MAX],
    [String(RSEQ_MAX + 1), undefined],
    ['0', undefined],
    ['-1', undefined],
    ['', undefined],
    ['one', undefined],
  ])('%j: %p', (value, rseq) => {
    expect(rseqOf([header('RSeq', value)])).toBe(rseq);
  });

  test('that is absent is none', () => {
    expect(rseqOf([])).toBeUndefined();
  });
});

describe('RAck (RFC 3262 §7.2)', () => {
  test.each(['776656 1 INVITE', '776656\t1 INVITE', '776656  1  INVITE'])('%j', (text) => {
    expect(parseRAck(text)).toEqual({
      ok: true,
      value: { rseq: 776_656, sequence: 1, method: 'INVITE' },
    });
  });

  test.each(['', '1', '1 1', '1 INVITE', 'x 1 INVITE', '1 x INVITE', `${RSEQ_MAX + 1} 1 INVITE`])(
    '%j is none',
    (text) => {
      expect(parseRAck(text).ok).toBe(false);
    },
  );
});
