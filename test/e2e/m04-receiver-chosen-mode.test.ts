import { expect, test } from '@jest/globals';
import {
  acceptPromptAndSendFile,
  forwardPrompt,
  instructStorage,
} from '../../sip-scripts/in-call.ts';
import { PHOTO, PIN, withScene } from '../support/scene.ts';

test('M4 receiver-chosen mode: whoever the receiver gave the prompt to is honoured', async () => {
  await withScene({ people: ['alice', 'bob', 'carol'] }, async (scene) => {
    const { callee } = await scene.call('alice', 'bob');
    const carolsCall = await scene.call('carol', 'bob');
    const [bob, carol] = [scene.party('bob'), scene.party('carol')];
    const order = { path: PHOTO, format: 'image/jpeg', rate: 8_000_000 };

    // Passed on by bob himself, in words the platform never saw: carol only has what the prompt says.
    const prompt = await instructStorage(bob, { password: PIN, maxBytes: 1_000_000 }, callee);
    expect(prompt.message.type).toBe('storage-prompt');
    const handedOver = { ...prompt, call: carolsCall.caller };
    const sending = await acceptPromptAndSendFile(carol, handedOver, order);
    await sending.sentAll;
    const done = await carol.nextOf('transfer-complete', sending.transfer);
    expect(done.message).toMatchObject({ state: 'complete' });
    expect(await scene.transfer(sending.transfer)).toMatchObject({
      account: 'bob',
      sender: 'carol',
    });

    // Passed on by the platform, into carol's call.
    const second = await instructStorage(bob, { password: PIN, maxBytes: 1_000_000 }, callee);
    await forwardPrompt(bob, second, 'carol', callee);
    const forwarded = await carol.nextOf('storage-prompt', second.message.transfer);
    const again = await acceptPromptAndSendFile(carol, forwarded, order);
    await again.sentAll;
    await carol.nextOf('transfer-complete', again.transfer);
  });
}, 60_000);

test('M4 a party without a call gets the forwarded prompt as a text', async () => {
  await withScene({ people: ['alice', 'bob', 'carol'] }, async (scene) => {
    const { callee } = await scene.call('alice', 'bob');
    const bob = scene.party('bob');
    const prompt = await instructStorage(bob, { password: PIN }, callee);
    const text = scene.party('carol').phone.waitFor('message');
    await forwardPrompt(bob, prompt, 'carol', callee);
    expect((await text)['text']).toContain(String(prompt.message['code']));
  });
}, 60_000);
