import { isIP } from 'node:net';
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { isNumericAddress } from '../../src/base/address.ts';
import { parseCredentials } from '../../src/calls/digest.ts';
import { parseCommand } from '../../src/incall/json-commands.ts';
import { numberOf } from '../../src/incall/number.ts';
import { isTextCommand, readText } from '../../src/incall/text-commands.ts';
import { normalCode } from '../../src/transfers/prompt-code.ts';
import { anyText } from '../support/any-text.ts';
import { COMMAND_CASES } from '../support/command-cases.ts';
import { runs } from '../support/runs.ts';

/** Text with the pieces that parsers look at. */
const hostile = fc
  .array(
    fc.oneof(
      anyText({ maxLength: 8 }),
      fc.constantFrom(
        'sip:',
        'tel:',
        '@',
        ';',
        ':',
        '"',
        '{',
        '}',
        '=',
        ',',
        'Digest ',
        '\r\n',
        '::',
      ),
      fc.constantFrom('username="a"', 'nonce=', 'response=', 'uri=', 'realm=', 'qop=auth', 'nc=1'),
      fc.integer().map(String),
    ),
    { maxLength: 20 },
  )
  .map((pieces) => pieces.join(''));

/** A message of the table with some of its fields replaced by anything. */
const spoiltMessage = fc
  .tuple(
    fc.constantFrom(...COMMAND_CASES.map(({ command }) => command)),
    fc.dictionary(fc.string({ maxLength: 10 }), fc.jsonValue()),
    fc.dictionary(
      fc.constantFrom('id', 'type', 'transfer', 'sdp', 'threshold', 'size', 'sender', 'v'),
      fc.jsonValue(),
      { noNullPrototype: true },
    ),
  )
  .map(([command, more, wrong]) => JSON.stringify({ v: 1, ...command, ...more, ...wrong }));

describe('hostile text', () => {
  test('parseCommand gives a command or says what is wrong', () => {
    fc.assert(
      fc.property(fc.oneof(hostile, fc.json(), spoiltMessage), (body) => {
        const parsed = parseCommand(body);
        if (parsed.ok) return;
        expect(['not-json', 'too-long', 'bad-field']).toContain(parsed.code);
        if (parsed.code === 'bad-field') expect(parsed.at).toMatch(/^[a-zA-Z]+$/);
      }),
    );
  });

  test('what parseCommand gives can be said again and means the same', () => {
    fc.assert(
      fc.property(spoiltMessage, (body) => {
        const parsed = parseCommand(body);
        if (!parsed.ok) return;
        const again = JSON.stringify({ v: 1, ...parsed.value });
        expect(parseCommand(again)).toEqual(JSON.parse(JSON.stringify(parsed)));
      }),
    );
  });

  test('numberOf gives a number that names itself, without separators and controls', () => {
    fc.assert(
      fc.property(hostile, (text) => {
        const number = numberOf(text);
        if (number === undefined) return;
        expect(numberOf(number)).toBe(number);
        expect(number).toMatch(/^[\x21-\x7e]{1,128}$/);
        expect(number).not.toMatch(/[@:<>"\s]/);
      }),
      { numRuns: runs(500) },
    );
  });

  test('parseCredentials gives what can be checked, or nothing', () => {
    fc.assert(
      fc.property(hostile, (text) => {
        const credentials = parseCredentials(`Digest ${text}`);
        if (credentials === undefined) return;
        expect(credentials.username).not.toBe('');
        expect(['MD5', 'SHA-256']).toContain(credentials.algorithm);
      }),
    );
  });

  test('what is taken out of a chat is a command, used well or badly', () => {
    const typed = fc
      .tuple(fc.constantFrom('/store ', '/SEND\n', '/play', '/give\t', '/', ' /list '), hostile)
      .map((parts) => parts.join(''));
    fc.assert(
      fc.property(fc.oneof(typed, hostile, fc.string({ unit: 'grapheme' })), (text) => {
        const { kind } = readText(text);
        if (isTextCommand(text)) expect(kind).not.toBe('unknown');
      }),
      { numRuns: runs(500) },
    );
  });

  test('normalCode settles at once', () => {
    fc.assert(
      fc.property(hostile, (typed) => {
        const code = normalCode(typed);
        expect(normalCode(code)).toBe(code);
      }),
    );
  });
});

describe('numeric addresses', () => {
  const nearly = fc
    .array(
      fc.constantFrom('0', '1', '9', '25', '255', '256', 'f', 'g', ':', '::', '.', '01', '%'),
      {
        maxLength: 18,
      },
    )
    .map((pieces) => pieces.join(''));

  test('are those of Node, but for zones', () => {
    fc.assert(
      fc.property(fc.oneof(nearly, fc.ipV4(), fc.ipV6(), hostile), (text) => {
        expect(isNumericAddress(text)).toBe(isIP(text) !== 0 && !text.includes('%'));
      }),
      { numRuns: runs(5_000) },
    );
  });
});
