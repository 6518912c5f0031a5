import { randomBytes } from 'node:crypto';
import { describe, expect, test } from '@jest/globals';
import { ACCOUNT_DOWNLOADS_MAX } from '../../src/http/content.ts';
import { json, withWeb } from '../support/web-rig.ts';

const CONTENT = '/v1/accounts/alice/transfers/t1/content';
const BYTES = randomBytes(200_000);
const bodyOf = async (answer: Response): Promise<Buffer> => Buffer.from(await answer.arrayBuffer());

describe('what was stored', () => {
  test('comes byte for byte, as a file that no browser runs', async () => {
    await withWeb(async (rig) => {
      const { object } = await rig.stored('t1', BYTES);
      const answer = await rig.get(CONTENT, await rig.signedIn());
      expect(answer.status).toBe(200);
      expect(Object.fromEntries(answer.headers)).toMatchObject({
        'accept-ranges': 'bytes',
        'content-disposition': 'attachment; filename="photo.jpg"',
        'content-length': String(BYTES.length),
        'content-security-policy': "default-src 'none'; sandbox",
        'content-type': 'image/jpeg',
        etag: `"${object?.sha256 ?? ''}"`,
        'x-content-type-options': 'nosniff',
      });
      expect(await bodyOf(answer)).toEqual(BYTES);
    });
  });

  test('HEAD says the same without the bytes', async () => {
    await withWeb(async (rig) => {
      await rig.stored('t1', BYTES);
      const headers = { ...(await rig.signedIn()), range: 'bytes=0-1' };
      const answer = await fetch(rig.url + CONTENT, { method: 'HEAD', headers });
      expect(answer.status).toBe(200);
      expect(answer.headers.get('content-length')).toBe(String(BYTES.length));
    });
  });

  test('nothing stored is nothing, and not a fault', async () => {
    await withWeb(async (rig) => {
      await rig.stored('t1', Buffer.alloc(0));
      const answer = await rig.get(CONTENT, await rig.signedIn());
      expect([answer.status, (await bodyOf(answer)).length]).toEqual([200, 0]);
    });
  });

  test.each([
    ['bytes=0-0', 0, 1],
    ['bytes=100-199', 100, 200],
    ['bytes=199999-', 199_999, 200_000],
    ['bytes=-1', 199_999, 200_000],
    ['bytes=-300000', 0, 200_000],
    ['bytes=199999-999999', 199_999, 200_000],
  ])('%s', async (range, start, end) => {
    await withWeb(async (rig) => {
      await rig.stored('t1', BYTES);
      const answer = await rig.get(CONTENT, { ...(await rig.signedIn()), range });
      expect(answer.status).toBe(206);
      expect(answer.headers.get('content-range')).toBe(`bytes ${start}-${end - 1}/200000`);
      expect(await bodyOf(answer)).toEqual(BYTES.subarray(start, end));
    });
  });

  test.each(['bytes=200000-', 'bytes=-0'])('%s can not be satisfied', async (range) => {
    await withWeb(async (rig) => {
      await rig.stored('t1', BYTES);
      const answer = await rig.get(CONTENT, { ...(await rig.signedIn()), range });
      expect(answer.headers.get('content-range')).toBe('bytes */200000');
      expect(await json(answer)).toMatchObject({ status: 416, code: 'range-not-satisfiable' });
    });
  });

  test.each(['bytes=0-1,5-6', 'bytes=5-4', 'lines=1-2', 'bytes=-', 'bytes=a-b'])(
    '%s gets the whole',
    async (range) => {
      await withWeb(async (rig) => {
        await rig.stored('t1', BYTES);
        const answer = await rig.get(CONTENT, { ...(await rig.signedIn()), range });
        expect([answer.status, (await bodyOf(answer)).length]).toEqual([200, BYTES.length]);
      });
    },
  );

  test('a range of something else than one began with is of no use', async () => {
    await withWeb(async (rig) => {
      const { object } = await rig.stored('t1', BYTES);
      const headers = { ...(await rig.signedIn()), range: 'bytes=5-' };
      const other = await rig.get(CONTENT, { ...headers, 'if-range': '"other"' });
      expect(other.status).toBe(200);
      await bodyOf(other);
      const same = await rig.get(CONTENT, { ...headers, 'if-range': `"${object?.sha256 ?? ''}"` });
      expect(same.status).toBe(206);
      expect((await bodyOf(same)).length).toBe(BYTES.length - 5);
    });
  });

  test('who has it is told so; who wants another one, too', async () => {
    await withWeb(async (rig) => {
      const { object } = await rig.stored('t1', BYTES);
      const bearer = await rig.signedIn();
      const etag = `"${object?.sha256 ?? ''}"`;
      const had = await rig.get(CONTENT, { ...bearer, 'if-none-match': `"x", W/${etag}` });
      expect(had.status).toBe(304);
      const other = await rig.get(CONTENT, { ...bearer, 'if-match': '"other"' });
      expect(await json(other)).toMatchObject({ status: 412, code: 'precondition-failed' });
    });
  });
});

test('a download that is left gives its place back; one too many is told to wait', async () => {
  await withWeb(async (rig) => {
    // Far more than sockets and buffers between here and there take, so that nobody is done by himself.
    await rig.stored('t1', Buffer.alloc(32_000_000));
    const bearer = await rig.signedIn();
    const leaving = new AbortController();
    const open = await Promise.all(
      Array.from({ length: ACCOUNT_DOWNLOADS_MAX }, () =>
        fetch(rig.url + CONTENT, { headers: bearer, signal: leaving.signal }),
      ),
    );
    expect(open.map(({ status }) => status)).toEqual(open.map(() => 200));
    const refused = await rig.get(CONTENT, bearer);
    expect(refused.headers.get('retry-after')).toBe('5');
    expect(await json(refused)).toMatchObject({ status: 503, code: 'busy' });
    leaving.abort();
    let status = 503;
    while (status === 503) {
      const again = await rig.get(CONTENT, { ...bearer, range: 'bytes=0-9' });
      ({ status } = again);
      await bodyOf(again);
    }
    expect(status).toBe(206);
  });
}, 30_000);
