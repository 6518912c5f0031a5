import { describe, expect, test } from '@jest/globals';
import Srf from 'drachtio-srf';
import fc from 'fast-check';
import { frameworkMessage, messageFrom } from '../../src/calls/framework-message.ts';
import { header, type SipMessage } from '../../src/sip/message.ts';
import { parseMessage } from '../../src/sip/message-parser.ts';
import { messageLength, writeMessage } from '../../src/sip/message-writer.ts';

/** drachtio-srf's own messages: what it makes of text is what ours have to be. */
interface FrameworkClass {
  new (from?: object | string): {
    headers: Record<string, string>;
    body?: string;
    set(name: string, value: string): void;
    toString(): string;
  };
}
const { SipMessage: Framework } = Srf as unknown as { readonly SipMessage: FrameworkClass };

const NAMES = ['Via', 'From', 'Contact', 'X-Own', 'x-own', 'P-Some', 'P-Asserted-Identity'];
const names = fc.constantFrom(...NAMES, 'Diversion', 'Supported', 'CSeq', 'constructor', 'a%41');
const VALUES = ['', 'a', 'one, two', '"Zo\u00eb" <sip:z@b>', '<sip:a@b;lr>;tag=1', 'a: b', 'x\ty'];
const headers = fc.array(
  fc.tuple(names, fc.constantFrom(...VALUES)).map(([name, value]) => header(name, value)),
  { maxLength: 12 },
);
const bodies = fc
  .constantFrom('', 'v=0\r\n', 'gr\u00fc\u00df dich', 'a\r\n\r\nb', '\ud83d\ude00')
  .map((text) => Buffer.from(text));
const request = fc.record({
  kind: fc.constant('request' as const),
  method: fc.constantFrom('INVITE', 'MESSAGE', 'X%41'),
  uri: fc.constantFrom('sip:a@b', 'sip:a@[::1]:5070;transport=tcp', 'sip:\u00e9@b'),
  version: fc.constant('2.0'),
  headers,
  body: bodies,
});
const response = fc.record({
  kind: fc.constant('response' as const),
  status: fc.integer({ min: 100, max: 699 }),
  reason: fc.constantFrom('OK', '', ' odd ', 'Not Found', 'gr\u00fcn'),
  headers,
  body: bodies,
});
const messages: fc.Arbitrary<SipMessage> = fc.oneof(request, response);

/** All but the text that it may have been read from. */
const shown = (from: object | string): unknown => ({ ...new Framework(from), raw: undefined });

describe('a message that passes to drachtio-srf as a value', () => {
  test('is the one that it would read from the text', () => {
    fc.assert(
      fc.property(messages, (message) => {
        const text = writeMessage(message).toString('utf8');
        expect(shown(frameworkMessage(message))).toEqual(shown(text));
      }),
    );
  });

  test('with several parts has them', () => {
    const type = header('Content-Type', 'multipart/mixed;boundary=x');
    const body = Buffer.from('--x\r\nContent-Type: text/plain\r\n\r\nhi\r\n--x--\r\n');
    const message: SipMessage = {
      kind: 'request',
      method: 'INFO',
      uri: 'sip:a@b',
      version: '2.0',
      headers: [type],
      body,
    };
    expect(shown(frameworkMessage(message))).toEqual(shown(writeMessage(message).toString()));
  });

  test('has the length that it is said to have', () => {
    fc.assert(
      fc.property(messages, (message) => {
        expect(messageLength(message)).toBe(writeMessage(message).length);
      }),
    );
  });
});

describe('a message that comes from drachtio-srf as a value', () => {
  const said = fc.dictionary(
    fc.constantFrom('X-Own', 'x-own', 'Contact', 'to', 'v'),
    fc.constantFrom(...VALUES, 'two\r\nlines'),
  );

  test('is the one that the server would read from its text, or comes as text', () => {
    fc.assert(
      fc.property(
        said,
        said,
        fc.boolean(),
        fc.constantFrom('', 'v=0\r\n', 'gr\u00fcn'),
        (own, added, isRequest, body) => {
          const start = isRequest
            ? { method: 'INVITE', uri: 'sip:a@b' }
            : { status: 200, reason: 'OK' };
          const from = new Framework(start);
          for (const [name, value] of Object.entries(own)) from.set(name, value);
          const value = messageFrom({ ...from }, { headers: added, body });
          for (const [name, each] of Object.entries(added)) from.set(name, each);
          from.body = body;
          const read = parseMessage(Buffer.from(from.toString()), 'ignored');
          const isPlain =
            /^[\t\r\n\x20-\x7e]*$/.test(from.toString().split('\r\n\r\n')[0] ?? '') &&
            !JSON.stringify([own, added]).includes('\\n');
          if (!isPlain) return expect(value).toBeUndefined();
          const without =
            read.ok && read.value.headers.filter(({ key }) => key !== 'content-length');
          return expect(value).toEqual(read.ok && { ...read.value, headers: without });
        },
      ),
    );
  });

  test.each([
    ['a status that is none', { status: 42, reason: 'x', headers: {} }],
    ['a URI with a space', { method: 'INVITE', uri: 'sip:a b', headers: {} }],
    ['a header that is no word', { method: 'INVITE', uri: 'sip:a@b', headers: { 'a b': '1' } }],
    ['a head that is too long', { status: 200, reason: 'OK', headers: { a: 'x'.repeat(9_000) } }],
  ])('comes as text with %s', (_what, from) => {
    expect(messageFrom(from, {})).toBeUndefined();
  });
});
