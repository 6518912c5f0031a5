import { expect, test } from '@jest/globals';
import {
  acceptOfferAndReceive,
  acceptPromptAndSendFile,
  forwardPrompt,
  instructStorage,
} from '../../sip-scripts/in-call.ts';
import { PHOTO, PIN } from '../support/scene.ts';
import { withTwoNodes } from '../support/two-nodes.ts';

const ORDER = { path: PHOTO, format: 'image/jpeg', rate: 8_000_000 };

test('a prompt of one node is used in a call at another, and all that is said passes between them', async () => {
  const people = { alice: 'a', bob: 'a', carol: 'b', dave: 'b' } as const;
  await withTwoNodes({ people }, async (nodes) => {
    const [a, b] = [nodes.at('a'), nodes.at('b')];
    const bobs = (await a.call('alice', 'bob')).callee;
    const carols = (await b.call('carol', 'dave')).caller;
    const [bob, carol] = [a.party('bob'), b.party('carol')];

    // Bob himself hands his prompt over; Carol uses it in her call.
    const prompt = await instructStorage(bob, { password: PIN, maxBytes: 1_000_000 }, bobs);
    const handedOver = { ...prompt, call: carols };
    const sending = await acceptPromptAndSendFile(carol, handedOver, ORDER);
    const offer = await bob.nextOf('receive-offer', sending.transfer);
    const path = a.path('received.jpg');
    const receiving = await acceptOfferAndReceive(bob, offer, {
      kind: 'file',
      path,
      password: PIN,
    });
    await receiving.received;
    const done = await carol.nextOf('transfer-complete', sending.transfer);
    expect(done.message).toMatchObject({ state: 'complete' });
    expect(await b.transfer(sending.transfer)).toMatchObject({
      node: 'a',
      sender: 'carol',
      account: 'bob',
    });

    // The platform brings the next one into her call; she asks after what she sends without naming it.
    const second = await instructStorage(bob, { password: PIN, maxBytes: 1_000_000 }, bobs);
    await forwardPrompt(bob, second, 'carol', bobs);
    const brought = await carol.nextOf('storage-prompt', second.message.transfer);
    const { transfer } = second.message;
    const stopAt = 10_000;
    await acceptPromptAndSendFile(carol, brought, { ...ORDER, stopAt });
    expect((await carol.ask('status-request', {}, carols)).message).toMatchObject({
      type: 'transfer-status',
      transfer,
    });

    // Her call ends: so does what she was sending.
    await carol.phone.command('hangup', { call: carols });
    expect((await bob.nextOf('transfer-complete', transfer)).message).toMatchObject({
      state: 'partial',
      reason: 'sender-not-in-call',
    });
  });
}, 120_000);
