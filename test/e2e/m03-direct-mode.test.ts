import { expect, test } from '@jest/globals';
import { refusalOf, requestStorage } from '../../sip-scripts/in-call.ts';
import { PIN, withScene } from '../support/scene.ts';

test('M3 direct mode: the receiver names the sender, the platform prompts it', async () => {
  await withScene({ people: ['alice', 'bob', 'carol'] }, async (scene) => {
    const { callee } = await scene.call('alice', 'bob');
    const [alice, bob] = [scene.party('alice'), scene.party('bob')];
    // The receiver is the asserted identity of the dialog when the request names none …
    const first = await bob.ask(
      'storage-request',
      { sender: 'alice', password: PIN, maxBytes: 1_000 },
      callee,
    );
    expect(first.message).toMatchObject({ type: 'transfer-status', state: 'prompted' });
    const prompt = await alice.nextOf('storage-prompt', first.message.transfer);
    expect(prompt.message['receiver']).toBe('bob');
    // … and a SIP URI names the sender as well as a number does; another account may be the receiver.
    const second = await bob.ask(
      'storage-request',
      { sender: 'sip:alice@midcall.local', receiver: 'carol', password: PIN, maxBytes: 1_000 },
      callee,
    );
    await alice.nextOf('storage-prompt', second.message.transfer);
    expect(await scene.used('bob')).toBe(1_000);
    expect(await scene.used('carol')).toBe(1_000);
    // Who is in no call can't be prompted.
    const third = await requestStorage(bob, { sender: 'carol', password: PIN }, callee);
    const { message } = await refusalOf(bob, third);
    expect(message).toMatchObject({ code: 'sender-not-in-call', status: 480 });
  });
}, 60_000);
