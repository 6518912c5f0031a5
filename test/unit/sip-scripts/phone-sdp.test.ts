import { describe, expect, test } from '@jest/globals';
import {
  answerDirection,
  readSdp,
  writeSdp,
  type Direction,
} from '../../../sip-scripts/signalling/phone-sdp.ts';
import { VoiceLine, type VoiceTerms } from '../../../sip-scripts/signalling/voice-line.ts';

describe('SDP of a phone', () => {
  test('a line for a file, as the protocol has it (docs/in-call-protocol.md §5)', () => {
    const line = { kind: 'file', rtpPort: 4_000, rtcpPort: 4_001, direction: 'sendonly' } as const;
    const sdp = writeSdp({ address: '127.0.0.1', sessionId: 1, version: 1, lines: [line] });
    expect(sdp).toContain('m=application 4000 RTP/AVPF 96\r\n');
    expect(sdp).toContain('a=rtpmap:96 octet-stream/90000\r\n');
    expect(readSdp(sdp)).toEqual([
      {
        media: 'application',
        profile: 'RTP/AVPF',
        formats: '96',
        payloadType: 96,
        encoding: 'OCTET-STREAM',
        direction: 'sendonly',
        remote: {
          rtp: { address: '127.0.0.1', port: 4_000 },
          rtcp: { address: '127.0.0.1', port: 4_001 },
        },
      },
    ]);
  });

  test('RTCP goes to the next port, to a=rtcp, or with rtcp-mux to the same', () => {
    const sdp = (more: string): string =>
      `v=0\r\no=- 1 1 IN IP4 192.0.2.1\r\ns=-\r\nc=IN IP4 192.0.2.1\r\nt=0 0\r\nm=audio 4000 RTP/AVP 0\r\n${more}`;
    const rtcp = (more: string): unknown => readSdp(sdp(more))[0]?.remote?.rtcp;
    expect(rtcp('')).toEqual({ address: '192.0.2.1', port: 4_001 });
    expect(rtcp('a=rtcp:5000\r\n')).toEqual({ address: '192.0.2.1', port: 5_000 });
    expect(rtcp('a=rtcp-mux\r\n')).toEqual({ address: '192.0.2.1', port: 4_000 });
  });

  test.each<[Direction, Direction, Direction]>([
    ['sendrecv', 'sendrecv', 'sendrecv'],
    ['sendonly', 'sendrecv', 'recvonly'],
    ['recvonly', 'sendrecv', 'sendonly'],
    ['inactive', 'sendrecv', 'inactive'],
    ['sendonly', 'sendonly', 'inactive'],
    ['sendrecv', 'recvonly', 'recvonly'],
  ])('offered %s to one who wants %s: %s (RFC 3264 §6.1)', (offered, wanted, answered) => {
    expect(answerDirection(offered, wanted)).toBe(answered);
  });
});

describe('offer and answer of a voice line', () => {
  const line = (): { line: VoiceLine; terms: VoiceTerms[] } => {
    const terms: VoiceTerms[] = [];
    const ports = { rtpPort: 4_000, rtcpPort: 4_001 };
    const options = {
      address: '127.0.0.1',
      sessionId: 7,
      agreed: (t: VoiceTerms) => terms.push(t),
    };
    return { line: new VoiceLine({ ...ports, ...options }), terms };
  };

  test('an offer and its answer agree; versions grow', () => {
    const a = line();
    const b = line();
    b.line.hear(a.line.describe());
    a.line.hear(b.line.describe());
    expect(a.terms).toMatchObject([{ sends: true, receives: true }]);
    expect(b.terms).toMatchObject([{ sends: true, receives: true }]);
    a.line.want('sendonly');
    const offer = a.line.describe();
    expect(offer).toContain('o=- 7 2 ');
    b.line.hear(offer);
    a.line.hear(b.line.describe());
    expect(a.terms[1]).toMatchObject({ sends: true, receives: false });
    expect(b.terms[1]).toMatchObject({ sends: false, receives: true });
  });

  test('a video line is refused, and stays refused in later offers', () => {
    const b = line();
    const offer = `${line().line.describe()}m=video 5000 RTP/AVP 97\r\na=rtpmap:97 VP8/90000\r\n`;
    b.line.hear(offer);
    expect(b.line.describe()).toContain('m=video 0 RTP/AVP 97\r\n');
    expect(b.line.describe()).toContain('m=video 0 RTP/AVP 97\r\n');
  });

  test('an offer without voice is refused', () => {
    expect(() => line().line.hear('v=0\r\no=- 1 1 IN IP4 a\r\ns=-\r\nt=0 0\r\n')).toThrow();
  });

  test('a refused offer leaves the direction as it was', () => {
    const a = line();
    const b = line();
    b.line.hear(a.line.describe());
    a.line.hear(b.line.describe());
    a.line.want('inactive');
    a.line.describe();
    a.line.rollBack();
    expect(a.line.describe()).toContain('a=sendrecv\r\n');
  });
});
