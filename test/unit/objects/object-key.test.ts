import { describe, expect, test } from '@jest/globals';
import { isObjectKey } from '../../../src/objects/object-key.ts';

describe('an object key', () => {
  test.each(['a', 'a/b.wav', 'A-Z_0.9/x', '...', '-', '.hidden/a'])('may be %j', (key) => {
    expect(isObjectKey(key)).toBe(true);
  });

  test('has segments of 200 characters and not 201', () => {
    expect(isObjectKey(`a/${'x'.repeat(200)}`)).toBe(true);
    expect(isObjectKey(`a/${'x'.repeat(201)}`)).toBe(false);
  });

  test('has 512 characters and not 513', () => {
    const key = `${'x'.repeat(170)}/${'x'.repeat(170)}/${'x'.repeat(170)}`;
    expect(key.length).toBe(512);
    expect(isObjectKey(key)).toBe(true);
    expect(isObjectKey(`${key}x`)).toBe(false);
  });
});
