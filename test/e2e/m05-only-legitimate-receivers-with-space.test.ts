import { expect, test } from '@jest/globals';
import { refusalOf, requestStorage } from '../../sip-scripts/in-call.ts';
import { readMessage } from '../../sip-scripts/in-call-message.ts';
import { PIN, withScene } from '../support/scene.ts';

test('M5 a wrong password or no space: told which, nobody prompted, nothing reserved', async () => {
  await withScene({ space: '100kB' }, async (scene) => {
    const { callee } = await scene.call('alice', 'bob');
    const [alice, bob] = [scene.party('alice'), scene.party('bob')];
    const refused = async (fields: Record<string, unknown>) => {
      const id = await requestStorage(bob, { sender: 'alice', password: PIN, ...fields }, callee);
      return (await refusalOf(bob, id)).message;
    };
    const wrong = await refused({ password: '000000' });
    expect(wrong).toMatchObject({ code: 'not-authorized', status: 403 });
    const unknown = await refused({ receiver: 'nobody' });
    expect(unknown).toMatchObject({ code: 'not-authorized', text: wrong['text'] });
    const full = await refused({ maxBytes: 100_001 });
    expect(full).toMatchObject({ code: 'no-space', status: 413, free: 100_000 });
    expect(await scene.used('bob')).toBe(0);
    expect(alice.phone.events.map(readMessage).filter(Boolean)).toEqual([]);
    // All of the space, and one byte less than all.
    const all = await bob.ask(
      'storage-request',
      { sender: 'alice', password: PIN, maxBytes: 100_000 },
      callee,
    );
    expect(all.message['state']).toBe('prompted');
    expect(await refused({ maxBytes: 1 })).toMatchObject({ code: 'no-space', free: 0 });
  });
}, 60_000);

test('M5 five wrong passwords, and the sixth request is not looked at', async () => {
  await withScene({}, async (scene) => {
    const { callee } = await scene.call('alice', 'bob');
    const bob = scene.party('bob');
    for (let attempt = 0; attempt < 5; attempt++) {
      const id = await requestStorage(bob, { sender: 'alice', password: `${attempt}` }, callee);
      expect((await refusalOf(bob, id)).message['code']).toBe('not-authorized');
    }
    const id = await requestStorage(bob, { sender: 'alice', password: PIN }, callee);
    expect((await refusalOf(bob, id)).message).toMatchObject({
      code: 'too-many-attempts',
      status: 429,
    });
  });
}, 60_000);
