import { createHash } from 'node:crypto';
import { describe, expect, test } from '@jest/globals';
import { Authenticator } from '../../../src/calls/authenticator.ts';
import { Digest, NONCE_LIFETIME_MS, ha1Of } from '../../../src/calls/digest.ts';
import { FakeResponse, authorization, fakeRequest } from '../../support/fake-sip.ts';
import { FixedClock } from '../../support/fixed-clock.ts';
import { subscriber } from '../../support/transfer-records.ts';

const REALM = 'example.com';

const ha1 = (user: string): { md5: string; sha256: string } => ({
  md5: ha1Of('MD5', user, REALM, 'secret'),
  sha256: ha1Of('SHA-256', user, REALM, 'secret'),
});

const ROLES = [
  ['registrar', 401, 'WWW-Authenticate', 'Authorization'],
  ['proxy', 407, 'Proxy-Authenticate', 'Proxy-Authorization'],
] as const;

describe.each(ROLES)('as %s', (role, status, challengeHeader, credentialsHeader) => {
  const clock = new FixedClock();
  const digest = new Digest(REALM, new Uint8Array(32));
  const known = new Map(['alice', 'bob'].map((id) => [id, subscriber({ id, ha1: ha1(id) })]));
  const authenticator = new Authenticator(digest, async (id) => known.get(id), clock);

  const asks = async (
    phone: { user?: string; password?: string } | string | undefined,
    from = 'sip:alice@example.com',
  ): Promise<{ who: string | undefined; response: FakeResponse }> => {
    const response = new FakeResponse();
    const challenge = digest.challenge(clock.wallclock(), false);
    const header =
      typeof phone === 'object'
        ? authorization(challenge, {
            user: 'alice',
            password: 'secret',
            method: 'REGISTER',
            ...phone,
          })
        : phone;
    const headers = header === undefined ? {} : { [credentialsHeader]: header };
    const request = fakeRequest('REGISTER', { from, headers });
    const who = await authenticator.authenticate(request, response, role);
    return { who: who?.id, response };
  };

  test('a subscriber that proves itself is let in, unanswered', async () => {
    const { who, response } = await asks({});
    expect(who).toBe('alice');
    expect(response.sent).toEqual([]);
  });

  test.each<[string, Parameters<typeof asks>]>([
    ['no credentials', [undefined]],
    ['credentials that can not be read', ['Digest nonsense']],
    ['a wrong password', [{ password: 'guess' }]],
    ['an unknown subscriber', [{ user: 'nobody' }, 'sip:nobody@example.com']],
    ['nobody in From', [{}, 'sip:example.com']],
  ])('%s: challenged', async (_name, args) => {
    const { who, response } = await asks(...args);
    expect(who).toBeUndefined();
    expect(response.answer.status).toBe(status);
    expect(response.answer.headers[challengeHeader]).toMatch(/^Digest realm="example\.com"/);
    expect(response.answer.headers[challengeHeader]).not.toContain('stale');
  });

  test('an unknown subscriber with secrets of nothing is not let in', async () => {
    const response = new FakeResponse();
    const challenge = digest.challenge(clock.wallclock(), false);
    const header = authorization(challenge, { user: 'x', password: 'y', method: 'REGISTER' });
    const md5 = (text: string): string => createHash('md5').update(text).digest('hex');
    const nonce = /nonce="([^"]*)"/.exec(challenge)?.[1];
    const forged = md5(`:${nonce}:00000001:c0ffee:auth:${md5('REGISTER:sip:example.com')}`);
    const headers = {
      [credentialsHeader]: header.replace(/response=".*"/, `response="${forged}"`),
    };
    const request = fakeRequest('REGISTER', { from: 'sip:x@example.com', headers });
    expect(await authenticator.authenticate(request, response, role)).toBeUndefined();
    expect(response.answer.status).toBe(status);
  });

  test('who proves to be somebody else: 403', async () => {
    const { who, response } = await asks({ user: 'bob' });
    expect(who).toBeUndefined();
    expect(response.answer.status).toBe(403);
  });

  test('an old nonce: challenged again, stale', async () => {
    const challenge = digest.challenge(clock.wallclock(), false);
    const header = authorization(challenge, {
      user: 'alice',
      password: 'secret',
      method: 'REGISTER',
    });
    clock.ms += NONCE_LIFETIME_MS + 1;
    const { response } = await asks(header);
    expect(response.answer.headers[challengeHeader]).toContain('stale=true');
  });
});
