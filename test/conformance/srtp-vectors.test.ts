import { describe, expect, test } from '@jest/globals';
import { CounterMode } from '../../src/rtp/srtp/counter-mode.ts';
import { IncomingSrtp } from '../../src/rtp/srtp/incoming-srtp.ts';
import { OutgoingSrtp } from '../../src/rtp/srtp/outgoing-srtp.ts';
import { PacketCut } from '../../src/rtp/srtp/packet-cut.ts';
import { derive, deriveSessionKeys } from '../../src/rtp/srtp/session-keys.ts';
import { SUITES, type SuiteName } from '../../src/rtp/srtp/suites.ts';
import { transformOf } from '../../src/rtp/srtp/transforms.ts';
import { hex, inSlab, toHex } from '../support/srtp.ts';

test('RFC 3711 B.2: the key stream of AES counter mode', () => {
  const key = hex('2B7E151628AED2A6ABF7158809CF4F3C');
  const salt = hex('F0F1F2F3F4F5F6F7F8F9FAFBFCFD');
  const body = new Uint8Array(48);
  new CounterMode(key, salt).apply(body, 0, 0);
  expect(toHex(body)).toBe(
    'e03ead0935c95e80e166b16dd92b4eb4d23513162b02d0f72a43a2fe4a5f97ab41e95b3bb0a2e8dd477901e4fca894c0',
  );
});

describe('RFC 3711 B.3: session keys', () => {
  const keySalt = hex('E1F97A0D3E018BE0D64FA32C06DE4139 0EC675AD498AFEEBB6960B3AABE6');
  const key = { suite: 'AES_CM_128_HMAC_SHA1_80', keySalt } as const;

  test('of SRTP', () => {
    const keys = deriveSessionKeys(key, 'rtp');
    expect(toHex(keys.cipher)).toBe('c61e7a93744f39ee10734afe3ff7a087');
    expect(toHex(keys.salt)).toBe('30cbbc08863d8c85d49db34a9ae1');
    expect(toHex(keys.auth)).toBe('cebe321f6ff7716b6fd4ab49af256a156d38baa4');
  });

  test('an authentication key of 94 bytes, over several blocks', () => {
    const master = { key: keySalt.subarray(0, 16), salt: keySalt.subarray(16) };
    expect(toHex(derive(master, 1, 94))).toBe(
      'cebe321f6ff7716b6fd4ab49af256a156d38baa48f0a0acf3c34e2359e6cdbce' +
        'e049646c43d9327ad175578ef72270986371c10c9a369ac2f94a8c5fbcdddc25' +
        '6d6e919a48b610ef17c2041e474035766b68642c59bbfc2f34db60dbdfb2',
    );
  });

  test('of SRTCP, with labels 3 to 5', () => {
    const keys = deriveSessionKeys(key, 'rtcp');
    expect(toHex(keys.cipher)).toBe('4c1aa45a81f73d61c800bbb00fbb1eaa');
    expect(toHex(keys.salt)).toBe('9581c7ad87b3e530bf3e4454a8b3');
    expect(toHex(keys.auth)).toBe('8d54534feb49ae8e7993a6bd0b844fc323a93dfd');
  });
});

const RTP =
  '8040f17b8041f8d35501a0b247616c6c696120657374206f6d6e69732064697669736120696e207061727465732074726573';
const RTCP =
  '81c8000d4d6172734e5450314e545032525450200000042a0000e9304c756e61deadbeefdeadbeefdeadbeefdeadbeefdeadbeef';

/** Session keys are given, and so is the index of SRTCP. */
describe('RFC 7714', () => {
  test.each<[string, SuiteName, 'rtp' | 'rtcp', string]>([
    [
      '§16.1.1 and §16.1.2',
      'AEAD_AES_128_GCM',
      'rtp',
      '8040f17b8041f8d35501a0b2f24de3a3fb34de6cacba861c9d7e4bcabe633bd50d294e6f42a5f47a51c7d19b36de3adf8833899d7f27beb16a9152cf765ee4390cce',
    ],
    [
      '§16.2.1 and §16.2.2',
      'AEAD_AES_256_GCM',
      'rtp',
      '8040f17b8041f8d35501a0b232b1de78a822fe12ef9f78fa332e33aab18012389a58e2f3b50b2a0276ffae0f1ba63799b87b7aa3db36dfffd6b0f9bb7878d7a76c13',
    ],
    [
      '§17.1',
      'AEAD_AES_128_GCM',
      'rtcp',
      '81c8000d4d61727363e94885dcdab67ca727d7662f6b7e997ff5c0f76c06f32dc676a5f1730d6fda4ce09b4686303ded0bb9275bc84aa45896cf4d2fc5abf87245d9eade800005d4',
    ],
    [
      '§17.2',
      'AEAD_AES_256_GCM',
      'rtcp',
      '81c8000d4d617273d50ae4d1f5ce5d304ba297e47d470c282c3ece5dbffe0a50a2eaa5c1110555be8415f658c61de0476f1b6fad1d1eb30c4446839f57ff6f6cb26ac3be800005d4',
    ],
  ])('%s: %s, %s', (_section, suite, protocol, expected) => {
    const plain = hex(protocol === 'rtp' ? RTP : RTCP);
    const cipher = Uint8Array.from({ length: SUITES[suite].keyBytes }, (_, at) => at);
    const salt = hex('517569642070726f2071756f');
    const transform = transformOf(SUITES[suite], protocol, { cipher, salt, auth: cipher });
    const { slab, start, end } = inSlab(plain);
    const cut = new PacketCut();
    const fields = { slab, start, end, body: start + (protocol === 'rtp' ? 12 : 8) };
    const ids =
      protocol === 'rtp'
        ? { ssrc: 0x5501_a0b2, index: 0xf17b }
        : { ssrc: 0x4d61_7273, index: 0x5d4 };
    Object.assign(cut, fields, ids);
    transform.seal(cut);
    expect(toHex(slab.subarray(start, end + transform.trailerBytes))).toBe(expected);
    expect(transform.open(cut)).toBe(true);
    expect(slab.subarray(start, end)).toEqual(plain);
  });

  test('§17.3: SRTCP that is only signed is refused, since we never agree to it', () => {
    const signed = hex(`${RTCP}841dd9683dd78ec92ae58790125f62b3000005d4`);
    const incoming = new IncomingSrtp({ suite: 'AEAD_AES_128_GCM', keySalt: new Uint8Array(28) });
    expect(incoming.unprotectRtcp(signed, 0, signed.length)).toBe('unauthentic');
  });
});

/** From master key to packet, as other implementations have them in their own tests; their SRTCP counts from 1. */
describe('whole packets of libsrtp and others', () => {
  const icm = 'e1f97a0d3e018be0d64fa32c06de4139 0ec675ad498afeebb6960b3aabe6';
  const gcm = '000102030405060708090a0b0c0d0e0f a0a1a2a3a4a5a6a7a8a9aaab';
  const gcm256 =
    '000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f a0a1a2a3a4a5a6a7a8a9aaab';
  const rtp = hex('800f1234decafbadcafebabe abababababababababababababababab');
  const rtcp = hex('81c8000bcafebabe abababababababababababababababab');

  test.each<[SuiteName, string, string]>([
    ['AES_CM_128_HMAC_SHA1_80', icm, '4e55dc4ce79978d88ca4d215949d2402 b78d6acc99ea179b8dbb'],
    ['AES_CM_128_HMAC_SHA1_32', icm, '4e55dc4ce79978d88ca4d215949d2402 b78d6acc'],
    ['AEAD_AES_128_GCM', gcm, 'c5002ede04cfdd2eb91159e0880aa06ed2976826f796b201df3131a127e8a392'],
    [
      'AEAD_AES_256_GCM',
      gcm256,
      '0af7f21e8a90bdad7a425c9c31ed4bb1d90238917e7390a2793500e1681acaea',
    ],
  ])('SRTP with %s', (suite, keySalt, expected) => {
    const { slab, start, end } = inSlab(rtp);
    const key = { suite, keySalt: hex(keySalt) };
    const sealed = new OutgoingSrtp(key).protectRtp(slab, start, end);
    expect(toHex(slab.subarray(start + 12, sealed))).toBe(expected.replace(' ', ''));
    expect(new IncomingSrtp(key).unprotectRtp(slab, start, sealed)).toBe(end);
    expect(slab.subarray(start, end)).toEqual(rtp);
  });

  test.each<[SuiteName, string, string]>([
    [
      'AES_CM_128_HMAC_SHA1_80',
      icm,
      '7128035be487b9bdbef89041f977a5a8 80000001 993e08cd54d6c1230798',
    ],
    [
      'AES_CM_128_HMAC_SHA1_32',
      icm,
      '7128035be487b9bdbef89041f977a5a8 80000001 993e08cd54d6c1230798',
    ],
    [
      'AEAD_AES_128_GCM',
      gcm,
      'c98b8b5df0392a55852b6c21ac8e7025 c52c6fbea2b3b446ea31123ba88ce61e 80000001',
    ],
  ])('SRTCP with %s', (suite, keySalt, expected) => {
    const { slab, start, end } = inSlab(rtcp);
    const key = { suite, keySalt: hex(keySalt) };
    const sealed = new OutgoingSrtp(key, { rtcp: 1 }).protectRtcp(slab, start, end);
    expect(toHex(slab.subarray(start + 8, sealed))).toBe(expected.replaceAll(' ', ''));
    expect(new IncomingSrtp(key).unprotectRtcp(slab, start, sealed)).toBe(end);
    expect(slab.subarray(start, end)).toEqual(rtcp);
  });
});
