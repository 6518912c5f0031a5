import { describe, expect, test } from '@jest/globals';
import { MEGABYTES_MAX, parseStorageOptions } from '../../bench/storage/storage-options.ts';

describe('options of the storage benchmark', () => {
  test('defaults', () => {
    expect(parseStorageOptions([])).toEqual({ megabytes: 64, json: false });
    expect(parseStorageOptions(['--json', '--mb', '9'])).toEqual({ megabytes: 9, json: true });
  });

  test('the largest object is taken, one larger not', () => {
    const limit = String(MEGABYTES_MAX);
    expect(parseStorageOptions(['--mb', limit]).megabytes).toBe(MEGABYTES_MAX);
    for (const wrong of [String(MEGABYTES_MAX + 1), '0', 'much'])
      expect(() => parseStorageOptions(['--mb', wrong])).toThrow('--mb');
  });
});
