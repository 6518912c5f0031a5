import { describe, expect, test } from '@jest/globals';
import { spoolPath, transferOfSpool } from '../../../src/spool/path.ts';

describe('the name of a spool', () => {
  test('is the id of its transfer', () => {
    expect(spoolPath('/spools', 'a_B-9')).toBe('/spools/a_B-9.spool');
    expect(transferOfSpool('a_B-9.spool')).toBe('a_B-9');
  });

  test('holds 64 characters and not 65', () => {
    expect(transferOfSpool(`${'x'.repeat(64)}.spool`)).toBe('x'.repeat(64));
    expect(transferOfSpool(`${'x'.repeat(65)}.spool`)).toBeUndefined();
    expect(() => spoolPath('/spools', 'x'.repeat(65))).toThrow();
  });

  test.each(['', '.', '..', 'a/b', 'a.b', '../a', 'a b', 'ä', 'a\0'])('is never %j', (id) => {
    expect(() => spoolPath('/spools', id)).toThrow();
    expect(transferOfSpool(`${id}.spool`)).toBeUndefined();
  });

  test('ends in .spool', () => {
    expect(transferOfSpool('a.spool~')).toBeUndefined();
    expect(transferOfSpool('a')).toBeUndefined();
  });
});
