import { describe, expect, test } from '@jest/globals';
import {
  MESSAGE_BYTES_MAX,
  MessageFramer,
  messageInDatagram,
} from '../../../sip-scripts/signalling/message-framing.ts';

const message = (body: string): string => {
  const length = Buffer.byteLength(body);
  return `INFO sip:a@b SIP/2.0\r\nCall-ID: 1\r\nContent-Length: ${length}\r\n\r\n${body}`;
};

describe('SIP over TCP is cut by Content-Length (RFC 3261 §18.3)', () => {
  const first = message('{"name":"café ☕"}');
  const second = message('');
  const stream = Buffer.from(first + second);

  test('messages joined in one chunk come apart', () => {
    expect(new MessageFramer().push(stream)).toEqual([first, second]);
  });

  test('a message split at any byte is put together, also inside a character', () => {
    for (let at = 0; at <= stream.length; at++) {
      const framer = new MessageFramer();
      const messages = [
        ...framer.push(stream.subarray(0, at)),
        ...framer.push(stream.subarray(at)),
      ];
      expect(messages).toEqual([first, second]);
    }
  });

  test('keep-alives between messages are skipped', () => {
    const framer = new MessageFramer();
    expect(framer.push(Buffer.from(`\r\n\r\n${second}\r\n\r\n${second}`))).toEqual([
      second,
      second,
    ]);
  });

  test('a compact Content-Length counts, a missing one is 0', () => {
    const compact = 'INFO sip:a@b SIP/2.0\r\nl: 2\r\n\r\nhi';
    const none = 'INFO sip:a@b SIP/2.0\r\ni: 1\r\n\r\n';
    expect(new MessageFramer().push(Buffer.from(compact + none))).toEqual([compact, none]);
  });

  test('a message at the limit passes; one byte more ends the stream', () => {
    const head = `INFO sip:a@b SIP/2.0\r\nContent-Length: 00000\r\n\r\n`.length;
    const sized = (size: number): Buffer => {
      const length = String(size - head).padStart(5, '0');
      return Buffer.from(
        `INFO sip:a@b SIP/2.0\r\nContent-Length: ${length}\r\n\r\n${'x'.repeat(size - head)}`,
      );
    };
    expect(new MessageFramer().push(sized(MESSAGE_BYTES_MAX))).toHaveLength(1);
    expect(() => new MessageFramer().push(sized(MESSAGE_BYTES_MAX + 1))).toThrow(RangeError);
  });

  test('a head without an end is not collected for ever', () => {
    const framer = new MessageFramer();
    expect(framer.push(Buffer.alloc(MESSAGE_BYTES_MAX, 'x'))).toEqual([]);
    expect(() => framer.push(Buffer.from('x'))).toThrow(RangeError);
  });
});

describe('a datagram holds one message', () => {
  test('bytes after Content-Length are discarded, a short one is no message', () => {
    const whole = message('ü');
    expect(messageInDatagram(Buffer.from(`${whole}tail`))).toBe(whole);
    expect(messageInDatagram(Buffer.from(whole).subarray(0, -1))).toBeUndefined();
    expect(messageInDatagram(Buffer.from('\r\n\r\n'))).toBe('\r\n\r\n');
    expect(messageInDatagram(Buffer.from('junk'))).toBeUndefined();
  });
});
