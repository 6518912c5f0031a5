import { expect, test } from '@jest/globals';
import {
  acceptOfferAndReceive,
  acceptPromptAndSendFile,
  requestStorage,
} from '../../sip-scripts/in-call.ts';
import { compareVoices, type CallEnd } from '../../sip-scripts/demo/voice-watch.ts';
import { PHOTO, PIN, withScene } from '../support/scene.ts';

test('M1 voice goes on, undisturbed, while data is sent, stored and received', async () => {
  await withScene({}, async (scene) => {
    const { caller, callee } = await scene.call('alice', 'bob');
    const [alice, bob] = [scene.party('alice'), scene.party('bob')];
    await requestStorage(bob, { sender: 'alice', password: PIN }, callee);
    const prompt = await alice.nextOf('storage-prompt');
    const order = { path: PHOTO, format: 'image/jpeg', rate: 2_000_000 };
    const sending = await acceptPromptAndSendFile(alice, prompt, order);
    const offer = await bob.nextOf('receive-offer');
    const path = scene.path('received');
    const receiving = await acceptOfferAndReceive(bob, offer, {
      kind: 'file',
      path,
      password: PIN,
    });
    await sending.sentAll;
    await receiving.received;
    const ends: [CallEnd, CallEnd] = [
      { phone: alice.phone, call: caller },
      { phone: bob.phone, call: callee },
    ];
    const voice = await compareVoices(ends);
    expect(voice).toMatchObject({ lost: 0, identical: true });
    // The file takes more than two seconds: fifty packets each way in each of them.
    expect(voice.packets).toBeGreaterThan(200);
  });
}, 60_000);
