import { expect, test } from '@jest/globals';
import {
  acceptOfferAndReceive,
  acceptPromptAndSendFile,
  requestStorage,
} from '../../sip-scripts/in-call.ts';
import type { Fields } from '../../sip-scripts/phone/lines.ts';
import { PHOTO, PIN, withScene, type Scene } from '../support/scene.ts';

/** Packets of speech heard and missed by one phone. */
async function heard(
  scene: Scene,
  who: 'alice' | 'bob',
): Promise<{ received: number; lost: number }> {
  const stats = await scene.party(who).phone.command('stats');
  const [call] = stats['calls'] as readonly Fields[];
  const voice = call?.['voice'] as Fields;
  return { received: Number(voice['received']), lost: Number(voice['lost']) };
}

test('M1 voice goes on, undisturbed, while data is sent, stored and received', async () => {
  await withScene({}, async (scene) => {
    const { callee } = await scene.call('alice', 'bob');
    const [alice, bob] = [scene.party('alice'), scene.party('bob')];
    await requestStorage(bob, { sender: 'alice', password: PIN }, callee);
    const prompt = await alice.nextOf('storage-prompt');
    const before = { alice: await heard(scene, 'alice'), bob: await heard(scene, 'bob') };
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
    const after = { alice: await heard(scene, 'alice'), bob: await heard(scene, 'bob') };
    for (const who of ['alice', 'bob'] as const) {
      expect(after[who].lost).toBe(before[who].lost);
      expect(after[who].received - before[who].received).toBeGreaterThan(50);
    }
  });
}, 60_000);
