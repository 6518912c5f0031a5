import { expect, test } from '@jest/globals';
import { acceptPromptAndSendFile, requestStorage } from '../../sip-scripts/in-call.ts';
import type { Received } from '../../sip-scripts/in-call-party.ts';
import { PHOTO, PIN, withScene, type Scene } from '../support/scene.ts';

/** The codes that no row of the method's tests brings about. */

async function prompted(scene: Scene, call: string): Promise<Received> {
  await requestStorage(scene.party('bob'), { sender: 'alice', password: PIN }, call);
  return scene.party('alice').nextOf('storage-prompt');
}

test.each(['alice', 'bob'] as const)(
  'cancelled: %s cancels in mid-transfer, both are told, nothing is kept',
  async (who) => {
    await withScene({}, async (scene) => {
      const { callee } = await scene.call('alice', 'bob');
      const [alice, bob] = [scene.party('alice'), scene.party('bob')];
      const prompt = await prompted(scene, callee);
      const order = { path: PHOTO, format: 'image/jpeg', rate: 2_000_000 };
      const { transfer } = await acceptPromptAndSendFile(alice, prompt, order);
      await bob.nextOf('receive-offer', transfer);
      await scene.party(who).ask('cancel', { transfer }, who === 'bob' ? callee : prompt.call);
      for (const party of [alice, bob]) {
        const { message } = await party.nextOf('transfer-complete', transfer);
        expect(message).toMatchObject({ state: 'cancelled', reason: 'cancelled' });
      }
      expect(await scene.used('bob')).toBe(0);
      expect(await scene.transfer(transfer)).not.toHaveProperty('object');
    });
  },
  60_000,
);

test('digest-mismatch: every byte came, but they are not those announced', async () => {
  await withScene({}, async (scene) => {
    const { callee } = await scene.call('alice', 'bob');
    const alice = scene.party('alice');
    const prompt = await prompted(scene, callee);
    const fields = { digest: `sha-256=${'0'.repeat(64)}` };
    const order = { path: PHOTO, format: 'image/jpeg', rate: 8_000_000, fields };
    const { transfer } = await acceptPromptAndSendFile(alice, prompt, order);
    const { message } = await alice.nextOf('transfer-complete', transfer);
    expect(message).toMatchObject({ state: 'partial', reason: 'digest-mismatch' });
  });
}, 60_000);

test('busy: a limit is reached, and says when to try again', async () => {
  await withScene({ env: { MIDCALL_TRANSFERS_MAX: '1' } }, async (scene) => {
    const { callee } = await scene.call('alice', 'bob');
    const bob = scene.party('bob');
    const request = { sender: 'alice', password: PIN, maxBytes: 1_000 };
    const first = await bob.ask('storage-request', request, callee);
    await expect(bob.ask('storage-request', request, callee)).rejects.toMatchObject({
      code: 'busy',
      facts: { status: 503, retryAfter: 30 },
    });
    // The limit is on transfers that are not over.
    await bob.ask('cancel', { transfer: first.message.transfer }, callee);
    await bob.nextOf('transfer-complete', first.message.transfer);
    await bob.ask('storage-request', request, callee);
  });
}, 60_000);

test('the same id from the same party gets the same answer, and has no second effect', async () => {
  await withScene({}, async (scene) => {
    const { callee } = await scene.call('alice', 'bob');
    const bob = scene.party('bob');
    const request = { id: 'once', sender: 'alice', password: PIN, maxBytes: 1_000 };
    const first = await bob.ask('storage-request', request, callee);
    const again = await bob.ask('storage-request', request, callee);
    expect({ ...again.message, id: '' }).toEqual({ ...first.message, id: '' });
    expect(await scene.used('bob')).toBe(1_000);
    // Another party may use the same id for something else.
    await scene.party('alice').nextOf('storage-prompt');
    const other = await scene
      .party('alice')
      .ask('storage-instruction', { id: 'once', password: PIN, maxBytes: 500 });
    expect(other.message.type).toBe('storage-prompt');
  });
}, 60_000);
