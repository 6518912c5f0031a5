import { describe, expect, test } from '@jest/globals';
import { transferRecord } from '../support/transfer-records.ts';
import { json, OPERATOR, PASSWORD, withWeb } from '../support/web-rig.ts';

const bearer = { authorization: `Bearer ${OPERATOR}` };

describe('the operator', () => {
  test.each(['status', 'calls', 'trunks', 'transfers', 'subscribers', 'events'])(
    '%s is for nobody else',
    async (what) => {
      await withWeb(async (rig) => {
        const path = `/v1/operator/${what}`;
        expect((await rig.get(path)).status).toBe(401);
        expect((await rig.get(path, await rig.signedIn())).status).toBe(401);
        expect((await rig.get(path, { authorization: `Bearer ${OPERATOR}x` })).status).toBe(401);
        expect((await rig.get(path, bearer)).status).toBe(200);
      });
    },
  );

  test('signs in for a cookie with the same token, and is no subscriber with it', async () => {
    await withWeb(async (rig) => {
      const wrong = await rig.post('/v1/operator/sessions', { token: 'guess' });
      expect(wrong.status).toBe(403);
      const answer = await rig.post('/v1/operator/sessions', { token: OPERATOR });
      const cookie = answer.headers.get('set-cookie')?.split(';')[0] ?? '';
      expect(answer.status).toBe(204);
      expect((await rig.get('/v1/operator/status', { cookie })).status).toBe(200);
      expect((await rig.get('/v1/accounts/alice/usage', { cookie })).status).toBe(401);
    });
  });

  test('without a token set there is none, whatever one says', async () => {
    await withWeb(
      async (rig) => {
        for (const headers of [{}, bearer, { authorization: 'Bearer ' }])
          expect((await rig.get('/v1/operator/status', headers)).status).toBe(401);
        expect((await rig.post('/v1/operator/sessions', { token: 'x' })).status).toBe(403);
      },
      { operatorToken: '' },
    );
  });

  test('sees calls and transfers, numbers masked', async () => {
    await withWeb(async (rig) => {
      rig.calls.push({ id: 'c1', state: 'answered', caller: '+491701234567', callee: 'alice' });
      rig.live.set('t1', transferRecord({ ingest: 'storing', sender: '+491701234567' }));
      expect(await json(await rig.get('/v1/operator/calls', bearer))).toEqual({
        calls: [{ id: 'c1', state: 'answered', caller: '…67', callee: '…ce' }],
      });
      const live = await json(await rig.get('/v1/operator/transfers', bearer));
      expect(live['transfers']).toMatchObject([{ id: 't1', sender: '…67' }]);
      await rig.stored('t2', Buffer.from('x'));
      const ofAlice = await json(await rig.get('/v1/operator/transfers?account=alice', bearer));
      expect(ofAlice['transfers']).toMatchObject([{ id: 't2', state: 'complete' }]);
    });
  });

  test('adds a subscriber, who can sign in, and removes one', async () => {
    await withWeb(async (rig) => {
      const carol = { number: 'carol', sipPassword: 'carol-sip', storagePassword: PASSWORD };
      const order = { ...carol, space: 1_000 };
      const added = await rig.post('/v1/operator/subscribers', order, bearer);
      expect([added.status, await json(added)]).toMatchObject([201, { number: 'carol', used: 0 }]);
      const again = await rig.post('/v1/operator/subscribers', order, bearer);
      expect(await json(again)).toMatchObject({ status: 409, code: 'conflict' });
      expect((await rig.get('/v1/session', await rig.signedIn('carol'))).status).toBe(200);
      const url = `${rig.url}/v1/operator/subscribers/carol`;
      expect((await fetch(url, { method: 'DELETE', headers: bearer })).status).toBe(204);
      const left = await json(await rig.get('/v1/operator/subscribers', bearer));
      expect(left['subscribers']).toMatchObject([{ number: 'alice', space: 1_000_000 }]);
    });
  });

  test('drains, once however often it is said', async () => {
    await withWeb(async (rig) => {
      for (const _ of [1, 2])
        expect((await rig.post('/v1/operator/drain', {}, bearer)).status).toBe(202);
      expect(rig.drains).toBe(1);
      const status = await json(await rig.get('/v1/operator/status', bearer));
      expect(status).toMatchObject({ draining: true });
    });
  });

  test('sees what is stored, how transfers ended, and errors by code', async () => {
    await withWeb(async (rig) => {
      const { meter } = rig;
      const progress = { transfer: 't1', seconds: 0, waitMs: 0, reception: {} as never };
      meter.media({ type: 'ingest-progress', stored: 500, ...progress });
      meter.media({ type: 'ingest-progress', stored: 700, ...progress });
      meter.record(transferRecord({ ingest: 'storing' }));
      meter.record(transferRecord({ ingest: 'partial', reason: 'ingest-timeout' }));
      meter.record(transferRecord({ ingest: 'partial', reason: 'ingest-timeout' }));
      meter.error('no-space');
      expect(await json(await rig.get('/v1/operator/status', bearer))).toMatchObject({
        totals: {
          storedBytes: 700,
          ended: { partial: 1 },
          errors: { 'ingest-timeout': 1, 'no-space': 1 },
        },
      });
    });
  });
});
