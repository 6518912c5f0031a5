import { describe, expect, test } from '@jest/globals';
import { ACCOUNT_FAILURES_MAX } from '../../src/calls/failure-limits.ts';
import { SESSION_MS_MAX } from '../../src/http/sessions.ts';
import { json, PASSWORD, withWeb } from '../support/web-rig.ts';

const right = { number: 'alice', password: PASSWORD };

describe('signing in', () => {
  test('gives a cookie that no script reads and no other site sends', async () => {
    await withWeb(async (rig) => {
      const answer = await rig.post('/v1/sessions', right);
      expect(answer.status).toBe(201);
      expect(await json(answer)).toEqual({
        account: 'alice',
        domain: 'midcall.test',
        expiresAt: new Date(rig.clock.ms + 60_000).toISOString(),
      });
      const cookie = answer.headers.get('set-cookie') ?? '';
      expect(cookie).toMatch(
        /^midcall_session=[\w.-]+; Path=\/v1; Max-Age=60; HttpOnly; SameSite=Strict$/,
      );
      const [pair = ''] = cookie.split(';');
      const usage = await rig.get('/v1/accounts/alice/usage', { cookie: pair });
      expect(await json(usage)).toEqual({ space: 1_000_000, used: 0, free: 1_000_000 });
    });
  });

  test('behind a proxy with TLS the cookie is Secure', async () => {
    await withWeb(async (rig) => {
      const answer = await rig.post('/v1/sessions', right, { 'x-forwarded-proto': 'https' });
      expect(answer.headers.get('set-cookie')).toMatch(/; Secure$/);
    });
  });

  test('as a program gives a bearer token and no cookie', async () => {
    await withWeb(async (rig) => {
      const answer = await rig.post('/v1/sessions', { ...right, as: 'token' });
      expect(answer.headers.get('set-cookie')).toBeNull();
      expect((await rig.get('/v1/accounts/alice/usage', await rig.signedIn())).status).toBe(200);
    });
  });

  test.each([
    ['a wrong password', { number: 'alice', password: 'wrong' }],
    ['an unknown number', { number: 'nobody', password: PASSWORD }],
    ['no number at all', { number: '\u0000', password: PASSWORD }],
  ])('%s: the same answer, told as a problem', async (_what, body) => {
    await withWeb(async (rig) => {
      const answer = await rig.post('/v1/sessions', body);
      expect(answer.status).toBe(403);
      expect(answer.headers.get('content-type')).toBe('application/problem+json');
      expect(await json(answer)).toEqual({
        type: 'urn:midcall:error:not-authorized',
        title: 'not authorized',
        status: 403,
        detail: 'the number or the storage password is wrong',
        code: 'not-authorized',
      });
    });
  });

  test(`an account is guessed at ${ACCOUNT_FAILURES_MAX} times, then not even the right one is heard`, async () => {
    await withWeb(async (rig) => {
      for (let guess = 0; guess < ACCOUNT_FAILURES_MAX; guess++) {
        const answer = await rig.post('/v1/sessions', { ...right, password: `guess ${guess}` });
        expect(answer.status).toBe(403);
      }
      const refused = await rig.post('/v1/sessions', right);
      expect(refused.status).toBe(429);
      expect(refused.headers.get('retry-after')).toBe('300');
      rig.clock.ms += 300_000;
      expect((await rig.post('/v1/sessions', right)).status).toBe(201);
    });
  });

  test('guesses at one account all at once are not heard all at once', async () => {
    await withWeb(async (rig) => {
      const guesses = Array.from({ length: 20 }, () =>
        rig.post('/v1/sessions', { ...right, password: 'wrong' }),
      );
      const statuses = (await Promise.all(guesses)).map(({ status }) => status);
      const heard = statuses.filter((status) => status === 403).length;
      expect(heard).toBeLessThanOrEqual(ACCOUNT_FAILURES_MAX);
      expect(heard + statuses.filter((status) => status === 429).length).toBe(20);
    });
  });
});

describe('a session', () => {
  test('is over after its time', async () => {
    await withWeb(async (rig) => {
      const bearer = await rig.signedIn();
      rig.clock.ms += 59_999;
      expect((await rig.get('/v1/session', bearer)).status).toBe(200);
      rig.clock.ms += 1;
      const answer = await rig.get('/v1/session', bearer);
      expect(answer.status).toBe(401);
      expect(answer.headers.get('www-authenticate')).toBe('Bearer realm="midcall"');
      expect(await json(answer)).toMatchObject({ code: 'not-signed-in' });
    });
  });

  test('goes on while its cookie is used, for half a day at most', async () => {
    await withWeb(async (rig) => {
      const begin = rig.clock.ms;
      const answer = await rig.post('/v1/sessions', right);
      let cookie = answer.headers.get('set-cookie')?.split(';')[0] ?? '';
      let status = 200;
      while (status === 200) {
        rig.clock.ms += 50_000;
        const used = await rig.get('/v1/session', { cookie });
        ({ status } = used);
        cookie = used.headers.get('set-cookie')?.split(';')[0] ?? cookie;
      }
      expect(rig.clock.ms - begin).toBeGreaterThanOrEqual(SESSION_MS_MAX);
      expect(rig.clock.ms - begin).toBeLessThan(SESSION_MS_MAX + 60_000);
    });
  });

  test('ends with the subscriber, and with the password it began with', async () => {
    await withWeb(async (rig) => {
      const bearer = await rig.signedIn();
      await rig.state.removeSubscriber('alice');
      expect((await rig.get('/v1/session', bearer)).status).toBe(401);
      await rig.subscriber('alice');
      expect((await rig.get('/v1/session', bearer)).status).toBe(401);
    });
  });

  test('is for one account: another one is as if it were not there', async () => {
    await withWeb(async (rig) => {
      await rig.subscriber('bob');
      const bearer = await rig.signedIn('alice');
      const answer = await rig.get('/v1/accounts/bob/usage', bearer);
      expect(answer.status).toBe(404);
      expect((await rig.get('/v1/accounts/nobody/usage', bearer)).status).toBe(404);
    });
  });

  test.each(['x', 'a.b', 'a.b.c', '..', 'é.é', 'x'.repeat(600)])(
    '%s is no token',
    async (token) => {
      await withWeb(async (rig) => {
        const cookie = `midcall_session=${encodeURIComponent(token)}`;
        expect((await rig.get('/v1/session', { cookie })).status).toBe(401);
      });
    },
  );

  test('signing out drops the cookie', async () => {
    await withWeb(async (rig) => {
      const answer = await fetch(`${rig.url}/v1/session`, { method: 'DELETE' });
      expect(answer.status).toBe(204);
      expect(answer.headers.get('set-cookie')).toMatch(/^midcall_session=; Path=\/v1; Max-Age=0/);
    });
  });
});

test('a page of another origin changes nothing', async () => {
  await withWeb(async (rig) => {
    const foreign = await rig.post('/v1/sessions', right, { origin: 'http://127.0.0.1:1' });
    expect(await json(foreign)).toMatchObject({ status: 403, code: 'foreign-origin' });
    const ours = await rig.post('/v1/sessions', right, { origin: rig.url });
    expect(ours.status).toBe(201);
  });
});
