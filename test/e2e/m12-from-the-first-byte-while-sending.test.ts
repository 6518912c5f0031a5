import { readFile } from 'node:fs/promises';
import { expect, test } from '@jest/globals';
import {
  acceptOfferAndReceive,
  acceptPromptAndSendAudio,
  acceptPromptAndSendFile,
  endOfData,
  requestStorage,
} from '../../sip-scripts/in-call.ts';
import { PHOTO, PIN, SPEECH, withScene } from '../support/scene.ts';

test('M12 a file: from its first byte, in order, while the sender is still sending', async () => {
  await withScene({}, async (scene) => {
    const { callee } = await scene.call('alice', 'bob');
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
    const started = await receiving.started;
    const sentAll = await sending.sentAll;
    expect(started.at).toBeLessThan(sentAll.at);
    await receiving.received;
    expect(await readFile(path)).toEqual(await readFile(PHOTO));
  });
}, 60_000);

test('M12 a stream: the same samples, at the pace they were spoken', async () => {
  await withScene({}, async (scene) => {
    const { callee } = await scene.call('alice', 'bob');
    const [alice, bob] = [scene.party('alice'), scene.party('bob')];
    const request = { sender: 'alice', password: PIN, threshold: { seconds: 1 } };
    await requestStorage(bob, request, callee);
    const prompt = await alice.nextOf('storage-prompt');
    const seconds = 5;
    const sending = await acceptPromptAndSendAudio(alice, prompt, { path: SPEECH, seconds });
    const offer = await bob.nextOf('receive-offer');
    const path = scene.path('received');
    const receiving = await acceptOfferAndReceive(bob, offer, {
      kind: 'audio',
      path,
      password: PIN,
    });
    const started = await receiving.started;
    const sentAll = await sending.sentAll;
    expect(started.at).toBeLessThan(sentAll.at);
    await endOfData(alice, sending, prompt.call);
    const received = await receiving.received;
    expect(await readFile(path)).toEqual((await readFile(SPEECH)).subarray(0, seconds * 8_000));
    // Five seconds of speech take five seconds, give or take what a busy machine does to one packet.
    const tookMs = received.at - started.at;
    expect(tookMs).toBeGreaterThan((seconds - 0.5) * 1_000);
  });
}, 60_000);
