import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import {
  acceptPromptAndSendFile,
  requestStorage,
  type Sending,
} from '../../sip-scripts/in-call.ts';
import { PHOTO, PIN, withScene, type Scene } from '../support/scene.ts';

const FORMAT = 'image/jpeg';

/** Alice sends bob the photo in a call of its own. */
async function send(scene: Scene, stopAt?: number) {
  const { caller, callee } = await scene.call('alice', 'bob');
  const alice = scene.party('alice');
  await requestStorage(scene.party('bob'), { sender: 'alice', password: PIN }, callee);
  const prompt = await alice.nextOf('storage-prompt');
  const order = { path: PHOTO, format: FORMAT, rate: 8_000_000 };
  const sending = await acceptPromptAndSendFile(
    alice,
    prompt,
    stopAt === undefined ? order : { ...order, stopAt },
  );
  await sending.sentAll;
  return { sending, caller };
}

const hangUp = async (scene: Scene, call: string): Promise<void> => {
  await scene.party('alice').phone.command('hangup', { call });
  await scene.party('bob').phone.waitFor('ended');
};

/** Data bytes that a phone has sent, those sent again included. */
async function bytesSent(scene: Scene, { transfer }: Sending): Promise<number> {
  const { reception } = await scene.transfer(transfer);
  return Number((reception as { received: number }).received) * 1_200;
}

test('a file cut off with its call goes on in the next one: only the rest is sent, and it is stored once', async () => {
  await withScene({}, async (scene) => {
    const photo = await readFile(PHOTO);
    const first = await send(scene, 120_000);
    await hangUp(scene, first.caller);
    const cut = await scene.ended(first.sending.transfer);
    expect(cut).toMatchObject({ ingest: 'partial', stored: 120_000, object: { size: 120_000 } });

    const second = await send(scene);
    const { transfer } = second.sending;
    const done = await scene.party('alice').nextOf('transfer-complete', transfer);
    expect(done.message).toMatchObject({ state: 'complete', stored: photo.length });
    expect(await bytesSent(scene, second.sending)).toBeLessThan(photo.length - 100_000);
    await hangUp(scene, second.caller);

    const record = await scene.ended(transfer);
    const { key } = record['object'] as { key: string };
    const object = await readFile(join(scene.platform.dataDir, 'objects', key));
    expect(object.equals(photo)).toBe(true);
    const listed: unknown = JSON.parse(await scene.platform.cli(['transfers', 'list']));
    expect(listed).toMatchObject([{ id: transfer }]);
    expect(listed).toHaveLength(1);
    expect(await scene.used('bob')).toBe(photo.length);
    const reconciled = await scene.platform.cli(['reconcile', '--grace', '0']);
    expect(JSON.parse(reconciled)).toEqual({ clean: true, findings: [] });
  });
}, 60_000);
