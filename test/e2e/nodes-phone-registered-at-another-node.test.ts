import { expect, test } from '@jest/globals';
import { acceptPromptAndSendFile, requestStorage } from '../../sip-scripts/in-call.ts';
import { PHOTO, PIN } from '../support/scene.ts';
import { SubscriberPhone, TEXT_PHONE_DOMAIN } from '../support/subscriber-phone.ts';
import { withTwoNodes } from '../support/two-nodes.ts';

const ORDER = { path: PHOTO, format: 'image/jpeg', rate: 8_000_000 };

test('a phone with a connection to one node is called, written to and heard through the other', async () => {
  const people = { alice: 'a', bob: 'b' } as const;
  const env = { MIDCALL_DOMAIN: TEXT_PHONE_DOMAIN };
  await withTwoNodes({ people, env, transport: 'tcp' }, async (nodes) => {
    const b = nodes.at('b');
    const bobs = (await b.call('bob', 'alice')).caller;
    const [alice, bob] = [b.party('alice'), b.party('bob')];

    // The node in between passes her INFO on: she is in a call at the other one.
    await requestStorage(bob, { sender: 'alice', password: PIN }, bobs);
    const prompt = await alice.nextOf('storage-prompt');
    const sending = await acceptPromptAndSendFile(alice, prompt, ORDER);
    expect((await alice.nextOf('transfer-complete', sending.transfer)).message).toMatchObject({
      state: 'complete',
    });
    expect(await b.transfer(sending.transfer)).toMatchObject({ node: 'b', sender: 'alice' });

    // What she types reaches her call, whichever node got it; the answer comes to where she is registered.
    const { host: address, port } = nodes.node('a').sip;
    const keyboard = await SubscriberPhone.open('alice', 'alice-sip', { address, port });
    try {
      const headers = ['Content-Type: text/plain;charset=UTF-8'];
      const told = alice.phone.waitFor('message');
      const taken = await keyboard.send('MESSAGE', 'midcall', { headers, body: `/store ${PIN}` });
      expect(taken.status).toBe(200);
      expect((await told)['text']).toContain('I have asked.');
      await bob.nextOf('storage-prompt');
    } finally {
      await keyboard.sip.close();
    }
  });
}, 120_000);
