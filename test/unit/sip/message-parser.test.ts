import { describe, expect, test } from '@jest/globals';
import type { SipMessage } from '../../../src/sip/message.ts';
import { HEAD_BYTES_MAX, HEADERS_MAX, parseMessage } from '../../../src/sip/message-parser.ts';
import { writeMessage } from '../../../src/sip/message-writer.ts';
import { INVITE, INVITE_ODD, MESSAGES, RESPONSE } from '../../support/sip-cases.ts';

const read = (text: string): SipMessage => {
  const parsed = parseMessage(Buffer.from(text, 'latin1'), 'honoured');
  if (!parsed.ok) throw new Error(parsed.code);
  return parsed.value;
};
const code = (text: string | Buffer, rule: 'honoured' | 'ignored' = 'honoured'): string => {
  const parsed = parseMessage(Buffer.from(text), rule);
  return parsed.ok ? 'ok' : parsed.code;
};

describe('a message', () => {
  test.each(MESSAGES)('is the same read and written %#', (text) => {
    const message = read(text);
    expect(read(writeMessage(message).toString('latin1'))).toEqual(message);
  });

  test('in compact form and folded means the same', () => {
    const plain = read(INVITE);
    const odd = read(INVITE_ODD);
    const squeezed = (message: SipMessage): string[] =>
      message.headers.map(({ name, value }) => `${name}:${value.replaceAll(/\s+;?/g, ' ')}`);
    expect(squeezed(odd).map((line) => line.replace(' branch', ';branch'))).toEqual(
      squeezed(plain),
    );
  });

  test('keeps bytes that are not UTF-8', () => {
    const bytes = Buffer.concat([
      Buffer.from('MESSAGE sip:a@b SIP/2.0\r\nSubject: '),
      Buffer.from([0xff, 0xe9]),
      Buffer.from('\r\nContent-Length: 3\r\n\r\n'),
      Buffer.from([0, 0x80, 0xff]),
    ]);
    const parsed = parseMessage(bytes, 'honoured');
    expect(parsed.ok && writeMessage(parsed.value)).toEqual(bytes);
  });

  test('keeps a reason with spaces, and none at all', () => {
    expect(read(RESPONSE.replace('200 OK', '486 Busy  Here'))).toMatchObject({
      reason: 'Busy  Here',
    });
    expect(read(RESPONSE.replace('200 OK', '200 '))).toMatchObject({ reason: '' });
    expect(read(RESPONSE.replace('200 OK', '200'))).toMatchObject({ reason: '', status: 200 });
  });
});

describe('Content-Length', () => {
  test('cuts what follows the body in a datagram', () => {
    expect(read(`${INVITE}surplus`).body.toString()).toBe('v=0\r\n');
  });

  test('may be missing in a datagram: the body is the rest', () => {
    expect(read(INVITE.replace('Content-Length: 5\r\n', '')).body).toHaveLength(5);
  });

  test('is ignored in what drachtio-srf sends, for it counts UTF-16 units', () => {
    const text = INVITE.replace('Content-Length: 5', 'Content-Length: 99999');
    expect(code(text, 'ignored')).toBe('ok');
  });

  test.each([
    ['6', 'body-short'],
    ['-1', 'bad-content-length'],
    ['5x', 'bad-content-length'],
    ['99999999999', 'bad-content-length'],
    ['5\r\nl: 5', 'bad-content-length'],
  ])('of %j is %s', (value, fault) => {
    expect(code(INVITE.replace('Content-Length: 5', `Content-Length: ${value}`))).toBe(fault);
  });
});

describe('refuses', () => {
  test.each([
    ['', 'no-header-end'],
    ['\r\n\r\n', 'bad-start-line'],
    ['INVITE sip:a@b SIP/2.0\r\n', 'no-header-end'],
    ['INVITE\r\n\r\n', 'bad-start-line'],
    ['INVITE sip:a@b\r\n\r\n', 'bad-start-line'],
    ['INVITE  sip:a@b SIP/2.0\r\n\r\n', 'bad-start-line'],
    ['INVITE sip:a b@c SIP/2.0\r\n\r\n', 'bad-start-line'],
    ['INVITE <sip:a@b> SIP/2.0\r\n\r\n', 'bad-start-line'],
    ['IN(VITE sip:a@b SIP/2.0\r\n\r\n', 'bad-start-line'],
    ['INVITE sip:a@b HTTP/1.1\r\n\r\n', 'bad-start-line'],
    ['SIP/2.0 99 Low\r\n\r\n', 'bad-start-line'],
    ['SIP/2.0 700 High\r\n\r\n', 'bad-start-line'],
    ['SIP/2.0 2000 Long\r\n\r\n', 'bad-start-line'],
    ['SIP/2.0 +20 Sign\r\n\r\n', 'bad-start-line'],
    ['A b SIP/2.0\r\nnocolon\r\n\r\n', 'bad-header'],
    ['A b SIP/2.0\r\n: noname\r\n\r\n', 'bad-header'],
    ['A b SIP/2.0\r\nbad name: x\r\n\r\n', 'bad-header'],
    ['A b SIP/2.0\r\nX: a\nY: b\r\n\r\n', 'bad-line-end'],
    ['A b SIP/2.0\r\nX: a\rY: b\r\n\r\n', 'bad-line-end'],
    ['A b SIP/2.0\r\nX: a\0b\r\n\r\n', 'bad-line-end'],
    ['A b SIP/2.0\r\nX: "\\\0"\r\n\r\n', 'ok'],
  ])('%j as %s', (text, fault) => {
    expect(code(text)).toBe(fault);
  });
});

describe('limits', () => {
  const withHeaders = (count: number): string => `A b SIP/2.0\r\n${'X: y\r\n'.repeat(count)}\r\n`;
  const withHead = (bytes: number): string => {
    const start = 'A b SIP/2.0\r\nX: ';
    return `${start}${'y'.repeat(bytes - start.length)}\r\n\r\n`;
  };

  test('header lines', () => {
    expect(code(withHeaders(HEADERS_MAX))).toBe('ok');
    expect(code(withHeaders(HEADERS_MAX + 1))).toBe('too-many-headers');
  });

  test('bytes of the head', () => {
    expect(code(withHead(HEAD_BYTES_MAX))).toBe('ok');
    expect(code(withHead(HEAD_BYTES_MAX + 1))).toBe('head-too-long');
  });
});
