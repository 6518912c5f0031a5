import { execFile } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { builtDist } from '../support/built-dist.ts';

const run = promisify(execFile);
const TIMEOUT_MS = 50_000;
let dataDir: string;

beforeAll(async () => {
  dataDir = await mkdtemp(join(tmpdir(), 'midcall-cli-'));
});

afterAll(async () => {
  await rm(dataDir, { recursive: true, force: true });
});

interface Ended {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** The built command line, as people run it. */
async function midcall(words: readonly string[], env: Record<string, string> = {}): Promise<Ended> {
  const options = {
    timeout: TIMEOUT_MS,
    env: { PATH: process.env['PATH'] ?? '', MIDCALL_DATA_DIR: dataDir, ...env },
  };
  const cli = join(builtDist(), 'src/cli.js');
  try {
    return { code: 0, ...(await run(process.execPath, [cli, ...words], options)) };
  } catch (error) {
    return error as Ended;
  }
}

describe('subscribers', () => {
  test('add, list, refuse a second one, remove', async () => {
    const words = ['subscribers', 'add', '+49-30-123', '--space', '2MB', '--json'];
    const added = JSON.parse((await midcall(words)).stdout) as Record<string, unknown>;
    expect(added).toMatchObject({ id: expect.any(String), space: 2_000_000 });
    expect(String(added['sipPassword']).length).toBeGreaterThanOrEqual(12);
    const id = String(added['id']);
    const listed: unknown = JSON.parse((await midcall(['subscribers', 'list', '--json'])).stdout);
    expect(listed).toEqual([expect.objectContaining({ id, space: 2_000_000, used: 0 })]);
    const again = await midcall(['subscribers', 'add', id]);
    expect(again).toMatchObject({
      code: 1,
      stderr: `midcall: ${id} is a subscriber already; remove it first\n`,
    });
    expect((await midcall(['subscribers', 'remove', id])).stdout).toContain('removed');
    expect((await midcall(['subscribers', 'list'])).stdout).toContain('No subscribers');
  });

  test.each([
    ['--space', 'a lot', '--space takes a size such as 500MB or 2GB'],
    ['--threshold', '130%', '--threshold takes 30%, 2MB, 5s, auto or 0'],
  ])('%s %s is explained', async (option, value, text) => {
    const ended = await midcall(['subscribers', 'add', 'eve', option, value]);
    expect(ended).toMatchObject({ code: 1, stderr: `midcall: ${text}\n` });
  });
});

test('doctor says what it found, by line and as JSON', async () => {
  const lines = await midcall(['doctor']);
  expect(lines).toMatchObject({ code: 0, stderr: '' });
  expect(lines.stdout).toMatch(/^✓ Node/m);
  const { ok, findings } = JSON.parse((await midcall(['doctor', '--json'])).stdout);
  expect(ok).toBe(true);
  expect(findings.map(({ what }: { what: string }) => what)).toEqual([
    'Node',
    'Data folder',
    'Disk',
    'Objects',
    'SIP ports',
    'Media ports',
    'Descriptors',
    'UDP buffers',
    'Media sockets',
  ]);
});

test('doctor fails where nothing can be written', async () => {
  const ended = await midcall(['doctor'], { MIDCALL_DATA_DIR: '/dev/null/nowhere' });
  expect(ended.code).toBe(1);
  expect(ended.stdout).toMatch(/^✗ Data folder/m);
});

describe('mistakes get a sentence and exit code 1, not a stack', () => {
  test.each([
    [
      ['subscribe'],
      {},
      /^midcall: there is no command subscribe\n\nDid you mean: midcall subscribers\n$/,
    ],
    [['teleport'], {}, /^midcall: there is no command teleport\n\nmidcall: store a file/],
    [['serve', '--output', 'x'], {}, /^midcall: midcall serve has no option --output\n$/],
    [['drain'], {}, /^midcall: MIDCALL_OPERATOR_TOKEN: set it/],
    [
      ['drain', '--server', 'http://127.0.0.1:9'],
      { MIDCALL_OPERATOR_TOKEN: 'sixteen-characters' },
      /^midcall: no platform answers at http:\/\/127\.0\.0\.1:9\n$/,
    ],
    [['completion', 'csh'], {}, /^midcall: midcall completion bash\|zsh\|fish/],
    [['serve', '--fast'], {}, /^midcall: Unknown option '--fast'/],
    [['transfers', 'show', 'nope'], {}, /^midcall: there is no transfer nope\n$/],
    [['transfers', 'fetch'], {}, /^midcall: midcall transfers list/],
    [
      ['serve'],
      { MIDCALL_SIP_PORT: 'false' },
      /^midcall: MIDCALL_SIP_PORT: "false" is not possible\n$/,
    ],
    [
      ['serve'],
      { MIDCALL_SIPPORT: '5060' },
      /^midcall: MIDCALL_SIPPORT: there is no such setting\n$/,
    ],
    [
      ['serve'],
      { MIDCALL_CONFIG: '/nowhere.json' },
      /^midcall: MIDCALL_CONFIG: \/nowhere.json can't be read/,
    ],
    [
      ['serve'],
      { MIDCALL_MEDIA_PORT_MIN: '40000', MIDCALL_MEDIA_PORT_MAX: '40002' },
      /^midcall: MIDCALL_MEDIA_PORT_MAX: /,
    ],
  ])('%j with %j', async (words, env, stderr) => {
    const ended = await midcall(words, env);
    expect(ended.code).toBe(1);
    expect(ended.stderr).toMatch(stderr);
    expect(ended.stderr).not.toContain('    at ');
  });
});

test('help is the answer to nothing', async () => {
  expect((await midcall([])).stdout).toContain('midcall subscribers add NUMBER');
});

test('spool list and inspect work without a platform', async () => {
  expect(await midcall(['spool', 'list'])).toMatchObject({ code: 0, stdout: 'No spools.\n' });
  expect(await midcall(['spool', 'inspect', 'nowhere'])).toMatchObject({
    code: 1,
    stderr: expect.stringMatching(/^midcall: there is no spool .*nowhere\.spool\n$/),
  });
});

test.each([
  ['tr', 1, ['transfers', 'trunks']],
  ['transfers f', 2, ['fetch']],
  ['spool --o', 2, ['--output']],
  ['completion ', 2, ['bash', 'zsh', 'fish']],
])('the Tab key completes "midcall %s"', async (typed, at, expected) => {
  const { stdout: script } = await midcall(['completion', 'bash']);
  const words = ['midcall', ...typed.split(' ')].map((word) => `'${word}'`).join(' ');
  const asked = `COMP_WORDS=(${words}); COMP_CWORD=${at}; _midcall; printf '%s\\n' "\${COMPREPLY[@]}"`;
  const { stdout } = await run('bash', ['-c', `${script}\n${asked}`]);
  expect(stdout.trim().split('\n')).toEqual(expected);
});
