import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { expect, jest, test } from '@jest/globals';
import { builtDist } from '../support/built-dist.ts';

/** What `npm run demo` promises, with room for a loaded machine. */
const DEMO_MS = 100_000;
jest.setTimeout(DEMO_MS + 5_000);

test('the demo plays both modes and everything it checks holds', async () => {
  const script = `${builtDist()}/sip-scripts/demo.js`;
  const { stdout } = await promisify(execFile)(process.execPath, [script, '--json'], {
    timeout: DEMO_MS,
  }).catch((failure: { message: string; stdout?: string }) => {
    throw new Error(`the demo failed:\n${failure.stdout ?? failure.message}`);
  });
  const outcome: unknown = JSON.parse(stdout.trimEnd().split('\n').at(-1) ?? '');
  expect(outcome).toMatchObject({ ok: true, voiceLost: 0 });
  expect(outcome).toHaveProperty('firstByteMs');
  expect(outcome).toHaveProperty('offerAtPercent');
});
