import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { acceptPromptAndSendFile, requestStorage } from '../../sip-scripts/in-call.ts';
import { PHOTO, PIN, withScene } from '../support/scene.ts';

test('M9 data is on disk while the rest still comes', async () => {
  await withScene({}, async (scene) => {
    const { callee } = await scene.call('alice', 'bob');
    const [alice, bob] = [scene.party('alice'), scene.party('bob')];
    await requestStorage(bob, { sender: 'alice', password: PIN }, callee);
    const prompt = await alice.nextOf('storage-prompt');
    const { size } = await stat(PHOTO);
    const order = { path: PHOTO, format: 'image/jpeg', rate: 2_000_000 };
    const sending = await acceptPromptAndSendFile(alice, prompt, order);
    const half = await bob.next('status at a third', (message) => {
      const stored = Number(message['stored']);
      return message.type === 'transfer-status' && stored > size / 3 && stored < size;
    });
    const spool = join(scene.platform.dataDir, 'spool', `${sending.transfer}.spool`);
    expect((await stat(spool)).size).toBeGreaterThan(Number(half.message['stored']));
    await sending.sentAll;
    const done = await alice.nextOf('transfer-complete', sending.transfer);
    expect(done.message).toMatchObject({ state: 'complete', stored: size });
    expect(await scene.used('bob')).toBe(size);
  });
}, 60_000);

test('M9 a sender that stops in mid-transfer leaves a partial, with what came kept', async () => {
  await withScene({ env: { MIDCALL_IDLE_FILE_SECONDS: '1' } }, async (scene) => {
    const { callee } = await scene.call('alice', 'bob');
    const alice = scene.party('alice');
    await requestStorage(scene.party('bob'), { sender: 'alice', password: PIN }, callee);
    const prompt = await alice.nextOf('storage-prompt');
    const order = { path: PHOTO, format: 'image/jpeg', rate: 8_000_000, stopAt: 120_000 };
    const sending = await acceptPromptAndSendFile(alice, prompt, order);
    const done = await alice.nextOf('transfer-complete', sending.transfer);
    expect(done.message).toMatchObject({
      state: 'partial',
      reason: 'ingest-timeout',
      stored: 120_000,
    });
    const transfer = await scene.transfer(sending.transfer);
    expect(transfer).toMatchObject({ state: 'partial', object: { whole: false } });
  });
}, 60_000);

test('M9 hanging up in mid-transfer keeps what came, and everything else is released', async () => {
  await withScene({}, async (scene) => {
    const { caller, callee } = await scene.call('alice', 'bob');
    const [alice, bob] = [scene.party('alice'), scene.party('bob')];
    await requestStorage(bob, { sender: 'alice', password: PIN }, callee);
    const prompt = await alice.nextOf('storage-prompt');
    const order = { path: PHOTO, format: 'image/jpeg', rate: 2_000_000 };
    const sending = await acceptPromptAndSendFile(alice, prompt, order);
    await bob.nextOf('receive-offer', sending.transfer);
    await alice.phone.command('hangup', { call: caller });
    await bob.phone.waitFor('ended');
    const transfer = await scene.ended(sending.transfer);
    expect(transfer).toMatchObject({ state: 'partial', delivery: 'left' });
    const object = transfer['object'] as { size: number };
    expect(await scene.used('bob')).toBe(object.size);
  });
}, 60_000);
