import { Endpoint } from '../../src/media/endpoint.ts';
import { loadAddon } from '../../src/net/native-addon.ts';
import { systemClock } from '../../src/net/system-clock.ts';
import { NativeSockets } from '../../src/net/udp-native.ts';
import { freePortRange } from './udp-peer.ts';

/** A process of its own: sends three datagrams from one socket to another by epoll, and prints what came of them. */
async function main(): Promise<void> {
  const loaded = loadAddon();
  if (!loaded.ok) throw new Error(loaded.reason);
  const received: number[] = [];
  const errors: string[] = [];
  const sockets = NativeSockets.start(loaded.addon, 'epoll', systemClock, {
    onBatch: (batch) => {
      for (let index = 0; index < batch.count; index++)
        received.push(batch.slab[batch.start(index)] ?? -1);
    },
    onError: (code) => errors.push(code),
  });
  const { portMin: port } = await freePortRange(1);
  const from = await sockets.open('127.0.0.1', port);
  await sockets.open('127.0.0.1', port + 1);
  const to = Endpoint.of({ address: '127.0.0.1', port: port + 1 });
  if (to === undefined) throw new Error('loopback is numeric');
  for (const byte of [1, 2, 3]) sockets.send(from, Uint8Array.of(byte), { start: 0, end: 1 }, to);
  sockets.flush();
  // All is on its way already: the first turn that brings nothing is the last.
  for (let before = -1; received.length > before;) {
    before = received.length;
    sockets.turn(100);
  }
  const { noBuffers, tooLong, refused, failed } = sockets.counts();
  process.stdout.write(
    JSON.stringify({ received, errors, counts: { noBuffers, tooLong, refused, failed } }),
  );
  await sockets.stop();
}

void main();
