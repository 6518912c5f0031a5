import { describe, expect, test } from '@jest/globals';
import { wallclock } from '../../../src/base/units.ts';
import { answerChallenge } from '../../../src/calls/digest-answer.ts';
import type { DigestAccount } from '../../../src/calls/digest-answer.ts';
import { Digest, ha1Of, parseCredentials } from '../../../src/calls/digest.ts';

const REALM = 'carrier.example';
const NOW = wallclock(1_700_000_000_000);
const HA1 = {
  MD5: ha1Of('MD5', 'us', REALM, 'secret'),
  'SHA-256': ha1Of('SHA-256', 'us', REALM, 'secret'),
};
const ACCOUNT: DigestAccount = { user: 'us', realm: REALM, ha1: HA1 };
const INVITE = { method: 'INVITE', uri: 'sip:+4930@192.0.2.1' };

const answer = (challenge: string, account = ACCOUNT): string | undefined =>
  answerChallenge(challenge, account, INVITE, 'c0ffee');

describe('an answer to a challenge', () => {
  test.each(['md5', 'sha-256', 'both'] as const)('of mode %s is good', (mode) => {
    const digest = new Digest(REALM, new Uint8Array(32), mode);
    const header = answer(digest.challenges(NOW, false).join(', ')) ?? '';
    const credentials = parseCredentials(header);
    if (credentials === undefined) throw new Error('no credentials');
    expect(credentials.algorithm).toBe(mode === 'md5' ? 'MD5' : 'SHA-256');
    expect(digest.verify(credentials, HA1, 'INVITE', NOW)).toBe('good');
  });

  test('takes the algorithm that there is a secret for', () => {
    const both = new Digest(REALM, new Uint8Array(32), 'both').challenges(NOW, false).join(',');
    const onlyMd5 = { ...ACCOUNT, ha1: { ...HA1, 'SHA-256': '' } };
    expect(answer(both, onlyMd5)).toContain('algorithm=MD5');
  });

  test('without qop is the old one (RFC 2069), with opaque as it came', () => {
    const header = answer(`Digest realm="${REALM}", nonce="n", opaque="o"`) ?? '';
    expect(header).not.toContain('qop');
    expect(header).toContain('opaque="o"');
  });

  test.each([
    ['another realm', 'Digest realm="elsewhere", nonce="n", qop="auth"'],
    ['no nonce', `Digest realm="${REALM}", qop="auth"`],
    ['another scheme', `Bearer realm="${REALM}"`],
    ['another algorithm', `Digest realm="${REALM}", nonce="n", algorithm=SHA-512-256`],
    ['another qop', `Digest realm="${REALM}", nonce="n", qop="auth-int"`],
    ['nothing', ''],
  ])('%s: none', (_name, challenge) => {
    expect(answer(challenge)).toBeUndefined();
  });
});
