import { describe, expect, test } from '@jest/globals';
import {
  MEDIA_LINES_MAX,
  SDP_BYTES_MAX,
  directionOf,
  isRtpLine,
  parseSession,
  remoteOf,
} from '../../../src/sdp/session.ts';
import type { MediaLine, Session } from '../../../src/sdp/session.ts';
import { sdpText } from '../../support/sdp-texts.ts';

const read = (...lines: readonly string[]): { session: Session; line: MediaLine } => {
  const session = parseSession(sdpText(...lines));
  if (!session.ok) throw new Error(session.code);
  const [line] = session.value.lines;
  if (line === undefined) throw new Error('no line');
  return { session: session.value, line };
};

const remote = (...lines: readonly string[]): unknown => {
  const { session, line } = read(...lines);
  return remoteOf(session, line);
};

describe('where a phone wants its packets', () => {
  test.each<[string, readonly string[], unknown]>([
    [
      'session-level address, RTCP one port up',
      ['m=audio 4000 RTP/AVP 0'],
      {
        rtp: { address: '198.51.100.7', port: 4_000 },
        rtcp: { address: '198.51.100.7', port: 4_001 },
      },
    ],
    [
      'the line’s own address',
      ['m=audio 4000 RTP/AVP 0', 'c=IN IP4 203.0.113.9'],
      {
        rtp: { address: '203.0.113.9', port: 4_000 },
        rtcp: { address: '203.0.113.9', port: 4_001 },
      },
    ],
    [
      'another RTCP port (RFC 3605)',
      ['m=audio 4000 RTP/AVP 0', 'a=rtcp:5005'],
      {
        rtp: { address: '198.51.100.7', port: 4_000 },
        rtcp: { address: '198.51.100.7', port: 5_005 },
      },
    ],
    [
      'another RTCP address too',
      ['m=audio 4000 RTP/AVP 0', 'a=rtcp:5005 IN IP4 203.0.113.9'],
      {
        rtp: { address: '198.51.100.7', port: 4_000 },
        rtcp: { address: '203.0.113.9', port: 5_005 },
      },
    ],
    [
      'IPv6',
      ['m=audio 4000 RTP/AVP 0', 'c=IN IP6 2001:db8::7'],
      {
        rtp: { address: '2001:db8::7', port: 4_000 },
        rtcp: { address: '2001:db8::7', port: 4_001 },
      },
    ],
    ['rejected', ['m=audio 0 RTP/AVP 0'], undefined],
    ['held the old way', ['m=audio 4000 RTP/AVP 0', 'c=IN IP4 0.0.0.0'], undefined],
    ['held in IPv6', ['m=audio 4000 RTP/AVP 0', 'c=IN IP6 ::'], undefined],
    [
      'a name, which is never resolved',
      ['m=audio 4000 RTP/AVP 0', 'c=IN IP4 a.example'],
      undefined,
    ],
    ['a number that is no address', ['m=audio 4000 RTP/AVP 0', 'c=IN IP4 7'], undefined],
    ['RTCP to a name', ['m=audio 4000 RTP/AVP 0', 'a=rtcp:5005 IN IP4 a.example'], undefined],
    ['a port that is none', ['m=audio 65536 RTP/AVP 0'], undefined],
    ['the last port has no next', ['m=audio 65535 RTP/AVP 0'], undefined],
  ])('%s', (_name, lines, expected) => {
    expect(remote(...lines)).toEqual(expected);
  });
});

test.each([
  ['RTP/AVP', true],
  ['RTP/AVPF', true],
  ['RTP/SAVP', true],
  ['RTP/SAVPF', true],
  ['UDP/TLS/RTP/SAVPF', true],
  ['TCP/MSRP', false],
  ['udptl', false],
  ['UDP/DTLS/SCTP', false],
  ['7', false],
])('%s is RTP over UDP: %s', (protocol, is) => {
  expect(isRtpLine(read(`m=audio 4000 ${protocol} 0`).line)).toBe(is);
});

test('a direction is the line’s, else the session’s, else both ways', () => {
  const direction = (...lines: readonly string[]): string => {
    const { session, line } = read(...lines);
    return directionOf(session, line);
  };
  expect(direction('a=sendonly', 'm=audio 1 RTP/AVP 0', 'a=inactive')).toBe('inactive');
  expect(direction('a=sendonly', 'm=audio 1 RTP/AVP 0')).toBe('sendonly');
  expect(direction('m=audio 1 RTP/AVP 0')).toBe('sendrecv');
});

describe('limits', () => {
  test('characters', () => {
    const padded = (length: number): string => {
      const start = sdpText('m=audio 1 RTP/AVP 0');
      return `${start}a=${'x'.repeat(length - start.length - 2)}`;
    };
    expect(parseSession(padded(SDP_BYTES_MAX)).ok).toBe(true);
    expect(parseSession(padded(SDP_BYTES_MAX + 1))).toEqual({ ok: false, code: 'too-long' });
  });

  test('media lines', () => {
    const lines = (count: number): string =>
      sdpText(...Array.from({ length: count }, () => 'm=audio 1 RTP/AVP 0'));
    expect(parseSession(lines(MEDIA_LINES_MAX)).ok).toBe(true);
    expect(parseSession(lines(MEDIA_LINES_MAX + 1))).toEqual({
      ok: false,
      code: 'too-many-media-lines',
    });
  });

  test.each(['', 'hello', 'm=audio 1 RTP/AVP 0', ' v=0'])('%j is not SDP', (text) => {
    expect(parseSession(text)).toEqual({ ok: false, code: 'not-sdp' });
  });
});
