import { describe, expect, test } from '@jest/globals';
import type { InCallEvent, StoredTransfer, TransferStatus } from '../../../src/incall/events.ts';
import { correctionOf, SAYINGS, SHOWN_TRANSFERS_MAX, textOf } from '../../../src/incall/texts.ts';
import type { Verb } from '../../../src/incall/text-commands.ts';

/** baresip prints no text that is longer. */
const SHOWN_BY_PHONES = 500;

const status = (re?: string): TransferStatus => ({
  type: 'transfer-status',
  ...(re === undefined ? {} : { re }),
  transfer: '0a1b2c3d4e5f6071',
  state: 'storing',
  stored: 1_500_000,
  delivered: 20,
});

const prompt = {
  type: 'storage-prompt',
  transfer: '0a1b2c3d4e5f6071',
  address: '192.0.2.1',
  port: 30_000,
  capacity: 10_000_000,
  token: 'ff',
  code: 'ABCD2345',
  expires: '2026-01-01T00:00:00Z',
  transports: [],
  receiver: 'alice',
} as const;

const offer = {
  type: 'receive-offer',
  transfer: '0a1b2c3d4e5f6071',
  sender: 'bob',
  format: 'video/VP8',
  stored: 1,
  token: 'ff',
  expires: '2026-01-01T00:00:00Z',
} as const;

const stored = (name?: string): StoredTransfer => ({
  transfer: '0a1b2c3d4e5f6071',
  state: 'complete',
  format: 'video/VP8',
  ...(name === undefined ? {} : { name }),
  size: 1_500_000,
  durationMs: 12_300,
  created: '2026-01-02T03:04:05.678Z',
});

const list = (count: number, more = false, name?: string): InCallEvent => ({
  type: 'transfer-list',
  re: 'r',
  transfers: Array.from({ length: count }, () => stored(name)),
  more,
  free: 8_200_000,
});

const error = (code: 'no-space' | 'not-authorized' | 'busy', free?: number): InCallEvent => ({
  type: 'error',
  code,
  status: 0,
  text: 'too many at once',
  ...(free === undefined ? {} : { free }),
});

const LINE = '0a1b2c 2026-01-02 03:04 video/VP8, 12 s, 1.5 MB';

test.each<[InCallEvent, Verb | undefined, string | undefined]>([
  [
    prompt,
    undefined,
    'alice asks you to send a video (up to 10.0 MB): write /send ABCD2345, then switch your video on.',
  ],
  [
    { ...prompt, re: 'r' },
    'prompt',
    'Your code is ABCD2345: tell it to the sender, or write /give ABCD2345 to NUMBER.',
  ],
  [
    offer,
    undefined,
    'bob is sending you a video. Write /play to see it now; it is stored in any case.',
  ],
  [
    { ...offer, format: 'x/y', size: 2 },
    undefined,
    'bob is sending you a file. It is in your storage: 0a1b2c.',
  ],
  [status(), undefined, undefined],
  [status('r'), 'store', 'I have asked. You will be told when it comes.'],
  [status('r'), 'give', 'I have passed it on.'],
  [status('r'), 'cancel', 'It is over (storing).'],
  [status('r'), 'status', 'storing: 1.5 MB stored, 20 B delivered.'],
  [list(0), 'list', 'Your storage is empty; 8.2 MB are free.'],
  [list(1), 'list', `${LINE}\n8.2 MB are free.`],
  [list(1, true), 'list', `${LINE}\n… and older ones.\n8.2 MB are free.`],
  [
    { type: 'transfer-deleted', re: 'r', transfer: '0a1b2c3d', free: 10 },
    'delete',
    '0a1b2c is deleted; 10 B are free.',
  ],
  [error('not-authorized'), 'store', 'Sorry: the PIN is wrong, or the number has no storage.'],
  [
    error('no-space', 20_000),
    'store',
    'Sorry: there is no room, 20.0 kB are free. /list PIN shows what could go.',
  ],
  [error('busy'), 'store', 'Sorry: too many at once.'],
])('%#', (event, verb, text) => {
  expect(textOf(event, verb)).toBe(text);
});

describe('a list', () => {
  test('is cut where phones cut', () => {
    const lines = (count: number): number => (textOf(list(count), 'list') ?? '').split('\n').length;
    expect(lines(SHOWN_TRANSFERS_MAX)).toBe(SHOWN_TRANSFERS_MAX + 1);
    expect(lines(SHOWN_TRANSFERS_MAX + 1)).toBe(SHOWN_TRANSFERS_MAX + 2);
  });

  test('at its longest is shown by phones', () => {
    const text = textOf(list(9, true, 'x'.repeat(48)), 'list') ?? '';
    expect(Buffer.byteLength(text)).toBeLessThan(SHOWN_BY_PHONES);
  });
});

test('a wrong command gets the nearest right one, or the way to the help', () => {
  expect(correctionOf({ kind: 'misused', verb: 'delete' })).toBe('Please write: /delete ID PIN');
  expect(correctionOf({ kind: 'unknown', nearest: 'store' })).toBe(
    'I do not know that. Did you mean /store PIN [from NUMBER] [at 30%]?',
  );
  expect(correctionOf({ kind: 'unknown', nearest: undefined })).toContain('/help');
});

test('the help names every command and is shown by phones', () => {
  for (const verb of [
    'store',
    'prompt',
    'give',
    'send',
    'play',
    'status',
    'cancel',
    'list',
    'delete',
  ])
    expect(SAYINGS.help).toContain(`/${verb}`);
  expect(SAYINGS.help.length).toBeLessThan(SHOWN_BY_PHONES);
});
