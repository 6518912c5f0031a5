import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { expect, test } from '@jest/globals';

test('docker/validate finds nothing wrong with what it can check here', async () => {
  const { stdout } = await promisify(execFile)('docker/validate');
  expect(stdout).toMatch(/^[1-9]\d* right, 0 wrong, \d+ not checked$/m);
});
