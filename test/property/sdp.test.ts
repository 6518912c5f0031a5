import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { anchorSession } from '../../src/sdp/anchor.ts';
import { isRtpLine, parseSession, remoteOf } from '../../src/sdp/session.ts';
import { answerStorageOffer, readStorageOffer } from '../../src/sdp/storage-leg.ts';
import { anyText } from '../support/any-text.ts';
import { runs } from '../support/runs.ts';

const PORTS = { address: '192.0.2.1', rtp: 30_000, rtcp: 30_001 };

const hostileLine = fc.oneof(
  anyText({ maxLength: 20 }),
  fc
    .tuple(
      fc.constantFrom('m=', 'c=', 'a=', 'i=', 'b=', 'o=', 'a=rtpmap:', 'a=fmtp:', 'a=rtcp:'),
      fc.string(),
    )
    .map((pieces) => pieces.join('')),
  fc.constantFrom(
    'm=audio 4000 RTP/AVP 0',
    'm=audio 4000 RTP/AVP 96 97 128',
    'm=5 6 7 8',
    'm=',
    'm=audio',
    'c=IN IP4 198.51.100.7',
    'c=IN IP6 ::1',
    'c=IN IP4 5',
    'a=rtpmap:96 123/90000/abc',
    'a=rtpmap:96 opus/48000/2',
    'a=fmtp:96 16',
    'a=rtcp:',
    'a=rtcp:9 IN IP4 1.2.3.4',
    'a=candidate:1 1 UDP 1 1.2.3.4 5 typ host',
    'a=sendonly',
    'a=ice-lite',
    'a=group:BUNDLE 0 1',
  ),
);
const hostileSdp = fc
  .tuple(fc.array(hostileLine, { maxLength: 15 }), fc.constantFrom('\r\n', '\n', '\r'))
  .map(([lines, end]) => ['v=0', ...lines].join(end));

/** Lines of an SDP that names its addresses the ordinary way. */
const plainLine = fc.constantFrom(
  'i=title',
  'b=AS:64',
  'k=clear:x',
  'c=IN IP4 198.51.100.7',
  'a=rtcp:4001',
  'a=rtcp-mux',
  'a=sendrecv',
  'a=ptime:20',
  'a=rtpmap:96 opus/48000/2',
  'a=crypto:1 AES_CM_128_HMAC_SHA1_80 inline:abc',
  'a=candidate:1 1 UDP 1 198.51.100.7 4000 typ host',
  'a=ice-ufrag:x',
  'a=x-unheard-of',
);
const plainSection = fc
  .tuple(
    fc.constantFrom(
      'm=audio 4000 RTP/AVP 0 96',
      'm=video 4002/2 RTP/SAVPF 96',
      'm=audio 0 RTP/AVP 0',
      'm=message 2855 TCP/MSRP *',
    ),
    fc.array(plainLine, { maxLength: 6 }),
  )
  .map(([media, lines]) => [media, ...lines]);
const plainSdp = fc
  .array(plainSection, { minLength: 1, maxLength: 4 })
  .map((sections) =>
    ['v=0', 'o=- 1 1 IN IP4 198.51.100.7', 's=-', 't=0 0', ...sections.flat(), ''].join('\r\n'),
  );

/** Lines that name an address, or a way around ours. */
const NAMES_ADDRESS = /^(m=|c=|a=rtcp:|a=candidate|a=ice-)/;
const others = (text: string): readonly string[] =>
  text.split('\r\n').filter((line) => line !== '' && !NAMES_ADDRESS.test(line));

describe('hostile SDP', () => {
  test('is read or refused, and what is read can be asked everything', () => {
    fc.assert(
      fc.property(fc.oneof(hostileSdp, anyText()), (text) => {
        const session = parseSession(text);
        if (!session.ok) return;
        for (const line of session.value.lines) {
          isRtpLine(line);
          remoteOf(session.value, line);
        }
      }),
      { numRuns: runs(1_000) },
    );
  });

  test('is a storage offer or not, and what is one can be answered with each of its formats', () => {
    fc.assert(
      fc.property(
        hostileSdp,
        fc.constantFrom('send' as const, 'receive' as const),
        (text, wanted) => {
          const offer = readStorageOffer(text, wanted);
          if (!offer.ok) return;
          for (const format of offer.value.formats) {
            const answer = answerStorageOffer(offer.value, {
              format,
              ports: PORTS,
              direction: 'recvonly',
              sessionId: '1',
            });
            expect(Buffer.byteLength(answer)).toBeLessThan(1_600);
            expect(parseSession(answer).ok).toBe(true);
          }
        },
      ),
      { numRuns: runs(1_000) },
    );
  });

  test('has the same m-lines for who rewrites it as for who reads it', () => {
    fc.assert(
      fc.property(hostileSdp, (text) => {
        const session = parseSession(text);
        if (!session.ok) return;
        let asked = -1;
        anchorSession(text, (line) => {
          asked = Math.max(asked, line);
          return PORTS;
        });
        expect(asked + 1).toBe(session.value.lines.length);
      }),
      { numRuns: runs(1_000) },
    );
  });
});

describe('anchoring', () => {
  test('changes only what names an address', () => {
    fc.assert(
      fc.property(plainSdp, (text) => {
        const anchored = anchorSession(text, () => PORTS);
        expect(others(anchored).toSorted()).toEqual(others(text).toSorted());
      }),
    );
  });

  test('a second time changes nothing', () => {
    fc.assert(
      fc.property(fc.oneof(plainSdp, hostileSdp), (text) => {
        const once = anchorSession(text, () => PORTS);
        expect(anchorSession(once, () => PORTS)).toBe(once);
      }),
    );
  });

  test('makes every line that has a port point to us', () => {
    fc.assert(
      fc.property(plainSdp, (text) => {
        const session = parseSession(anchorSession(text, () => PORTS));
        if (!session.ok) throw new Error(session.code);
        for (const line of session.value.lines)
          if (line.port !== 0)
            expect(remoteOf(session.value, line)).toEqual({
              rtp: { address: PORTS.address, port: PORTS.rtp },
              rtcp: { address: PORTS.address, port: PORTS.rtcp },
            });
      }),
    );
  });
});
