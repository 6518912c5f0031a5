import type { Clock } from '../../src/base/clock.ts';
import { loadAddon, type NativeBackend } from '../../src/net/native-addon.ts';
import type { UdpOptions, UdpSockets } from '../../src/net/udp.ts';
import { NativeSockets } from '../../src/net/udp-native.ts';

/** Native sockets whose turns are taken in between everything else of the test's thread; `stop` ends them. */
export function turningSockets(
  backend: NativeBackend,
  clock: Clock,
  options: UdpOptions,
): UdpSockets {
  const loaded = loadAddon();
  if (!loaded.ok) throw new Error(`the addon is needed here: ${loaded.reason}`);
  const sockets = NativeSockets.start(loaded.addon, backend, clock, options);
  let immediate: NodeJS.Immediate | undefined;
  const turn = (): void => {
    sockets.turn(0);
    immediate = setImmediate(turn);
  };
  return {
    open: (address, port) => {
      immediate ??= setImmediate(turn);
      return sockets.open(address, port);
    },
    connect: (socket, peer) => sockets.connect(socket, peer),
    send: (socket, slab, range, to) => sockets.send(socket, slab, range, to),
    close: (socket) => sockets.close(socket),
    counts: () => sockets.counts(),
    stop: async () => {
      clearImmediate(immediate);
      immediate = undefined;
      await sockets.stop();
    },
  };
}
