import { expect, test } from '@jest/globals';
import { loadAddon, type NativeBinding } from '../../../src/net/native-addon.ts';
import { systemClock } from '../../../src/net/system-clock.ts';
import { NativeSockets } from '../../../src/net/udp-native.ts';

const waits: number[] = [];

/** Notes how long it should wait. */
class NotedWaits implements NativeBinding {
  start(): number {
    return 0;
  }
  open(): number {
    return 0;
  }
  connect(): number {
    return 0;
  }
  close(): void {}
  wait(timeoutMs: number): number {
    waits.push(timeoutMs);
    return 0;
  }
  flush(): void {}
  stop(): void {}
}

/** To the addon a negative time is a wait without an end: the thread would send nothing until somebody sends it something. */
test('who is too late for what is due does not wait', () => {
  const loaded = loadAddon();
  if (!loaded.ok) throw new Error(`the addon is needed here: ${loaded.reason}`);
  const addon = { ...loaded.addon, Sockets: NotedWaits };
  const handlers = { onBatch: (): void => {}, onError: (): void => {} };
  const sockets = NativeSockets.start(addon, 'epoll', systemClock, handlers);
  for (const timeoutMs of [-0.01, 0, 3.5]) sockets.turn(timeoutMs);
  expect(waits).toEqual([0, 0, 3.5]);
});
