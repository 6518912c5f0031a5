import { createSocket } from 'node:dgram';
import { readFile } from 'node:fs/promises';
import { expect, test } from '@jest/globals';
import { acceptPromptAndSendFile, requestStorage } from '../../sip-scripts/in-call.ts';
import { writeOctetStreamHeader } from '../../src/rtp/octet-stream.ts';
import { writeRtpHeader } from '../../src/rtp/packet.ts';
import { PHOTO, PIN, withScene } from '../support/scene.ts';

/** Sends packets that look like the first ones of a file, and resolves when the kernel has them. */
async function sendUninvited(port: number, count: number): Promise<void> {
  const socket = createSocket('udp4');
  const packet = Buffer.alloc(32);
  writeOctetStreamHeader(packet, 12, 0, false);
  try {
    for (let sequence = 0; sequence < count; sequence++) {
      const header = { marker: false, payloadType: 96, timestamp: 0, ssrc: 7, sequence };
      writeRtpHeader(packet, 0, header);
      await new Promise((resolve) => socket.send(packet, port, '127.0.0.1', resolve));
    }
  } finally {
    socket.close();
  }
}

test('M6 what arrives before the store request is confirmed is dropped and counted', async () => {
  await withScene({}, async (scene) => {
    const { callee } = await scene.call('alice', 'bob');
    const [alice, bob] = [scene.party('alice'), scene.party('bob')];
    await requestStorage(bob, { sender: 'alice', password: PIN }, callee);
    const prompt = await alice.nextOf('storage-prompt');
    await sendUninvited(Number(prompt.message['port']), 20);
    const order = { path: PHOTO, format: 'image/jpeg', rate: 8_000_000 };
    const sending = await acceptPromptAndSendFile(alice, prompt, order);
    await sending.sentAll;
    await alice.nextOf('transfer-complete', sending.transfer);
    const transfer = await scene.transfer(sending.transfer);
    expect(transfer['reception']).toMatchObject({ unconfirmed: 20, foreign: 0 });
    const object = transfer['object'] as { path: string };
    expect(await readFile(object.path)).toEqual(await readFile(PHOTO));
  });
}, 60_000);

test('M6 a stranger’s packets during the transfer are dropped and counted', async () => {
  await withScene({}, async (scene) => {
    const { callee } = await scene.call('alice', 'bob');
    const [alice, bob] = [scene.party('alice'), scene.party('bob')];
    await requestStorage(bob, { sender: 'alice', password: PIN }, callee);
    const prompt = await alice.nextOf('storage-prompt');
    const order = { path: PHOTO, format: 'image/jpeg', rate: 4_000_000 };
    const sending = await acceptPromptAndSendFile(alice, prompt, order);
    await sendUninvited(Number(prompt.message['port']), 20);
    await sending.sentAll;
    await alice.nextOf('transfer-complete', sending.transfer);
    const transfer = await scene.transfer(sending.transfer);
    expect(transfer['reception']).toMatchObject({ foreign: 20, unconfirmed: 0 });
    const object = transfer['object'] as { path: string };
    expect(await readFile(object.path)).toEqual(await readFile(PHOTO));
  });
}, 60_000);
