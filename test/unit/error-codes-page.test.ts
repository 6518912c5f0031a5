import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { ERROR_STATUS } from '../../src/base/errors.ts';
import { HTTP_STATUS } from '../../src/http/problem.ts';

const PAGE = join(import.meta.dirname, '../../docs/error-codes.md');

test('every error code has its row in docs/error-codes.md', () => {
  const text = existsSync(PAGE) ? readFileSync(PAGE, 'utf8') : '';
  const rows = [...text.matchAll(/^\| `([a-z-]+)` \|/gm)].map(([, code]) => code);
  const codes = rows.filter((code) => code !== undefined);
  const missing = Object.keys({ ...ERROR_STATUS, ...HTTP_STATUS }).filter(
    (code) => !codes.includes(code),
  );
  expect(missing).toEqual([]);
});
