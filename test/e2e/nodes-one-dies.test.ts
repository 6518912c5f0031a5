import { readFile } from 'node:fs/promises';
import { expect, test } from '@jest/globals';
import { acceptPromptAndSendFile, instructStorage, refusalOf } from '../../sip-scripts/in-call.ts';
import type { Fields } from '../../sip-scripts/phone/lines.ts';
import { PHOTO, PIN } from '../support/scene.ts';
import { withTwoNodes } from '../support/two-nodes.ts';
import { until } from '../support/until.ts';

const CAPACITY = 1_000_000;

test('a node dies: its prompts and phones are refused clearly, and it finishes its spool when it returns', async () => {
  const people = { alice: 'a', bob: 'a', carol: 'b', dave: 'b' } as const;
  await withTwoNodes({ people, transport: 'tcp' }, async (nodes) => {
    const [a, b] = [nodes.at('a'), nodes.at('b')];
    const bobs = (await a.call('alice', 'bob')).callee;
    const carols = (await b.call('carol', 'dave')).caller;
    const [bob, carol, dave] = [a.party('bob'), b.party('carol'), b.party('dave')];
    const ask = { password: PIN, maxBytes: CAPACITY };
    const used = await instructStorage(bob, ask, bobs);
    const unused = await instructStorage(bob, ask, bobs);

    const stopAt = (await readFile(PHOTO)).length / 2;
    const order = { path: PHOTO, format: 'image/jpeg', rate: 8_000_000, stopAt };
    const { transfer } = await acceptPromptAndSendFile(carol, { ...used, call: carols }, order);
    await until(async () => (await b.transfer(transfer))['ingest'] === 'storing');
    const isStored = (event: Fields): boolean => Number((event as { stored?: number }).stored) > 0;
    await carol.next('status with bytes', (said) => said.transfer === transfer && isStored(said));
    await nodes.node('a').kill();

    // The prompt that nobody can serve now, in the protocol's words.
    const { token } = unused.message;
    const refused = await refusalOf(carol, await carol.send('send-request', { token }, carols));
    expect(refused.message).toMatchObject({ code: 'storage-unavailable', retryAfter: 30 });
    // A phone that had a connection to it: 503 while its lease lasts, then it is not there.
    const called = async (): Promise<unknown> => {
      const { call } = await dave.phone.command('call', { to: 'alice' });
      return (await dave.phone.waitFor('ended', (event) => event['call'] === call))['status'];
    };
    await until(async () => (await called()) === 480);
    // What is known is told, and what is held stays held.
    expect(await b.transfer(transfer)).toMatchObject({ node: 'a', ingest: 'storing' });
    expect(await b.used('bob')).toBeGreaterThan(CAPACITY);
    expect(await contentStatus(nodes.node('b').web, transfer)).toBe(409);

    await nodes.boot('a');
    await until(async () => (await b.transfer(transfer))['ingest'] === 'partial');
    await until(
      async () => (await b.transfer(unused.message.transfer ?? ''))['ingest'] === 'failed',
    );
    const { object } = (await b.transfer(transfer)) as { object: { size: number } };
    expect(object.size).toBeGreaterThan(0);
    expect(await b.used('bob')).toBe(object.size);
    expect(await contentStatus(nodes.node('b').web, transfer)).toBe(200);
  });
}, 120_000);

/** What the storage box says to Bob who wants to have it. */
async function contentStatus(web: string, transfer: string): Promise<number> {
  const headers = { 'Content-Type': 'application/json' };
  const body = JSON.stringify({ number: 'bob', password: PIN, as: 'token' });
  const signedIn = await fetch(`${web}/v1/sessions`, { method: 'POST', headers, body });
  const { token } = (await signedIn.json()) as { token: string };
  const url = `${web}/v1/accounts/bob/transfers/${transfer}/content`;
  const answer = await fetch(url, { headers: { Authorization: `Bearer ${token}` } });
  await answer.arrayBuffer();
  return answer.status;
}
