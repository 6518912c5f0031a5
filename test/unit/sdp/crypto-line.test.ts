import { describe, expect, test } from '@jest/globals';
import {
  LIFETIME_PACKETS_MIN,
  readCryptoLine,
  readCryptoLines,
  writeCryptoLine,
} from '../../../src/sdp/crypto-line.ts';
import { answerStorageOffer, readStorageOffer } from '../../../src/sdp/storage-leg.ts';
import { sdpText } from '../../support/sdp-texts.ts';
import { srtpKey, SUITE_NAMES } from '../../support/srtp.ts';

const SUITE = 'AES_CM_128_HMAC_SHA1_80';
const base64 = (bytes: number): string => Buffer.alloc(bytes, 7).toString('base64');
const KEY = base64(30);
const fault = (line: string): string => {
  const read = readCryptoLine(line);
  return read.ok ? 'ok' : read.code;
};

test.each(SUITE_NAMES)('%s: written, then read', (suite) => {
  const line = { tag: '7', ...srtpKey(suite) };
  expect(readCryptoLine(writeCryptoLine(line))).toEqual({ ok: true, value: line });
});

describe('a crypto line', () => {
  test.each([
    ['as RFC 4568 has it', `a=crypto:1 ${SUITE} inline:PS1uQCVeeCFCanVmcjkpPywjNWhcYD0mXXtxaVBR`],
    ['a long lifetime', `a=crypto:1 ${SUITE} inline:${KEY}|2^31`],
    ['the longest, in full', `a=crypto:1 ${SUITE} inline:${KEY}|281474976710656`],
    ['hints', `a=crypto:1 ${SUITE} inline:${KEY} WSH=128 -FUTURE=1`],
    ['more space than needed', `a=crypto:1  ${SUITE}\tinline:${KEY} `],
    [
      'base64 without its padding',
      `a=crypto:1 AEAD_AES_128_GCM inline:${base64(28).replaceAll('=', '')}`,
    ],
  ])('%s', (_name, line) => {
    expect(fault(line)).toBe('ok');
  });

  test.each([
    ['suite', `a=crypto:1 AES_256_CM_HMAC_SHA1_80 inline:${base64(46)}`],
    ['suite', `a=crypto:1 NULL_HMAC_SHA1_80 inline:${KEY}`],
    ['suite', `a=crypto:1 toString inline:${KEY}`],
    ['key-length', `a=crypto:1 ${SUITE} inline:${base64(29)}`],
    ['key-length', `a=crypto:1 ${SUITE} inline:${base64(31)}`],
    ['key-length', `a=crypto:1 AEAD_AES_256_GCM inline:${base64(28)}`],
    ['lifetime', `a=crypto:1 ${SUITE} inline:${KEY}|2^30`],
    ['lifetime', `a=crypto:1 ${SUITE} inline:${KEY}|${LIFETIME_PACKETS_MIN - 1}`],
    ['ok', `a=crypto:1 ${SUITE} inline:${KEY}|${LIFETIME_PACKETS_MIN}`],
    ['mki', `a=crypto:1 ${SUITE} inline:${KEY}|1:4`],
    ['mki', `a=crypto:1 ${SUITE} inline:${KEY}|2^31|1:4`],
    ['mki', `a=crypto:1 ${SUITE} inline:${KEY}|2^31|1:1;inline:${KEY}|2^31|2:1`],
    ['session-parameter', `a=crypto:1 ${SUITE} inline:${KEY} UNENCRYPTED_SRTP`],
    ['session-parameter', `a=crypto:1 ${SUITE} inline:${KEY} WSH=64 UNAUTHENTICATED_SRTP`],
    ['session-parameter', `a=crypto:1 ${SUITE} inline:${KEY} KDR=1`],
    ['syntax', `a=crypto:1 ${SUITE} inline:${KEY}|forever`],
    ['syntax', `a=crypto:1 ${SUITE} inline:${KEY}|2^31|`],
    ['syntax', `a=crypto:1 ${SUITE} inline:!${KEY}`],
    ['syntax', `a=crypto:1 ${SUITE} uri:https://example.com`],
    ['syntax', `a=crypto:1 ${SUITE}`],
    ['syntax', `a=crypto:1234567890 ${SUITE} inline:${KEY}`],
    ['syntax', 'a=crypto:'],
  ])('%s: %s', (expected, line) => {
    expect(fault(line)).toBe(expected);
  });
});

describe('of several lines', () => {
  const good = `a=crypto:2 ${SUITE} inline:${KEY}`;
  const unknown = `a=crypto:1 F8_128_HMAC_SHA1_80 inline:${KEY}`;

  test('the first that can be used', () => {
    const text = sdpText('m=audio 4 RTP/SAVP 0', unknown, good, good.replace(':2', ':3'));
    expect(readCryptoLines(text)).toMatchObject({ ok: true, value: { tag: '2' } });
  });

  test('when none can: what is wrong with the first of a suite that we know', () => {
    const short = `a=crypto:2 ${SUITE} inline:${base64(3)}`;
    const text = sdpText('m=audio 4 RTP/SAVP 0', unknown, short, `${good}|1:1`);
    expect(readCryptoLines(text)).toMatchObject({ code: 'key-length' });
    expect(readCryptoLines(sdpText('m=audio 4 RTP/SAVP 0', unknown))).toMatchObject({
      code: 'suite',
    });
  });

  test('none at session level counts (RFC 4568 §4)', () => {
    expect(readCryptoLines(sdpText(good, 'm=audio 4 RTP/SAVP 0'))).toMatchObject({
      code: 'missing',
    });
  });
});

describe('a storage offer', () => {
  const line = `a=crypto:5 AEAD_AES_128_GCM inline:${base64(28)}`;

  test.each(['RTP/SAVP', 'RTP/SAVPF'])('with %s has a key, and our answer another', (protocol) => {
    const offer = readStorageOffer(sdpText(`m=audio 4 ${protocol} 0`, line), 'send');
    if (!offer.ok) throw new Error(offer.code);
    const [format] = offer.value.formats;
    if (format === undefined) throw new Error('no format');
    expect(offer.value.crypto).toMatchObject({ tag: '5', suite: 'AEAD_AES_128_GCM' });
    const crypto = { tag: '5', ...srtpKey('AEAD_AES_128_GCM') };
    const ports = { address: '192.0.2.1', rtp: 30_000, rtcp: 30_001 };
    const given = { format, ports, direction: 'recvonly', sessionId: '1', crypto } as const;
    const answer = answerStorageOffer(offer.value, given);
    expect(answer).toContain(`m=audio 30000 ${protocol} 0\r\n`);
    expect(answer).toContain(`\r\n${writeCryptoLine(crypto)}\r\n`);
    expect(answer.match(/a=crypto/g)).toHaveLength(1);
  });

  test('with a plain transport stays plain, whatever keys it names', () => {
    const offer = readStorageOffer(sdpText('m=audio 4 RTP/AVP 0', line), 'send');
    expect(offer).toMatchObject({ ok: true });
    expect(offer.ok && offer.value.crypto).toBe(undefined);
  });

  test('with a secured one and no key that can be used is refused', () => {
    const refusal = (...lines: readonly string[]): unknown =>
      readStorageOffer(sdpText('m=audio 4 RTP/SAVPF 0', ...lines), 'receive');
    expect(refusal('a=fingerprint:sha-256 AB:CD')).toMatchObject({ code: 'crypto', at: 'missing' });
    expect(refusal(`${line}|1:4`)).toMatchObject({ code: 'crypto', at: 'mki' });
  });
});
