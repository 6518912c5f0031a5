import { expect, test } from '@jest/globals';
import { requestStorage } from '../../sip-scripts/in-call.ts';
import { PIN, withScene } from '../support/scene.ts';

test('M2 the sender is told the storage address and the space', async () => {
  await withScene({ space: '5MB' }, async (scene) => {
    const { callee } = await scene.call('alice', 'bob');
    await requestStorage(scene.party('bob'), { sender: 'alice', password: PIN }, callee);
    const { message } = await scene.party('alice').nextOf('storage-prompt');
    expect(message).toMatchObject({
      v: 1,
      address: '127.0.0.1',
      capacity: 5_000_000,
      receiver: 'bob',
      transports: ['RTP/AVP', 'RTP/AVPF', 'RTP/SAVP', 'RTP/SAVPF'],
    });
    expect(message['port']).toEqual(expect.any(Number));
    expect(Number(message['port']) % 2).toBe(0);
    expect(message['token']).toMatch(/^[0-9a-f]{32}$/);
    expect(message['code']).toMatch(/^[0-9A-HJKMNP-TV-Z]{8}$/);
    expect(Date.parse(String(message['expires']))).toBeGreaterThan(Date.now());
  });
}, 60_000);
