import { describe, expect, test } from '@jest/globals';
import {
  isTextCommand,
  readText,
  TEXT_CHARACTERS_MAX,
  type TextCommand,
  type Verb,
} from '../../../src/incall/text-commands.ts';

/** docs/in-call-protocol.md §4, row by row. */
const UNDERSTOOD: readonly (readonly [string, TextCommand])[] = [
  ['/store 2748', { verb: 'store', pin: '2748' }],
  ['/STORE 2748 FROM +49-30-1', { verb: 'store', pin: '2748', from: '+49301' }],
  [
    '/store 2748 from sip:bob@x at 30%',
    { verb: 'store', pin: '2748', from: 'bob', at: { percent: 30 } },
  ],
  ['/store 2748 at 2MB from bob', { verb: 'store', pin: '2748', from: 'bob', at: { bytes: 2e6 } }],
  ['/store 2748 at 5s', { verb: 'store', pin: '2748', at: { seconds: 5 } }],
  ['/store 2748 at auto', { verb: 'store', pin: '2748', at: 'adaptive' }],
  ['/store 2748 at 0', { verb: 'store', pin: '2748', at: { bytes: 0 } }],
  ['/store пароль-猫-🐈', { verb: 'store', pin: 'пароль-猫-🐈' }],
  ['  /prompt\u00a0 2748 \n', { verb: 'prompt', pin: '2748' }],
  ['/give abcd-2345 to 4711', { verb: 'give', code: 'abcd-2345', to: '4711' }],
  ['/give ABCD 2345 TO tel:+4711', { verb: 'give', code: 'ABCD2345', to: '+4711' }],
  ['/send', { verb: 'send' }],
  ['/send abcd 2345', { verb: 'send', code: 'abcd2345' }],
  ['/play', { verb: 'play', live: false }],
  ['/play LIVE', { verb: 'play', live: true }],
  ['/play 0A1B2c', { verb: 'play', transfer: '0a1b2c', live: false }],
  ['/play 0a1b live', { verb: 'play', transfer: '0a1b', live: true }],
  ['/status', { verb: 'status' }],
  ['/cancel', { verb: 'cancel' }],
  ['/cancel 0a1b2c', { verb: 'cancel', transfer: '0a1b2c' }],
  ['/list 2748', { verb: 'list', pin: '2748' }],
  ['/delete 0a1b2c 2748', { verb: 'delete', transfer: '0a1b2c', pin: '2748' }],
  ['/help me please', { verb: 'help' }],
  ['help', { verb: 'help' }],
];

const MISUSED: readonly (readonly [string, Verb])[] = [
  ['/store', 'store'],
  ['/store 2748 from', 'store'],
  ['/store 2748 from bob from carol', 'store'],
  ['/store 2748 at 200%', 'store'],
  ['/store 2748 now', 'store'],
  [`/store ${'1'.repeat(129)}`, 'store'],
  ['/prompt', 'prompt'],
  ['/prompt 1 2', 'prompt'],
  ['/give to 4711', 'give'],
  ['/give ABCD2345', 'give'],
  ['/give ABCD2345 to', 'give'],
  ['/give ABCD2345 to 4711 4712', 'give'],
  ['/send 🐈', 'send'],
  ['/play it', 'play'],
  ['/play 0a1b 0a1c', 'play'],
  ['/status now', 'status'],
  ['/cancel xyz!', 'cancel'],
  ['/list', 'list'],
  ['/delete 0a1b', 'delete'],
  ['/delete 0a 2748', 'delete'],
];

const UNKNOWN: readonly (readonly [string, Verb | undefined])[] = [
  ['/stor 2748', 'store'],
  ['/sotre 2748', 'store'],
  ['/plya', 'play'],
  ['/can', 'cancel'],
  ['/deltee x', 'delete'],
  ['/lsit', 'list'],
  ['/st', 'store'],
  ['/s', undefined],
  ['/x', undefined],
  ['', undefined],
  ['/', undefined],
  ['/привет', undefined],
  ['🐈🐈🐈', undefined],
  ['a'.repeat(4_000), undefined],
];

describe('what is written to the service', () => {
  test.each(UNDERSTOOD)('%j is understood', (text, command) => {
    expect(readText(text)).toEqual({ kind: 'command', command });
  });

  test.each(MISUSED)('%j is a misused command', (text, verb) => {
    expect(readText(text)).toEqual({ kind: 'misused', verb });
  });

  test.each(UNKNOWN)('%j is no command', (text, nearest) => {
    expect(readText(text)).toEqual({ kind: 'unknown', nearest });
  });

  test('a command that is too long is read by nobody', () => {
    const padded = (length: number): string => '/store 2748'.padEnd(length);
    expect(readText(padded(TEXT_CHARACTERS_MAX)).kind).toBe('command');
    expect(readText(padded(TEXT_CHARACTERS_MAX + 1))).toEqual({ kind: 'misused', verb: 'store' });
  });
});

describe('between two people', () => {
  test.each(UNDERSTOOD.filter(([text]) => text.trim().startsWith('/')))('%j is for us', (text) => {
    expect(isTextCommand(text)).toBe(true);
  });

  test.each([
    'hello',
    'store 2748',
    '/stor 2748',
    '/storehouse',
    '/me waves',
    'see /help',
    '/',
    '',
    '/🐈',
  ])('%j is chat', (text) => {
    expect(isTextCommand(text)).toBe(false);
  });
});
