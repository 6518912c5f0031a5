import { describe, expect, test } from '@jest/globals';
import { wallclock } from '../../src/base/units.ts';
import { transferRecord } from '../support/transfer-records.ts';
import { json, withWeb } from '../support/web-rig.ts';

const LIST = '/v1/accounts/alice/transfers';
const PHOTO = Buffer.from('a photo, more or less');

const idsOf = (page: Record<string, unknown>): string[] =>
  Array.isArray(page['transfers'])
    ? page['transfers'].map((row: { readonly id: string }) => row.id)
    : [];

describe('the list', () => {
  test('shows what a receiver wants to know, the sender masked', async () => {
    await withWeb(async (rig) => {
      await rig.stored('t1', PHOTO);
      const page = await json(await rig.get(LIST, await rig.signedIn()));
      const at = new Date(rig.clock.ms).toISOString();
      expect(page['transfers']).toEqual([
        {
          id: 't1',
          state: 'complete',
          live: false,
          name: 'photo.jpg',
          format: 'image/jpeg',
          stored: PHOTO.length,
          delivered: 0,
          sender: '…67',
          createdAt: at,
          changedAt: at,
          content: {
            type: 'image/jpeg',
            size: PHOTO.length,
            sha256: expect.stringMatching(/^[0-9a-f]{64}$/),
            name: 'photo.jpg',
            whole: true,
          },
        },
      ]);
    });
  });

  test('comes in pages, newest first, without gaps or repetitions', async () => {
    await withWeb(async (rig) => {
      const bearer = await rig.signedIn();
      for (let at = 1; at <= 5; at++)
        await rig.stored(`t${at}`, PHOTO, { createdAt: wallclock(at) });
      const pages: string[][] = [];
      for (let cursor: string | undefined = ''; cursor !== undefined;) {
        const more = cursor === '' ? '' : `&cursor=${cursor}`;
        const page = await json(await rig.get(`${LIST}?limit=2${more}`, bearer));
        pages.push(idsOf(page));
        cursor = typeof page['cursor'] === 'string' ? page['cursor'] : undefined;
      }
      expect(pages).toEqual([['t5', 't4'], ['t3', 't2'], ['t1']]);
    });
  });

  test('of a state, and since a time', async () => {
    await withWeb(async (rig) => {
      const bearer = await rig.signedIn();
      for (let at = 1; at <= 4; at++) {
        const ingest = at % 2 === 0 ? 'complete' : 'partial';
        await rig.stored(`t${at}`, PHOTO, { createdAt: wallclock(at * 1_000), ingest });
      }
      const partial = await json(await rig.get(`${LIST}?state=partial`, bearer));
      expect(idsOf(partial)).toEqual(['t3', 't1']);
      const since = await json(await rig.get(`${LIST}?since=1970-01-01T00:00:03Z`, bearer));
      expect(idsOf(since)).toEqual(['t4', 't3']);
    });
  });

  test('of what goes on has the newest counts', async () => {
    await withWeb(async (rig) => {
      const record = transferRecord({ ingest: 'storing', stored: 0 });
      await rig.state.putTransfer(record);
      rig.live.set('t1', { ...record, stored: 5_000 });
      const page = await json(await rig.get(LIST, await rig.signedIn()));
      expect(page['transfers']).toMatchObject([{ stored: 5_000, live: true, state: 'storing' }]);
    });
  });

  test.each([
    'limit=0',
    'limit=101',
    'limit=x',
    'limit=1&limit=2',
    'cursor=nonsense',
    `cursor=${'9'.repeat(97)}`,
    'since=yesterday',
    'colour=red',
  ])('%s is refused', async (query) => {
    await withWeb(async (rig) => {
      const answer = await rig.get(`${LIST}?${query}`, await rig.signedIn());
      expect(await json(answer)).toMatchObject({ status: 400, code: 'bad-request' });
    });
  });
});

describe('one transfer', () => {
  test('has a tag: who has it already is told so', async () => {
    await withWeb(async (rig) => {
      const bearer = await rig.signedIn();
      await rig.stored('t1', PHOTO);
      const first = await rig.get(`${LIST}/t1`, bearer);
      const etag = first.headers.get('etag') ?? '';
      expect(await json(first)).toMatchObject({ id: 't1', state: 'complete' });
      const again = await rig.get(`${LIST}/t1`, { ...bearer, 'if-none-match': etag });
      expect(again.status).toBe(304);
    });
  });

  test('of somebody else is as if it were not there', async () => {
    await withWeb(async (rig) => {
      await rig.stored('t1', PHOTO, { account: 'bob' });
      const answer = await rig.get(`${LIST}/t1`, await rig.signedIn());
      expect(await json(answer)).toMatchObject({ status: 404, code: 'unknown-prompt' });
    });
  });
});

describe('removing', () => {
  const remove = (url: string, headers: Record<string, string>): Promise<Response> =>
    fetch(url, { method: 'DELETE', headers });

  test('takes the object and frees its space; it can be said again', async () => {
    await withWeb(async (rig) => {
      const bearer = await rig.signedIn();
      await rig.stored('t1', PHOTO);
      const usage = async () => (await rig.state.usage('alice'))?.used;
      expect(await usage()).toBe(PHOTO.length);
      expect((await remove(`${rig.url}${LIST}/t1`, bearer)).status).toBe(204);
      expect(await usage()).toBe(0);
      expect(await rig.objects.stat('alice/t1/photo.jpg')).toBeUndefined();
      expect(await rig.objects.stat('alice/t1/metadata.json')).toBeUndefined();
      expect((await rig.get(`${LIST}/t1`, bearer)).status).toBe(404);
      expect((await remove(`${rig.url}${LIST}/t1`, bearer)).status).toBe(204);
    });
  });

  test('leaves what is somebody else’s', async () => {
    await withWeb(async (rig) => {
      await rig.stored('t1', PHOTO, { account: 'bob' });
      expect((await remove(`${rig.url}${LIST}/t1`, await rig.signedIn())).status).toBe(204);
      expect(await rig.state.transfer('t1')).toBeDefined();
    });
  });

  test('what goes on is refused', async () => {
    await withWeb(async (rig) => {
      await rig.state.putTransfer(transferRecord({ ingest: 'storing' }));
      const answer = await remove(`${rig.url}${LIST}/t1`, await rig.signedIn());
      expect(await json(answer)).toMatchObject({ status: 409, code: 'not-ready' });
    });
  });

  test('only what one has seen, when one says so', async () => {
    await withWeb(async (rig) => {
      const bearer = await rig.signedIn();
      await rig.stored('t1', PHOTO);
      const etag = (await rig.get(`${LIST}/t1`, bearer)).headers.get('etag') ?? '';
      const stale = await remove(`${rig.url}${LIST}/t1`, { ...bearer, 'if-match': '"old"' });
      expect(await json(stale)).toMatchObject({ status: 412, code: 'precondition-failed' });
      const seen = await remove(`${rig.url}${LIST}/t1`, { ...bearer, 'if-match': etag });
      expect(seen.status).toBe(204);
    });
  });

  test('a tombstone is not shown any more', async () => {
    await withWeb(async (rig) => {
      const bearer = await rig.signedIn();
      const record = await rig.stored('t1', PHOTO);
      await rig.state.putTransfer({ ...record, version: 2, deletedAt: wallclock(2) });
      expect(idsOf(await json(await rig.get(LIST, bearer)))).toEqual([]);
      expect((await rig.get(`${LIST}/t1/content`, bearer)).status).toBe(404);
      expect((await rig.state.openTransfers()).map(({ id }) => id)).toEqual(['t1']);
    });
  });
});
