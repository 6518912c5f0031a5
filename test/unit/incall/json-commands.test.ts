import { describe, expect, test } from '@jest/globals';
import {
  BODY_BYTES_MAX,
  SHAPES,
  parseCommand,
  thresholdOf,
} from '../../../src/incall/json-commands.ts';
import { COMMAND_CASES } from '../../support/command-cases.ts';

const written = (fields: object): string => JSON.stringify({ v: 1, ...fields });

describe.each(COMMAND_CASES)('$name', ({ command, wrong, required }) => {
  test('is read', () => {
    expect(parseCommand(written(command))).toEqual({ ok: true, value: command });
  });

  test('is read with the required fields only', () => {
    const kept = Object.entries(command).filter(
      ([field]) => field === 'type' || required.includes(field),
    );
    const least = Object.fromEntries(kept);
    expect(parseCommand(written(least))).toEqual({ ok: true, value: least });
  });

  test('is read without what it should not have', () => {
    const more = written({ ...command, extra: 1, constructor: 2 }).replace(
      '{',
      '{"__proto__":{"sender":"x"},',
    );
    expect(parseCommand(more)).toEqual({ ok: true, value: command });
  });

  test('says which field is absent', () => {
    for (const field of required)
      expect(parseCommand(written({ ...command, [field]: undefined }))).toEqual({
        ok: false,
        code: 'bad-field',
        at: field,
      });
  });

  test.each(
    Object.entries(wrong).flatMap(([field, values]) => values.map((value) => [field, value])),
  )('refuses %s: %j by its name', (field, value) => {
    expect(parseCommand(written({ ...command, [String(field)]: value }))).toEqual({
      ok: false,
      code: 'bad-field',
      at: field,
    });
  });

  test('names every field of its shape in this table', () => {
    const { required: must, optional } = SHAPES[command.type];
    expect(Object.keys(wrong).toSorted()).toEqual(
      [...Object.keys(must), ...Object.keys(optional)].toSorted(),
    );
    expect(Object.keys(must).toSorted()).toEqual([...required].toSorted());
  });
});

test('the table has every type of message', () => {
  expect(COMMAND_CASES.map(({ command }) => command.type)).toEqual(Object.keys(SHAPES));
});

describe('not a message', () => {
  test.each(['', 'hello', '1', 'null', '[]', '"text"', '{"v":1', '[{"v":1}]'])('%j', (body) => {
    expect(parseCommand(body)).toEqual({ ok: false, code: 'not-json' });
  });

  test.each([
    ['v', {}],
    ['v', { v: 2, type: 'cancel' }],
    ['v', { v: '1', type: 'cancel' }],
    ['type', { v: 1 }],
    ['type', { v: 1, type: 7 }],
    ['type', { v: 1, type: 'storage-prompt' }],
    ['type', { v: 1, type: 'toString' }],
  ])('bad %s in %j', (at, message) => {
    expect(parseCommand(JSON.stringify(message))).toEqual({ ok: false, code: 'bad-field', at });
  });
});

describe('limits', () => {
  const cancel = { type: 'cancel', id: 'm1', transfer: 't1' };

  test.each(['x', 'ß'])('a body of 4,000 bytes is read, one more is not (%s)', (filler) => {
    const bytes = Buffer.byteLength(filler);
    const bodyOf = (length: number): string => {
      const empty = written({ ...cancel, pad: '' });
      const room = length - Buffer.byteLength(empty);
      const pad = filler.repeat(Math.floor(room / bytes)) + 'x'.repeat(room % bytes);
      return written({ ...cancel, pad });
    };
    expect(Buffer.byteLength(bodyOf(BODY_BYTES_MAX))).toBe(4_000);
    expect(parseCommand(bodyOf(BODY_BYTES_MAX)).ok).toBe(true);
    expect(parseCommand(bodyOf(BODY_BYTES_MAX + 1))).toEqual({ ok: false, code: 'too-long' });
  });

  test.each([
    ['id', 64],
    ['transfer', 64],
    ['token', 128],
    ['name', 255],
  ])('%s has %d characters at most', (field, charactersMax) => {
    const [case_] = COMMAND_CASES.filter(({ command }) => command.type === 'store-request');
    const store = { ...case_?.command, [field]: 'x'.repeat(charactersMax) };
    expect(parseCommand(written(store)).ok).toBe(true);
    expect(parseCommand(written({ ...store, [field]: 'x'.repeat(charactersMax + 1) }))).toEqual({
      ok: false,
      code: 'bad-field',
      at: field,
    });
  });

  test('a name of 255 characters beyond the basic plane is taken', () => {
    const store = { ...COMMAND_CASES[3]?.command, name: '🐈'.repeat(255) };
    expect(parseCommand(written(store)).ok).toBe(true);
  });

  test('a format has 127 characters at most; its type may be written in capitals', () => {
    const store = { ...COMMAND_CASES[3]?.command };
    expect(parseCommand(written({ ...store, format: `a/${'x'.repeat(125)}` })).ok).toBe(true);
    expect(parseCommand(written({ ...store, format: 'Image/JPEG' })).ok).toBe(true);
  });
});

describe('thresholds', () => {
  test.each([
    ['adaptive'],
    [{ percent: 0 }],
    [{ percent: 100 }],
    [{ percent: 12.5 }],
    [{ bytes: 0 }],
    [{ seconds: 0.5 }],
  ])('%j', (value) => {
    expect(thresholdOf(value)).toEqual(value);
  });

  test.each([
    [undefined],
    [Number.NaN],
    [{ seconds: Number.POSITIVE_INFINITY }],
    [{ percent: Number.NaN }],
  ])('not %j', (value) => {
    expect(thresholdOf(value)).toBeUndefined();
  });
});
