import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { transferStates } from '../support/transfer-diagram.ts';

const FILE = join(import.meta.dirname, '../../docs/transfer-states.md');

test('docs/transfer-states.md draws the tables as they are', () => {
  if (process.env['MIDCALL_WRITE_DOCS'] === '1') writeFileSync(FILE, transferStates());
  expect(readFileSync(FILE, 'utf8')).toBe(transferStates());
});
