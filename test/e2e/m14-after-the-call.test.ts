import { readFile, stat } from 'node:fs/promises';
import { expect, test } from '@jest/globals';
import { acceptPromptAndSendFile, requestStorage } from '../../sip-scripts/in-call.ts';
import { PHOTO, PIN, withScene } from '../support/scene.ts';

test('M14 after the call the data is listed, fetched and deleted, which frees the space', async () => {
  await withScene({}, async (scene) => {
    const { caller, callee } = await scene.call('alice', 'bob');
    const [alice, bob] = [scene.party('alice'), scene.party('bob')];
    await requestStorage(bob, { sender: 'alice', password: PIN }, callee);
    const prompt = await alice.nextOf('storage-prompt');
    const order = { path: PHOTO, format: 'image/jpeg', rate: 8_000_000 };
    const sending = await acceptPromptAndSendFile(alice, prompt, order);
    await sending.sentAll;
    await alice.nextOf('transfer-complete', sending.transfer);
    await alice.phone.command('hangup', { call: caller });
    await bob.phone.waitFor('ended');
    const { platform } = scene;
    const { transfer } = sending;
    const { size } = await stat(PHOTO);

    const list: unknown = JSON.parse(await platform.cli(['transfers', 'list', '--account', 'bob']));
    expect(list).toEqual([
      expect.objectContaining({ id: transfer, state: 'complete', stored: size, name: 'photo.jpg' }),
    ]);
    for (const copy of ['first', 'again']) {
      const output = scene.path(copy);
      await platform.cli(['transfers', 'fetch', transfer, '--output', output]);
      expect(await readFile(output)).toEqual(await readFile(PHOTO));
    }
    expect(await scene.used('bob')).toBe(size);
    const deleted = await platform.cliObject(['transfers', 'delete', transfer]);
    expect(deleted).toMatchObject({ deleted: true, used: 0 });
    expect(JSON.parse(await platform.cli(['transfers', 'list']))).toEqual([]);
    await expect(platform.cli(['transfers', 'delete', transfer])).rejects.toThrow('no transfer');
  });
}, 60_000);
