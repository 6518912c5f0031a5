import { describe, expect, test } from '@jest/globals';
import { HEAD_BYTES_MAX, MESSAGE_BYTES_MAX } from '../../../src/sip/message-parser.ts';
import { StreamFramer, type Framed } from '../../../src/sip/stream-framer.ts';
import { FrameReader, writeFrame } from '../../../src/sip/wire-frame.ts';

const framed = (text: string): readonly Framed[] => new StreamFramer().push(Buffer.from(text));
const why = (text: string): string =>
  framed(text)
    .map((each) => (each.kind === 'broken' ? each.why : each.kind))
    .join(' ');

describe('a stream of SIP', () => {
  const head = 'OPTIONS sip:a@b SIP/2.0\r\n';

  test.each([
    ['\r\n', ''],
    ['\r\n\r\n', 'ping'],
    ['\r\n\r', ''],
    ['\r\n\r\n\r\n\r\n', 'ping ping'],
    [`\r\n${head}l:0\r\n\r\n`, 'message'],
    [`${head}Content-Length: 2\r\n\r\nhi\r\n\r\n`, 'message ping'],
    [`${head}CONTENT-LENGTH\t: 0 \r\n\r\n`, 'message'],
    [`${head}Content-Length: 2\r\n\r\nh`, ''],
    [`${head}X: y\r\n\r\n`, 'no-length'],
    [`${head}Content-Length: x\r\n\r\n`, 'no-length'],
    [`${head}X: Content-Length: 2\r\n\r\n`, 'no-length'],
    [`${head}l: 2\r\nContent-Length: 0\r\n\r\nhi`, 'no-length'],
    [`${head}l: 0\r\nContent-Length: 0\r\n\r\n`, 'no-length'],
    ['\rX', 'no-length'],
  ])('%j holds: %s', (text, kinds) => {
    expect(why(text)).toBe(kinds);
  });

  test('limits the head', () => {
    const start = `${head}Content-Length: 0\r\nX: `;
    const withHead = (bytes: number): string =>
      `${start}${'y'.repeat(bytes - start.length)}\r\n\r\n`;
    expect(why(withHead(HEAD_BYTES_MAX))).toBe('message');
    expect(why(withHead(HEAD_BYTES_MAX + 1))).toBe('head-too-long');
    expect(why('y'.repeat(HEAD_BYTES_MAX + 4))).toBe('');
    expect(why('y'.repeat(HEAD_BYTES_MAX + 5))).toBe('head-too-long');
  });

  test('limits the message', () => {
    const start = (body: number): string => `${head}Content-Length: ${body}\r\n\r\n`;
    const room = MESSAGE_BYTES_MAX - start(60_000).length;
    expect(why(start(room))).toBe('');
    expect(why(start(room + 1))).toBe('message-too-long');
    expect(why(start(9_999_999_999))).toBe('message-too-long');
  });

  test('reads nothing after a break', () => {
    const framer = new StreamFramer();
    framer.push(Buffer.from(`${head}\r\n`));
    expect(framer.push(Buffer.from(`${head}l: 0\r\n\r\n`))).toEqual([]);
  });
});

describe('frames', () => {
  const read = (text: string): { frames: number; broken: boolean } => {
    const reader = new FrameReader();
    return { frames: reader.push(Buffer.from(text)).length, broken: reader.broken };
  };

  test('count bytes, not characters', () => {
    const [frame] = new FrameReader().push(Buffer.from('9#1|x\r\n\u00fc\u00fc'));
    expect(frame?.message?.toString()).toBe('üü');
    expect(writeFrame(['1', 'x'], Buffer.from('üü')).toString()).toBe('9#1|x\r\nüü');
  });

  test('keep empty tokens', () => {
    const [frame] = new FrameReader().push(writeFrame(['1', '', '', 'x', '']));
    expect(frame).toEqual({ tokens: ['1', '', '', 'x', ''], message: undefined });
  });

  test.each([
    ['3#abc', 1, false],
    ['3#ab', 0, false],
    ['99999#x', 0, false],
    ['100000#x', 0, true],
    ['123456', 0, true],
    ['12345', 0, false],
    ['#x', 0, true],
    ['-1#x', 0, true],
    ['1x#', 0, true],
    ['0#0#', 2, false],
  ])('%j: %i frames, broken %s', (text, frames, broken) => {
    expect(read(text)).toEqual({ frames, broken });
  });
});
