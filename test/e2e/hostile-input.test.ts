import { randomBytes } from 'node:crypto';
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { connect } from 'node:net';
import { expect, test } from '@jest/globals';
import { acceptPromptAndSendFile, requestStorage } from '../../sip-scripts/in-call.ts';
import { compareVoices } from '../../sip-scripts/demo/voice-watch.ts';
import { PHOTO, PIN, withScene } from '../support/scene.ts';

/** Bytes nobody should send, from nearly right to plainly wrong. */
const GARBAGE: readonly Buffer[] = [
  Buffer.alloc(0),
  Buffer.from('\r\n\r\n'),
  Buffer.from('INVITE sip:bob@midcall.local SIP/2.0\r\n\r\n'),
  Buffer.from('INVITE sip:bob SIP/2.0\r\nVia: SIP/2.0/UDP x\r\nContent-Length: -1\r\n\r\n'),
  Buffer.from(`OPTIONS sip:a SIP/2.0\r\n${'X: y\r\n'.repeat(5_000)}\r\n`),
  Buffer.from('SIP/2.0 200 OK\r\nVia: SIP/2.0/UDP 127.0.0.1;branch=z9hG4bKnone\r\n\r\n'),
  Buffer.from('99999#'),
  Buffer.from('12#abc|sip|x|y\r\n'),
  Buffer.from('80c80001', 'hex'),
  ...Array.from({ length: 40 }, (_, index) => randomBytes(1 + index * 30)),
];

async function throwAtUdp(port: number): Promise<void> {
  const socket = createSocket('udp4');
  try {
    for (const bytes of GARBAGE)
      await new Promise((resolve) => socket.send(bytes, port, '127.0.0.1', resolve));
  } finally {
    socket.close();
  }
}

/** Each on a connection of its own, which the server may close whenever it likes. */
async function throwAtTcp(port: number): Promise<void> {
  for (const bytes of GARBAGE) {
    const socket = connect(port, '127.0.0.1');
    socket.on('error', () => {});
    await once(socket, 'connect');
    const closed = once(socket, 'close');
    socket.end(bytes);
    socket.resume();
    setTimeout(() => socket.destroy(), 50).unref();
    await closed;
  }
}

test('garbage on every open port: nothing lost, nothing crashed, the transfer and the voice go on', async () => {
  await withScene({}, async (scene) => {
    const { caller, callee } = await scene.call('alice', 'bob');
    const [alice, bob] = [scene.party('alice'), scene.party('bob')];
    await requestStorage(bob, { sender: 'alice', password: PIN }, callee);
    const prompt = await alice.nextOf('storage-prompt');
    const order = { path: PHOTO, format: 'image/jpeg', rate: 1_500_000 };
    const sending = await acceptPromptAndSendFile(alice, prompt, order);
    const { platform } = scene;
    const storagePort = Number(prompt.message['port']);
    await throwAtUdp(platform.sip.port);
    await throwAtUdp(storagePort);
    await throwAtUdp(storagePort + 1);
    await throwAtTcp(platform.sip.port);
    await sending.sentAll;
    const done = await alice.nextOf('transfer-complete', sending.transfer);
    expect(done.message).toMatchObject({ state: 'complete' });
    const voice = await compareVoices([
      { phone: alice.phone, call: caller },
      { phone: bob.phone, call: callee },
    ]);
    expect(voice).toMatchObject({ lost: 0, identical: true });
    expect(await alice.phone.command('options')).toMatchObject({ status: 200 });
    expect((await scene.transfer(sending.transfer))['reception']).toMatchObject({
      foreign: 2 * GARBAGE.length,
    });
  });
}, 60_000);
