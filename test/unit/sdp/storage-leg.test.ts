import { describe, expect, test } from '@jest/globals';
import { answerStorageOffer, formatNamed, readStorageOffer } from '../../../src/sdp/storage-leg.ts';
import type { StorageOffer } from '../../../src/sdp/storage-leg.ts';
import { fileOffer, sdpText } from '../../support/sdp-texts.ts';

const offerOf = (...lines: readonly string[]): StorageOffer => {
  const offer = readStorageOffer(sdpText(...lines), 'send');
  if (!offer.ok) throw new Error(`${offer.code} ${offer.at}`);
  return offer.value;
};

const formats = (...lines: readonly string[]): unknown => offerOf(...lines).formats;

describe('the formats of an offer', () => {
  test('in the offerer’s order, static ones without rtpmap, dynamic ones with', () => {
    expect(
      formats(
        'm=audio 4000 RTP/AVP 96 8 0',
        'a=rtpmap:96 opus/48000/2',
        'a=fmtp:96 useinbandfec=1',
      ),
    ).toEqual([
      {
        payloadType: 96,
        encoding: 'opus',
        clockRate: 48_000,
        channels: 2,
        parameters: 'useinbandfec=1',
      },
      { payloadType: 8, encoding: 'PCMA', clockRate: 8_000, channels: 1 },
      { payloadType: 0, encoding: 'PCMU', clockRate: 8_000, channels: 1 },
    ]);
  });

  test('one payload type alone, which sdp-transform reads as a number', () => {
    expect(formats('m=audio 4000 RTP/AVP 0')).toHaveLength(1);
  });

  test('an encoding and parameters that look like numbers are texts', () => {
    expect(formats('m=audio 4000 RTP/AVP 96', 'a=rtpmap:96 123/8000', 'a=fmtp:96 16')).toEqual([
      { payloadType: 96, encoding: '123', clockRate: 8_000, channels: 1, parameters: '16' },
    ]);
  });

  test.each<[string, readonly string[]]>([
    ['dynamic without rtpmap', ['m=audio 4000 RTP/AVP 96']],
    ['payload type over 127', ['m=audio 4000 RTP/AVP 128', 'a=rtpmap:128 x/8000']],
    ['not a payload type', ['m=audio 4000 RTP/AVP x -1 1e2']],
    ['none', ['m=audio 4000 RTP/AVP']],
    ['no clock', ['m=audio 4000 RTP/AVP 96', 'a=rtpmap:96 x']],
    ['a clock of nothing', ['m=audio 4000 RTP/AVP 96', 'a=rtpmap:96 x/0']],
    ['a clock faster than a timestamp', ['m=audio 4000 RTP/AVP 96', 'a=rtpmap:96 x/4294967296']],
    ['channels that are no number', ['m=audio 4000 RTP/AVP 96', 'a=rtpmap:96 x/8000/many']],
    ['256 channels', ['m=audio 4000 RTP/AVP 96', 'a=rtpmap:96 x/8000/256']],
    [
      'an encoding of 128 characters',
      ['m=audio 4000 RTP/AVP 96', `a=rtpmap:96 ${'x'.repeat(128)}/8000`],
    ],
    [
      'parameters of 1,025 characters',
      ['m=audio 4000 RTP/AVP 96', 'a=rtpmap:96 x/8000', `a=fmtp:96 ${'x'.repeat(1_025)}`],
    ],
    ['parameters with control characters', ['m=audio 4000 RTP/AVP 0', 'a=fmtp:0 a\u0001b']],
  ])('%s: not usable', (_name, lines) => {
    expect(formats(...lines)).toEqual([]);
  });

  test('255 channels, and 127 and 1,024 characters, are', () => {
    const encoding = 'x'.repeat(127);
    const parameters = 'y'.repeat(1_024);
    expect(
      formats(
        'm=audio 4000 RTP/AVP 96',
        `a=rtpmap:96 ${encoding}/4294967295/255`,
        `a=fmtp:96 ${parameters}`,
      ),
    ).toEqual([{ payloadType: 96, encoding, clockRate: 4_294_967_295, channels: 255, parameters }]);
  });

  test('are found by name without case, the first of them', () => {
    const offer = offerOf(
      'm=audio 4000 RTP/AVP 97 98',
      'a=rtpmap:97 VP8/90000',
      'a=rtpmap:98 vp8/90000',
    );
    expect(formatNamed(offer, 'vP8')?.payloadType).toBe(97);
    expect(formatNamed(offer, 'VP9')).toBeUndefined();
  });
});

describe('an offer is refused', () => {
  test.each<[string, string, unknown]>([
    ['not SDP', 'hello', { code: 'not-sdp', at: 'not-sdp' }],
    ['no line', sdpText(), { code: 'one-media-line' }],
    [
      'two lines',
      sdpText('m=audio 1 RTP/AVP 0', 'm=audio 3 RTP/AVP 0'),
      { code: 'one-media-line' },
    ],
    ['not a media type', sdpText('m=x 1 RTP/AVP 0'), { code: 'not-sdp', at: 'm' }],
    ['secured without a key', sdpText('m=audio 1 RTP/SAVP 0'), { code: 'crypto', at: 'missing' }],
    [
      'secured by DTLS',
      sdpText('m=audio 1 UDP/TLS/RTP/SAVP 0'),
      { code: 'transport', at: 'UDP/TLS/RTP/SAVP' },
    ],
    ['rejected by itself', sdpText('m=audio 0 RTP/AVP 0'), { code: 'address' }],
    [
      'receiving only',
      sdpText('m=audio 4 RTP/AVP 0', 'a=recvonly'),
      { code: 'direction', at: 'recvonly' },
    ],
    [
      'inactive',
      sdpText('m=audio 4 RTP/AVP 0', 'a=inactive'),
      { code: 'direction', at: 'inactive' },
    ],
  ])('%s', (_name, text, expected) => {
    expect(readStorageOffer(text, 'send')).toMatchObject({ ok: false, ...(expected as object) });
  });

  test('by a receiver that only sends', () => {
    expect(readStorageOffer(fileOffer('sendonly'), 'receive').ok).toBe(false);
    expect(readStorageOffer(fileOffer('recvonly'), 'receive').ok).toBe(true);
  });
});

describe('our answer', () => {
  const ports = { address: '192.0.2.1', rtp: 30_000, rtcp: 30_001 };

  test('has one line, the one format, our ports and our direction', () => {
    const offer = offerOf(
      'm=video 4000 RTP/AVPF 96 97',
      'a=rtpmap:96 VP8/90000',
      'a=rtpmap:97 opus/48000/2',
      'a=fmtp:97 stereo=1',
    );
    const format = formatNamed(offer, 'opus');
    if (format === undefined) throw new Error('no opus');
    const answer = answerStorageOffer(offer, {
      format,
      ports,
      direction: 'recvonly',
      sessionId: '7',
    });
    expect(answer.split('\r\n')).toEqual([
      'v=0',
      'o=midcall 7 1 IN IP4 192.0.2.1',
      's=midcall',
      't=0 0',
      'm=video 30000 RTP/AVPF 97',
      'c=IN IP4 192.0.2.1',
      'a=rtpmap:97 opus/48000/2',
      'a=fmtp:97 stereo=1',
      'a=rtcp:30001',
      'a=recvonly',
      '',
    ]);
  });

  test.each([
    ['a=rtcp-fb:* nack', true],
    ['a=rtcp-fb:96 nack', true],
    ['a=rtcp-fb:* nack pli', false],
  ])('with %s, requests for lost packets are agreed on: %p', (line, isAgreed) => {
    const offer = offerOf('m=video 4000 RTP/AVPF 96', 'a=rtpmap:96 VP8/90000', line);
    const [format] = offer.formats;
    if (format === undefined) throw new Error('no format');
    const answer = answerStorageOffer(offer, {
      format,
      ports,
      direction: 'recvonly',
      sessionId: '7',
    });
    expect(answer.includes('a=rtcp-fb:96 nack\r\n')).toBe(isAgreed);
    expect(offer.nack).toBe(isAgreed ? true : undefined);
  });

  test('agrees to RTCP on the RTP port when it was offered (RFC 5761)', () => {
    const offer = offerOf('m=audio 4000 RTP/AVP 8', 'a=rtcp:4001', 'a=rtcp-mux');
    expect(offer.muxed).toBe(true);
    expect(offer.remote.rtcp).toEqual(offer.remote.rtp);
    const [format] = offer.formats;
    if (format === undefined) throw new Error('no format');
    const terms = { format, ports, direction: 'recvonly', sessionId: '1' } as const;
    const lines = answerStorageOffer(offer, terms).split('\r\n');
    expect(lines).toEqual(expect.arrayContaining(['a=rtcp:30000', 'a=rtcp-mux']));
  });

  test.each([
    [63, true],
    [64, undefined],
    [95, undefined],
    [96, true],
  ])('to a format with payload type %d: %p', (payloadType, muxed) => {
    const offer = offerOf(
      `m=audio 4000 RTP/AVP 8 ${payloadType}`,
      `a=rtpmap:${payloadType} L16/8000`,
      'a=rtcp-mux',
    );
    expect(offer.muxed).toBe(muxed);
    expect(offer.remote.rtcp.port).toBe(muxed === true ? 4_000 : 4_001);
  });

  test('can be read by who offered', () => {
    const offer = offerOf('m=audio 4000 RTP/AVP 8');
    const [format] = offer.formats;
    if (format === undefined) throw new Error('no format');
    const v6 = { ...ports, address: '2001:db8::1' };
    const answer = answerStorageOffer(offer, {
      format,
      ports: v6,
      direction: 'sendonly',
      sessionId: '1',
    });
    expect(answer).toContain('c=IN IP6 2001:db8::1\r\n');
    const read = readStorageOffer(answer, 'send');
    expect(read).toMatchObject({
      ok: true,
      value: {
        remote: {
          rtp: { address: '2001:db8::1', port: 30_000 },
          rtcp: { address: '2001:db8::1', port: 30_001 },
        },
        formats: [format],
      },
    });
  });
});
