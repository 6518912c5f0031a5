import { expect, test } from '@jest/globals';
import { ACCOUNT_STREAMS_MAX } from '../../src/http/event-streams.ts';
import { transferRecord } from '../support/transfer-records.ts';
import { json, withWeb, type WebRig } from '../support/web-rig.ts';

const EVENTS = '/v1/accounts/alice/events';

/** Reads one event after the other. */
async function follow(answer: Response): Promise<() => Promise<{ event: string; value: unknown }>> {
  const reader = answer.body?.pipeThrough(new TextDecoderStream()).getReader();
  if (reader === undefined) throw new Error('no body');
  let text = '';
  return async () => {
    for (;;) {
      const [, all = '', event = '', value = ''] =
        /^(event: (.*)\ndata: (.*)\n\n)/m.exec(text) ?? [];
      text = text.slice(text.indexOf(all) + all.length);
      if (all !== '') return { event, value: JSON.parse(value) as unknown };
      const { value: more, done } = await reader.read();
      if (done) throw new Error('the stream ended');
      text += more;
    }
  };
}

const opened = async (rig: WebRig): Promise<Response> => rig.get(EVENTS, await rig.signedIn());

test('progress of a transfer, several changes in one, and its removal', async () => {
  await withWeb(async (rig) => {
    const answer = await opened(rig);
    expect(answer.headers.get('content-type')).toBe('text/event-stream');
    const next = await follow(answer);
    const record = transferRecord({ ingest: 'storing' });
    for (const stored of [100, 200, 300]) {
      rig.live.set('t1', { ...record, stored });
      rig.watch.changed('t1');
    }
    expect(await next()).toMatchObject({ event: 'transfer', value: { id: 't1', stored: 300 } });
    rig.watch.removed('t1', 'alice');
    expect(await next()).toEqual({ event: 'removed', value: { id: 't1' } });
  });
});

test('what is somebody else’s is not told', async () => {
  await withWeb(async (rig) => {
    const next = await follow(await opened(rig));
    rig.live.set('t2', transferRecord({ id: 't2', account: 'bob', ingest: 'storing' }));
    rig.watch.changed('t2');
    rig.watch.removed('t3', 'bob');
    await rig.stored('t4', Buffer.from('x'), { account: 'bob' });
    rig.watch.changed('t4');
    rig.live.set('t1', transferRecord({ ingest: 'storing' }));
    rig.watch.changed('t1');
    expect(await next()).toMatchObject({ value: { id: 't1' } });
  });
});

test('ends with the session', async () => {
  await withWeb(
    async (rig) => {
      expect(await (await opened(rig)).text()).toBe('retry: 1000\n\n');
    },
    { sessionMs: 200 },
  );
});

test(`an account has ${ACCOUNT_STREAMS_MAX} streams at a time; one that is left is free again`, async () => {
  await withWeb(async (rig) => {
    const headers = await rig.signedIn();
    const leaving = new AbortController();
    const { signal } = leaving;
    for (let count = 0; count < ACCOUNT_STREAMS_MAX; count++)
      expect((await fetch(rig.url + EVENTS, { headers, signal })).status).toBe(200);
    expect(await json(await rig.get(EVENTS, headers))).toMatchObject({ code: 'busy' });
    leaving.abort();
    while (rig.watch.listeners > 0) await new Promise((resolve) => setImmediate(resolve));
    expect((await rig.get(EVENTS, headers)).status).toBe(200);
  });
});
