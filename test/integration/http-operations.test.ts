import { describe, expect, test } from '@jest/globals';
import { wallclock } from '../../src/base/units.ts';
import { FAMILIES } from '../../src/http/metric-families.ts';
import { transferRecord } from '../support/transfer-records.ts';
import { json, OPERATOR, withWeb, type WebRig } from '../support/web-rig.ts';

const bearer = { authorization: `Bearer ${OPERATOR}` };

const metrics = async (rig: WebRig): Promise<string[]> => {
  const answer = await rig.get('/metrics', bearer);
  expect([answer.status, answer.headers.get('content-type')]).toEqual([
    200,
    'text/plain; version=0.0.4; charset=utf-8',
  ]);
  return (await answer.text()).split('\n');
};

describe('/healthz', () => {
  test('is for anybody', async () => {
    await withWeb(async (rig) => {
      const answer = await rig.get('/healthz');
      expect([answer.status, await json(answer)]).toEqual([200, { alive: true }]);
    });
  });
});

describe('/readyz', () => {
  test('says which parts are there', async () => {
    await withWeb(async (rig) => {
      const answer = await rig.get('/readyz');
      const checks = {
        sip: 'ok',
        media: 'ok',
        state: 'ok',
        objects: 'ok',
        disk: 'ok',
        'not-draining': 'ok',
      };
      expect([answer.status, await json(answer)]).toEqual([200, { ready: true, checks }]);
    });
  });

  test('503 without a SIP server, and again 200 with one', async () => {
    await withWeb(async (rig) => {
      rig.isConnected = false;
      const answer = await rig.get('/readyz');
      expect([answer.status, await json(answer)]).toMatchObject([
        503,
        { checks: { sip: 'failed' } },
      ]);
      rig.isConnected = true;
      rig.clock.ms += 1_000;
      expect((await rig.get('/readyz')).status).toBe(200);
    });
  });

  test('503 when the disk is nearly full', async () => {
    await withWeb(
      async (rig) => {
        const answer = await rig.get('/readyz');
        expect([answer.status, await json(answer)]).toMatchObject([
          503,
          { checks: { disk: 'failed', state: 'ok' } },
        ]);
      },
      { diskFreeMin: Number.MAX_SAFE_INTEGER },
    );
  });

  test('503 while it drains: a load balancer sends calls elsewhere', async () => {
    await withWeb(async (rig) => {
      await rig.post('/v1/operator/drain', {}, bearer);
      expect((await rig.get('/readyz')).status).toBe(503);
      expect(await metrics(rig)).toEqual(
        expect.arrayContaining(['midcall_draining 1', 'midcall_ready 0']),
      );
    });
  });
});

describe('/metrics', () => {
  test('are for the operator', async () => {
    await withWeb(async (rig) => {
      expect((await rig.get('/metrics')).status).toBe(401);
      expect((await rig.get('/metrics', await rig.signedIn())).status).toBe(401);
    });
  });

  test('have every family of the table, and the lag of event loop and workers', async () => {
    await withWeb(async (rig) => {
      const lines = await metrics(rig);
      for (const { name, type } of FAMILIES) expect(lines).toContain(`# TYPE ${name} ${type}`);
      for (const name of ['midcall_media_answer_seconds', 'midcall_threshold_seconds'])
        expect(lines).toContain(`# TYPE ${name} histogram`);
      expect(lines.some((line) => /^nodejs_eventloop_lag_p99_seconds \d/.test(line))).toBe(true);
    });
  });

  test('say what is now, however often they are read', async () => {
    await withWeb(async (rig) => {
      rig.calls.push({ id: 'c1', state: 'answered', caller: 'alice', callee: 'bob' });
      rig.live.set('t1', transferRecord({ ingest: 'storing', delivery: 'offered' }));
      const over = { ingest: 'partial', delivery: 'left', reason: 'ingest-timeout' } as const;
      rig.meter.record(transferRecord({ id: 't2', changedAt: wallclock(1), ...over }));
      const expected = [
        'midcall_calls{state="answered"} 1',
        'midcall_transfers{ingest="storing"} 1',
        'midcall_deliveries{delivery="offered"} 1',
        'midcall_transfers_ended_total{ingest="partial"} 1',
        'midcall_errors_total{code="ingest-timeout"} 1',
        'midcall_packets_total{fate="kernel-dropped"} 3',
        'midcall_sip_total{event="requests-received"} 7',
        'midcall_sip_wait_seconds 0.02',
        'midcall_sip_admitted 0.5',
        'midcall_ready 1',
      ];
      for (const _ of [1, 2]) expect(await metrics(rig)).toEqual(expect.arrayContaining(expected));
      rig.calls.pop();
      expect((await metrics(rig)).filter((line) => line.startsWith('midcall_calls{'))).toEqual([]);
    });
  });

  test('name no person and no transfer', async () => {
    await withWeb(async (rig) => {
      const number = '+491701234567';
      rig.calls.push({ id: 'c-secret', state: 'answered', caller: number, callee: 'alice' });
      rig.live.set('t-secret', transferRecord({ id: 't-secret', sender: number }));
      expect((await metrics(rig)).join('\n')).not.toMatch(/1701234567|secret|alice/);
    });
  });
});
