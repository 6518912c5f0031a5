import { describe, expect, test } from '@jest/globals';
import { HEAD_BYTES_MAX } from '../../../src/sip/message-parser.ts';
import { salvage } from '../../../src/sip/salvage.ts';

const LINES = [
  'OPTIONS sip:a@b SIP/2.0',
  'Via: SIP/2.0/UDP x;branch=z9hG4bK1',
  'From: <sip:a@b>;tag=f',
  'To: <sip:c@d>',
  'Call-ID: i',
  'CSeq: 1 OPTIONS',
];
const text = (lines: readonly string[], end = '\r\n'): string => lines.join(end) + end + end;
const saved = (message: string): string | undefined =>
  salvage(Buffer.from(message, 'latin1'))
    ?.headers.map(({ name, value }) => `${name}: ${value}`)
    .join('\n');
const whole = LINES.slice(1).join('\n');

describe('of a request that can’t be read, an answer needs', () => {
  test.each([
    ['a line without a colon', text([...LINES, 'no colon'])],
    ['a name that is none', text([...LINES, 'bad name: x'])],
    ['no empty line', LINES.join('\r\n')],
    ['lines that end in LF', text(LINES, '\n')],
    ['lines that end in CR', text(LINES, '\r')],
    ['a start line with spaces', text(['OPTIONS  sip:a@b  SIP/2.0 ', ...LINES.slice(1)])],
    ['only a method', text(['OPTIONS', ...LINES.slice(1)])],
    ['other headers, and a body', `${text([...LINES, 'Subject: x'])}Via: body`],
    ['compact and folded headers', text(LINES).replace('Via: ', 'v\t:\r\n ')],
    ['a NUL elsewhere', text([...LINES, 'X: \0'])],
  ])('its five headers: %s', (_, message) => {
    expect(saved(message)?.replaceAll('  ', ' ')).toBe(whole);
  });

  test.each([1, 2, 3, 4, 5])('all of them: not without line %i', (missing) => {
    expect(saved(text(LINES.toSpliced(missing, 1)))).toBeUndefined();
  });

  test.each([2, 3, 4, 5])('each once: not with line %i twice', (twice) => {
    expect(saved(text([...LINES, LINES[twice] ?? '']))).toBeUndefined();
  });

  test('all Vias', () => {
    const more = 'Via: SIP/2.0/UDP y;branch=z9hG4bK0';
    expect(saved(text([...LINES, more]))).toBe(`${whole}\n${more}`);
  });

  test.each([
    ['a response', text(['SIP/2.0 2000 OK', ...LINES.slice(1)])],
    ['an ACK', text(['ACK  sip:a@b SIP/2.0', ...LINES.slice(1)])],
    ['an ACK by its CSeq', text(LINES).replace('1 OPTIONS', '1 ACK')],
    ['no word at the start', text(['"', ...LINES.slice(1)])],
    ['a Via that is none', text(LINES).replace('SIP/2.0/UDP x', 'x')],
    ['a NUL in one of them', text(LINES).replace('<sip:c@d>', '<sip:c\0@d>')],
    ['nothing', ''],
  ])('is not to be given to %s', (_, message) => {
    expect(saved(message)).toBeUndefined();
  });
});

test('no line that ends behind HEAD_BYTES_MAX counts', () => {
  /** The last line ends, without its CRLF, at that byte. */
  const padded = (end: number): string => {
    const before = `${LINES.slice(0, 2).join('\r\n')}\r\nX: `;
    const after = `\r\n${LINES.slice(2).join('\r\n')}`;
    return `${before}${'y'.repeat(end - before.length - after.length)}${after}\r\n\r\n`;
  };
  expect(saved(padded(HEAD_BYTES_MAX - 1))).toBe(whole);
  expect(saved(padded(HEAD_BYTES_MAX))).toBeUndefined();
});
