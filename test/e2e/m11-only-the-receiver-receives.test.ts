import { expect, test } from '@jest/globals';
import { acceptOfferAndReceive, acceptPromptAndSendFile } from '../../sip-scripts/in-call.ts';
import { InCallRefusal } from '../../sip-scripts/in-call-message.ts';
import { PHOTO, PIN, withScene } from '../support/scene.ts';

test('M11 the receiver is notified, asks, and only then gets data; nobody else does', async () => {
  await withScene({ people: ['alice', 'bob', 'carol'] }, async (scene) => {
    const { callee } = await scene.call('alice', 'bob');
    const carolsCall = await scene.call('carol', 'bob');
    const [alice, bob, carol] = [scene.party('alice'), scene.party('bob'), scene.party('carol')];
    const request = { sender: 'alice', password: PIN, threshold: { percent: 50 } };
    const status = await bob.ask('storage-request', request, callee);
    const prompt = await alice.nextOf('storage-prompt', status.message.transfer);
    const order = { path: PHOTO, format: 'image/jpeg', rate: 2_000_000 };
    const sending = await acceptPromptAndSendFile(alice, prompt, order);
    const { transfer } = sending;

    const media = { kind: 'file', direction: 'recvonly' };
    const opened = await carol.phone.command('open-media', media);
    const codeOf = (error: unknown): unknown =>
      error instanceof InCallRefusal ? error.code : error;
    const asks = (who: typeof bob, call: string, proof: Record<string, unknown>) =>
      who
        .ask('receive-request', { transfer, sdp: opened['sdp'], ...proof }, call)
        .then(() => 'accepted', codeOf);
    // Before the offer, the right receiver has to wait.
    expect(await asks(bob, callee, { password: PIN })).toBe('not-ready');
    const offer = await bob.nextOf('receive-offer', transfer);
    // Others get an error, whatever they show.
    expect(await asks(carol, carolsCall.caller, { password: 'wrong' })).toBe('not-the-receiver');
    expect(await asks(carol, carolsCall.caller, { token: 'f'.repeat(32) })).toBe(
      'not-the-receiver',
    );
    expect(await asks(carol, carolsCall.caller, {})).toBe('not-the-receiver');
    expect(await asks(bob, callee, { password: 'wrong' })).toBe('not-the-receiver');
    expect((await carol.phone.command('stats'))['packets'] ?? 0).toBe(0);
    // The offer's token proves as much as the password.
    const path = scene.path('received');
    const fields = { password: undefined, token: offer.message['token'] };
    const receiving = await acceptOfferAndReceive(bob, offer, {
      kind: 'file',
      path,
      password: '',
      fields,
    });
    const received = await receiving.received;
    expect(received['bytes']).toBe(Number(offer.message['size']));
    expect(carol.phone.events.some(({ event }) => event === 'receiving')).toBe(false);
  });
}, 60_000);

test('M11 a receiver that does not take the format is told so, and can ask again', async () => {
  await withScene({}, async (scene) => {
    const { callee } = await scene.call('alice', 'bob');
    const [alice, bob] = [scene.party('alice'), scene.party('bob')];
    const request = { sender: 'alice', password: PIN, threshold: { bytes: 0 } };
    const status = await bob.ask('storage-request', request, callee);
    const prompt = await alice.nextOf('storage-prompt', status.message.transfer);
    const order = { path: PHOTO, format: 'image/jpeg', rate: 2_000_000 };
    await acceptPromptAndSendFile(alice, prompt, order);
    const offer = await bob.nextOf('receive-offer');
    const audio = await bob.phone.command('open-media', { kind: 'audio', direction: 'recvonly' });
    const wrong = { transfer: offer.message.transfer, password: PIN, sdp: audio['sdp'] };
    await expect(bob.ask('receive-request', wrong, callee)).rejects.toMatchObject({
      code: 'format-not-allowed',
    });
    const path = scene.path('received');
    const receiving = await acceptOfferAndReceive(bob, offer, {
      kind: 'file',
      path,
      password: PIN,
    });
    await receiving.received;
  });
}, 60_000);
