import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import path from 'node:path';
import { isObjectKey } from '../../src/objects/object-key.ts';

describe('object keys', () => {
  test('what passes stays below its root as a path, and is what the path says', () => {
    const key = fc.oneof(
      fc.string(),
      fc
        .array(fc.constantFrom('a', '.', '/', '..', '-', '~', '\\', '\0'), { maxLength: 12 })
        .map((parts) => parts.join('')),
    );
    fc.assert(
      fc.property(key, (text) => {
        if (isObjectKey(text)) expect(path.join('/root', text)).toBe(`/root/${text}`);
      }),
    );
  });
});
