import { describe, expect, test } from '@jest/globals';
import { after, instant } from '../../../src/base/units.ts';
import {
  CODE_PAUSE_MS,
  KeyReader,
  KEYS,
  PIN_DIGITS_MAX,
  PIN_PAUSE_MS,
} from '../../../src/incall/key-reader.ts';
import type { KeySaying } from '../../../src/incall/key-reader.ts';

const CODES = { store: '*1', send: '*2', play: '**3', list: '*5' };
const START = instant(1_000);
const PIN_WANTED: KeySaying = { type: 'pin-wanted', verb: 'store' };
const GIVEN_UP: KeySaying = { type: 'given-up', verb: 'store' };
const store = (pin: string): KeySaying => ({ type: 'said', verb: 'store', pin });

/** Keys one after another, 200 ms apart. @returns what was said, and the keys that the other phone got. */
function type(keys: string, reader = new KeyReader(CODES), from = START) {
  const said: KeySaying[] = [];
  let passed = '';
  let now = from;
  for (const key of keys) {
    const late = reader.elapse(now);
    const { isOurs, saying } = reader.press(key, now);
    said.push(...[late, saying].filter((it) => it !== undefined));
    if (!isOurs) passed += key;
    now = after(now, 200);
  }
  return { said, passed, reader, now };
}

describe('keys', () => {
  test.each<[string, string, readonly KeySaying[], string]>([
    ['a code', '*2', [{ type: 'said', verb: 'send' }], '*'],
    ['a code of three', '**3', [{ type: 'said', verb: 'play' }], '**'],
    ['a code with a PIN', '*12748#', [PIN_WANTED, store('2748')], '*'],
    ['digits of a menu', '1#2', [], '1#2'],
    ['a star of a menu', '*9', [], '*9'],
    ['a code after a star of a menu', '*9*2', [{ type: 'said', verb: 'send' }], '*9*'],
    ['a star before a code', '***3', [{ type: 'said', verb: 'play' }], '***'],
    ['letters', '*A2B', [], '*A2B'],
    [
      'two codes',
      '*2*2',
      [
        { type: 'said', verb: 'send' },
        { type: 'said', verb: 'send' },
      ],
      '**',
    ],
    ['a PIN with letters', '*12A7B48#', [PIN_WANTED, store('2748')], '*'],
    ['no PIN', '*1#5', [PIN_WANTED, GIVEN_UP], '*5'],
    ['a PIN begun anew', '*199*2748#', [PIN_WANTED, store('2748')], '*'],
    ['a PIN begun anew twice', '*199**748#', [PIN_WANTED, store('748')], '*'],
    ['a code typed anew', '*199*12748#', [PIN_WANTED, PIN_WANTED, store('2748')], '*'],
    ['no other code instead of a PIN', '*199*51#', [PIN_WANTED, store('51')], '*'],
    ['a code after one star too many', '**2', [{ type: 'said', verb: 'send' }], '**'],
    ['nothing after a star', '*1*#', [PIN_WANTED, GIVEN_UP], '*'],
    ['after a PIN all is as before', '*11#42', [PIN_WANTED, store('1')], '*42'],
  ])('%s', (_what, keys, said, passed) => {
    expect(type(keys)).toMatchObject({ said, passed });
  });

  test(`a PIN of ${PIN_DIGITS_MAX} digits is one, one more is none, and none of them passes`, () => {
    const digits = '7'.repeat(PIN_DIGITS_MAX);
    expect(type(`*1${digits}#`)).toMatchObject({ said: [PIN_WANTED, store(digits)], passed: '*' });
    expect(type(`*1${digits}788#1`)).toMatchObject({ said: [PIN_WANTED, GIVEN_UP], passed: '*1' });
    const again = type(`*1${digits}7*12#`);
    expect(again).toMatchObject({ said: [PIN_WANTED, PIN_WANTED, store('2')], passed: '*' });
  });
});

describe('pauses', () => {
  test('the rest of a code comes in time, or is a key like any other', () => {
    const { reader, now } = type('*');
    const until = reader.deadline();
    expect(until).toEqual({ at: after(START, CODE_PAUSE_MS), reason: 'key-missing' });
    expect(reader.elapse(now)).toBeUndefined();
    expect(type('2', reader, after(START, CODE_PAUSE_MS - 1)).passed).toBe('');
    const slow = type('*').reader;
    expect(type('2', slow, after(START, CODE_PAUSE_MS))).toMatchObject({ passed: '2', said: [] });
    expect(slow.deadline()).toBeUndefined();
  });

  test('so does the rest of a PIN, and each digit gives time for the next', () => {
    const { reader } = type('*12');
    const last = after(START, 400);
    expect(reader.deadline()?.at).toBe(after(last, PIN_PAUSE_MS));
    const more = type('7#', reader, after(last, PIN_PAUSE_MS - 1));
    expect(more.said).toEqual([store('27')]);
    const slow = type('*12').reader;
    expect(slow.isTakingPin).toBe(true);
    expect(slow.elapse(after(last, PIN_PAUSE_MS))).toEqual(GIVEN_UP);
    expect(slow.isTakingPin).toBe(false);
    expect(type('7', slow, after(last, PIN_PAUSE_MS)).passed).toBe('7');
  });
});

test('once a PIN is asked for, no cell lets a key pass', () => {
  const cells = [KEYS.pin, KEYS.spoilt].flatMap((row) => Object.values(row));
  expect(cells.every(({ isOurs }) => isOurs)).toBe(true);
});
