import { describe, expect, test } from '@jest/globals';
import { LINK_MINUTES_MAX } from '../../src/http/link-routes.ts';
import { json, withWeb, type WebRig } from '../support/web-rig.ts';

const LINKS = '/v1/accounts/alice/transfers/t1/links';
const PHOTO = Buffer.from('a photo, more or less');

async function linkTo(rig: WebRig, body: unknown = {}): Promise<string> {
  const answer = await rig.post(LINKS, body, await rig.signedIn());
  expect(answer.status).toBe(201);
  return String((await json(answer))['url']);
}

describe('a link', () => {
  test('leads to the content without an account, ranges and all', async () => {
    await withWeb(async (rig) => {
      await rig.stored('t1', PHOTO);
      const link = await linkTo(rig);
      expect(await (await rig.get(link)).text()).toBe(PHOTO.toString());
      const part = await rig.get(link, { range: 'bytes=2-6' });
      expect([part.status, await part.text()]).toEqual([206, 'photo']);
    });
  });

  test('expires', async () => {
    await withWeb(async (rig) => {
      await rig.stored('t1', PHOTO);
      const link = await linkTo(rig, { minutes: 2 });
      rig.clock.ms += 119_999;
      expect((await rig.get(link)).status).toBe(200);
      rig.clock.ms += 1;
      expect(await json(await rig.get(link))).toMatchObject({ status: 410, code: 'link-expired' });
    });
  });

  test('ends with what it leads to', async () => {
    await withWeb(async (rig) => {
      await rig.stored('t1', PHOTO);
      const link = await linkTo(rig);
      const headers = await rig.signedIn();
      await fetch(`${rig.url}/v1/accounts/alice/transfers/t1`, { method: 'DELETE', headers });
      expect((await rig.get(link)).status).toBe(404);
    });
  });

  test('changed in one character is none; nor is a session one, or a link a session', async () => {
    await withWeb(async (rig) => {
      await rig.stored('t1', PHOTO);
      const link = await linkTo(rig);
      const last = link.at(-2) === 'A' ? 'B' : 'A';
      expect((await rig.get(link.slice(0, -2) + last + link.slice(-1))).status).toBe(404);
      const { authorization } = await rig.signedIn();
      expect((await rig.get(`/v1/links/${authorization.slice(7)}`)).status).toBe(404);
      const bearer = { authorization: `Bearer ${link.slice('/v1/links/'.length)}` };
      expect((await rig.get('/v1/session', bearer)).status).toBe(401);
    });
  });

  test.each([
    [{ minutes: LINK_MINUTES_MAX }, 201],
    [{ minutes: LINK_MINUTES_MAX + 1 }, 400],
    [{ minutes: 0 }, 400],
    [{ minutes: 'long' }, 400],
  ])('for %j: %d', async (body, status) => {
    await withWeb(async (rig) => {
      await rig.stored('t1', PHOTO);
      expect((await rig.post(LINKS, body, await rig.signedIn())).status).toBe(status);
    });
  });

  test('to somebody else’s transfer is refused', async () => {
    await withWeb(async (rig) => {
      await rig.stored('t1', PHOTO, { account: 'bob' });
      expect((await rig.post(LINKS, {}, await rig.signedIn())).status).toBe(404);
    });
  });
});

describe('an idempotency key', () => {
  test('gets the same answer again, at any time of the day', async () => {
    await withWeb(async (rig) => {
      await rig.stored('t1', PHOTO);
      const ask = async (key: string): Promise<unknown> =>
        json(await rig.post(LINKS, {}, { ...(await rig.signedIn()), 'idempotency-key': key }));
      const first = await ask('k1');
      rig.clock.ms += 1_000;
      expect(await ask('k1')).toEqual(first);
      expect(await ask('k2')).not.toEqual(first);
    });
  });

  test('is for one request: with another one it is refused', async () => {
    await withWeb(async (rig) => {
      await rig.stored('t1', PHOTO);
      const headers = { ...(await rig.signedIn()), 'idempotency-key': 'k1' };
      expect((await rig.post(LINKS, { minutes: 1 }, headers)).status).toBe(201);
      const other = await rig.post(LINKS, { minutes: 2 }, headers);
      expect(await json(other)).toMatchObject({ status: 422, code: 'key-reused' });
    });
  });

  test('of a request that is being worked on is told to wait', async () => {
    await withWeb(async (rig) => {
      await rig.stored('t1', PHOTO);
      rig.state.beginRequest = () => Promise.resolve({ state: 'pending' });
      const headers = { ...(await rig.signedIn()), 'idempotency-key': 'k1' };
      expect(await json(await rig.post(LINKS, {}, headers))).toMatchObject({ code: 'conflict' });
    });
  });
});
