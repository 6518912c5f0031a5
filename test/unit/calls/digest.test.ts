import { describe, expect, test } from '@jest/globals';
import { wallclock } from '../../../src/base/units.ts';
import {
  Digest,
  NONCE_LIFETIME_MS,
  ha1Of,
  parseCredentials,
  responseOf,
} from '../../../src/calls/digest.ts';
import type { Algorithm, Credentials, DigestMode } from '../../../src/calls/digest.ts';
import { authorization } from '../../support/fake-sip.ts';

/** RFC 7616 §3.9.1. */
const MUFASA = {
  username: 'Mufasa',
  realm: 'http-auth@example.org',
  nonce: '7ypf/xlj9XXwfDPEoM4URrv/xwf94BcCAzFZH4GiTo0v',
  uri: '/dir/index.html',
  qop: 'auth',
  nc: '00000001',
  cnonce: 'f2/wE4q74E6zIJEtWaHKaf5wv/H5QzzpXusqGemxURZJ',
};

const VECTORS: readonly [Algorithm, string][] = [
  ['MD5', '8ca523f5e9506fed4657c9700eebdbec'],
  ['SHA-256', '753927fa0e85d155564e2e272a28d1802ca10daf4496794697cf8db5856cb6c1'],
];

describe('the examples of RFC 7616 §3.9.1', () => {
  test.each(VECTORS)('%s', (algorithm, response) => {
    const ha1 = ha1Of(algorithm, MUFASA.username, MUFASA.realm, 'Circle of Life');
    expect(responseOf({ ...MUFASA, algorithm, response }, ha1, 'GET')).toBe(response);
  });

  test('as a header', () => {
    const header =
      'Digest username="Mufasa", realm="http-auth@example.org", uri="/dir/index.html", ' +
      'algorithm=SHA-256, nonce="7ypf/xlj9XXwfDPEoM4URrv/xwf94BcCAzFZH4GiTo0v", nc=00000001, ' +
      'cnonce="f2/wE4q74E6zIJEtWaHKaf5wv/H5QzzpXusqGemxURZJ", qop=auth, ' +
      `response="${VECTORS[1]?.[1]}", opaque="FQhe/qaU925kfnzjCev0ciny7QMkPqMAFRtzCUYo5tdS"`;
    expect(parseCredentials(header)).toEqual({
      ...MUFASA,
      algorithm: 'SHA-256',
      response: VECTORS[1]?.[1],
    });
  });

  test('without qop, as before RFC 2617 (RFC 2069 §2.4, erratum 749)', () => {
    const ha1 = ha1Of('MD5', 'Mufasa', 'testrealm@host.com', 'CircleOfLife');
    const credentials: Credentials = {
      ...MUFASA,
      nonce: 'dcd98b7102dd2f0e8b11d0f600bfb0c093',
      algorithm: 'MD5',
      qop: undefined,
      nc: undefined,
      cnonce: undefined,
      response: '',
    };
    expect(responseOf(credentials, ha1, 'GET')).toBe('1949323746fe6a43ef61f9606e7febea');
  });
});

const REALM = 'example.com';
const NOW = wallclock(1_700_000_000_000);
const PHONE = { user: 'alice', password: 'secret', method: 'REGISTER' };
const HA1 = {
  MD5: ha1Of('MD5', 'alice', REALM, 'secret'),
  'SHA-256': ha1Of('SHA-256', 'alice', REALM, 'secret'),
};
const KEY = new Uint8Array(32).fill(7);

describe('our challenge', () => {
  const digest = new Digest(REALM, KEY);
  const verdict = (header: string, method = 'REGISTER', now = NOW): string => {
    const credentials = parseCredentials(header);
    return credentials === undefined ? 'none' : digest.verify(credentials, HA1, method, now);
  };
  const answer = (with_: object = {}): string =>
    authorization(digest.challenge(NOW, false), { ...PHONE, ...with_ });

  test('says realm, nonce, algorithm and qop; and stale when that is why', () => {
    expect(digest.challenge(NOW, false)).toMatch(
      /^Digest realm="example\.com", nonce="[0-9a-f]+\.[0-9a-f]{32}", algorithm=MD5, qop="auth"$/,
    );
    expect(digest.challenge(NOW, true)).toMatch(/, stale=true$/);
  });

  test.each(['MD5', 'SHA-256'] as const)('is met with %s', (algorithm) => {
    expect(verdict(answer({ algorithm }))).toBe('good');
  });

  test.each([
    ['another password', answer({ password: 'guess' }), 'REGISTER'],
    ['another user', answer({ user: 'bob' }), 'REGISTER'],
    ['another method', answer(), 'INVITE'],
    ['another realm', answer({ realm: 'example.org' }), 'REGISTER'],
    [
      'a response that is too short',
      answer().replace(/response=".*"/, 'response="ab"'),
      'REGISTER',
    ],
    [
      'a response of other characters but the same length',
      answer().replace(/response=".*"/, `response="${'é'.repeat(32)}"`),
      'REGISTER',
    ],
  ])('is not met with %s', (_name, header, method) => {
    expect(verdict(header, method)).toBe('wrong');
  });

  test('is met once with the same count', () => {
    const header = answer();
    expect(verdict(header)).toBe('good');
    expect(verdict(header)).toBe('stale');
    expect(digest.replayed).toBe(1);
  });

  test.each<[DigestMode, Algorithm[], Algorithm[]]>([
    ['md5', ['MD5'], ['MD5', 'SHA-256']],
    ['both', ['SHA-256', 'MD5'], ['SHA-256', 'MD5']],
    ['sha-256', ['SHA-256'], ['SHA-256']],
  ])('in mode %s is for %j and takes %j', (mode, asked, taken) => {
    const ours = new Digest(REALM, KEY, mode);
    const challenges = ours.challenges(NOW, false);
    expect(challenges.map((text) => /algorithm=([^,]+)/.exec(text)?.[1])).toEqual(asked);
    for (const algorithm of ['MD5', 'SHA-256'] as const) {
      const header = authorization(ours.challenge(NOW, false), { ...PHONE, algorithm });
      const credentials = parseCredentials(header);
      const found = credentials && ours.verify(credentials, HA1, 'REGISTER', NOW);
      expect(found).toBe(taken.includes(algorithm) ? 'good' : 'wrong');
    }
  });

  test('is never met with a secret that is not there', () => {
    const credentials = parseCredentials(answer().replace(/response=".*"/, 'response="x"'));
    if (credentials === undefined) throw new Error('not credentials');
    const response = responseOf(credentials, '', 'REGISTER');
    const empty = { MD5: '', 'SHA-256': '' };
    expect(digest.verify({ ...credentials, response }, empty, 'REGISTER', NOW)).toBe('wrong');
  });

  test('is met to the last millisecond of its nonce, and is stale after', () => {
    const end = wallclock(NOW + NONCE_LIFETIME_MS);
    expect(verdict(answer(), 'REGISTER', end)).toBe('good');
    expect(verdict(answer(), 'REGISTER', wallclock(end + 1))).toBe('stale');
    expect(verdict(answer({ password: 'guess' }), 'REGISTER', wallclock(end + 1))).toBe('wrong');
  });

  test.each<[string, (nonce: string) => string]>([
    ['with another time', (nonce) => nonce.replace(/^./, (first) => (first === '1' ? '2' : '1'))],
    ['with another MAC', (nonce) => nonce.replace(/.$/, (last) => (last === '0' ? '1' : '0'))],
    ['without a MAC', (nonce) => nonce.split('.')[0] ?? ''],
    ['with a MAC of other characters', (nonce) => `${nonce.split('.')[0]}.${'é'.repeat(32)}`],
    ['that is no nonce', () => 'zzz'],
    ['with more behind', (nonce) => `${nonce}0`],
  ])('is not met by a nonce %s', (_name, forge) => {
    const challenge = digest
      .challenge(NOW, false)
      .replace(/nonce="([^"]*)"/, (_all, nonce: string) => `nonce="${forge(nonce)}"`);
    expect(verdict(authorization(challenge, PHONE))).toBe('stale');
  });

  test('made by another process, or for another realm, is stale', () => {
    const other = new Digest(REALM, new Uint8Array(32).fill(8));
    expect(verdict(authorization(other.challenge(NOW, false), PHONE))).toBe('stale');
    const elsewhere = new Digest('example.org', KEY).challenge(NOW, false);
    expect(verdict(authorization(elsewhere, { ...PHONE, realm: REALM }))).toBe('stale');
  });
});

describe('credentials that can not be checked', () => {
  const good = `Digest username="a", realm="r", nonce="n", uri="u", response="x"`;
  test('are told from those that can', () => {
    expect(parseCredentials(good)).toMatchObject({ algorithm: 'MD5', qop: undefined });
    expect(parseCredentials(`${good}, algorithm=md5`)?.algorithm).toBe('MD5');
    expect(parseCredentials(`${good}, algorithm=SHA-256`)?.algorithm).toBe('SHA-256');
  });

  test.each([
    ['another scheme', good.replace('Digest', 'Basic')],
    ['another algorithm', `${good}, algorithm=SHA-512-256`],
    ['another qop', `${good}, qop=auth-int, nc=1, cnonce="c"`],
    ['a qop without nc', `${good}, qop=auth, cnonce="c"`],
    ['a qop without cnonce', `${good}, qop=auth, nc=1`],
    ...['username', 'realm', 'nonce', 'uri', 'response'].map((name) => [
      `no ${name}`,
      good.replace(`${name}=`, 'x='),
    ]),
    ['nothing', ''],
  ])('%s', (_name, header) => {
    expect(parseCredentials(header ?? '')).toBeUndefined();
  });

  test('2,048 characters are read, one more is not', () => {
    const padded = (length: number): string =>
      `${good}, x="${'y'.repeat(length - good.length - 6)}"`;
    expect(padded(2_048)).toHaveLength(2_048);
    expect(parseCredentials(padded(2_048))).toBeDefined();
    expect(parseCredentials(padded(2_049))).toBeUndefined();
  });
});
