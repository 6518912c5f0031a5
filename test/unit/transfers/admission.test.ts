import { describe, expect, test } from '@jest/globals';
import { MidcallError } from '../../../src/base/errors.ts';
import type { StoreRequest } from '../../../src/incall/commands.ts';
import { admit, admitSize, agreeToReceive, isAllowed } from '../../../src/transfers/admission.ts';
import { fileOffer, sdpText, voiceOffer } from '../../support/sdp-texts.ts';

const CAPACITY = 1_000;

const request = (with_: Partial<StoreRequest> = {}): StoreRequest => ({
  type: 'store-request',
  id: 'm1',
  transfer: 't1',
  token: 'x',
  format: 'image/jpeg',
  size: CAPACITY,
  sdp: fileOffer('sendonly'),
  ...with_,
});

const refuse = (said: StoreRequest, formats: readonly string[]): void => {
  admit(said, formats);
  admitSize(said, CAPACITY);
};

const refusal = (work: () => unknown): Readonly<Record<string, unknown>> => {
  try {
    work();
  } catch (error) {
    if (error instanceof MidcallError) return { code: error.code, ...error.facts };
    throw error;
  }
  throw new Error('was accepted');
};

describe('a store request is accepted', () => {
  test('for a file, in whatever media type, with its payload', () => {
    const { kind, format, offer } = admit(request(), ['image/*']);
    expect(kind).toBe('file');
    expect(format).toEqual({
      payloadType: 96,
      encoding: 'octet-stream',
      clockRate: 90_000,
      channels: 1,
    });
    expect(offer.remote.rtp).toEqual({ address: '198.51.100.7', port: 41_000 });
  });

  test('for a stream of a static payload type, without a size', () => {
    const { size: _none, ...live } = request({ format: 'audio/pcma', sdp: voiceOffer('sendonly') });
    const { kind, format } = admit(live, ['*']);
    expect(kind).toBe('media');
    expect(format).toMatchObject({ payloadType: 8, encoding: 'PCMA', clockRate: 8_000 });
  });

  test('for a stream of a dynamic payload type', () => {
    const sdp = voiceOffer('sendonly', 'speex');
    const { format } = admit(request({ format: 'audio/SPEEX', sdp }), ['*']);
    expect(format).toMatchObject({ payloadType: 97, encoding: 'speex' });
  });
});

describe('a store request is refused', () => {
  const withoutSize = (): StoreRequest => {
    const { size: _none, ...without } = request();
    return without;
  };
  test.each<[string, StoreRequest, readonly string[], Readonly<Record<string, unknown>>]>([
    ['format not on the list', request(), ['video/*'], { code: 'format-not-allowed' }],
    [
      'format not in the offer',
      request({ format: 'audio/opus', sdp: voiceOffer('sendonly') }),
      ['*'],
      { code: 'format-not-allowed' },
    ],
    ['a file without a size', withoutSize(), ['*'], { code: 'bad-request', field: 'size' }],
    [
      'one byte too many',
      request({ size: CAPACITY + 1 }),
      ['*'],
      { code: 'too-large', free: CAPACITY },
    ],
    ['not an sdp', request({ sdp: 'hello' }), ['*'], { code: 'bad-request', field: 'sdp' }],
    ['no media line', request({ sdp: sdpText() }), ['*'], { code: 'bad-request', field: 'sdp' }],
    [
      'the wrong direction',
      request({ sdp: fileOffer('recvonly') }),
      ['*'],
      { code: 'bad-request', field: 'sdp' },
    ],
    [
      'no address',
      request({ sdp: sdpText('m=application 9 RTP/AVPF 96', 'c=IN IP4 0.0.0.0') }),
      ['*'],
      { code: 'bad-request', field: 'sdp' },
    ],
    [
      'another transport',
      request({ sdp: sdpText('m=message 2855 TCP/MSRP *') }),
      ['*'],
      { code: 'transport-not-supported', field: 'sdp' },
    ],
  ])('%s', (_name, said, formats, expected) => {
    expect(refusal(() => refuse(said, formats))).toEqual(expected);
  });
});

describe('formats that are allowed', () => {
  test.each<[string, readonly string[], boolean]>([
    ['image/jpeg', ['*'], true],
    ['image/jpeg', ['image/*'], true],
    ['IMAGE/JPEG', ['image/jpeg'], true],
    ['image/jpeg', ['Image/JPEG'], true],
    ['image/jpeg', ['image/png', 'video/*'], false],
    ['image/jpeg', ['image/jpe'], false],
    ['image/jpeg', [], false],
  ])('%s on %j: %s', (format, formats, is) => {
    expect(isAllowed(format, formats)).toBe(is);
  });
});

describe('a receive request', () => {
  const stored = { payloadType: 96, encoding: 'octet-stream', clockRate: 90_000, channels: 1 };

  test('must take what was stored, under a payload type of its own', () => {
    const sdp = sdpText('m=application 5000 RTP/AVP 120', 'a=rtpmap:120 Octet-Stream/90000');
    expect(agreeToReceive(sdp, stored)).toMatchObject({
      kind: 'file',
      format: { payloadType: 120 },
    });
  });

  test('of another encoding or another clock is refused', () => {
    const slower = sdpText('m=application 5000 RTP/AVP 120', 'a=rtpmap:120 octet-stream/8000');
    expect(refusal(() => agreeToReceive(slower, stored))).toEqual({ code: 'format-not-allowed' });
    const voice = voiceOffer('recvonly');
    expect(refusal(() => agreeToReceive(voice, stored))).toEqual({ code: 'format-not-allowed' });
  });

  test('that would send is refused', () => {
    expect(refusal(() => agreeToReceive(fileOffer('sendonly'), stored))).toMatchObject({
      code: 'bad-request',
    });
  });
});
