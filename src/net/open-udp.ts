import type { Clock } from '../base/clock.ts';
import { loadAddon, type Loaded, type NativeBackend } from './native-addon.ts';
import type { UdpOptions } from './udp.ts';
import { DgramSockets } from './udp-dgram.ts';
import { NativeSockets } from './udp-native.ts';

/** What may be asked for; `auto` takes the first of {@link PREFERRED} that works here, else node:dgram. */
export const UDP_CHOICES = ['auto', 'io_uring', 'epoll', 'dgram'] as const;
export type UdpChoice = (typeof UDP_CHOICES)[number];

/** Cheapest first. */
const PREFERRED: readonly NativeBackend[] = ['io_uring', 'epoll'];

/** What a datagram costs without the addon, for the log and `doctor` (docs/performance.md). */
export const DGRAM_COST = 'one system call a packet, about twice the CPU of batched sockets';

/** Sockets, which kind they are, and why they are not of a cheaper kind. */
export type OpenedUdp = (
  | { readonly kind: NativeBackend; readonly sockets: NativeSockets }
  | { readonly kind: 'dgram'; readonly sockets: DgramSockets }
) & {
  /** Kinds that were tried and can't be had here, with the reason; empty when the first one could. */
  readonly missing: readonly string[];
};

/** @throws Error when a certain native kind was asked for and can't be had. */
export function openUdp(
  choice: UdpChoice,
  clock: Clock,
  options: UdpOptions,
  loaded: Loaded = loadAddon(),
): OpenedUdp {
  const dgram = { kind: 'dgram', sockets: new DgramSockets(clock, options) } as const;
  if (choice === 'dgram') return { ...dgram, missing: [] };
  if (!loaded.ok) {
    if (choice !== 'auto') throw new Error(`no ${choice} sockets: ${loaded.reason}`);
    return { ...dgram, missing: [`the addon: ${loaded.reason}`] };
  }
  const missing: string[] = [];
  for (const kind of choice === 'auto' ? PREFERRED : [choice]) {
    try {
      return { kind, sockets: NativeSockets.start(loaded.addon, kind, clock, options), missing };
    } catch (cause) {
      if (choice !== 'auto') throw cause;
      missing.push(`${kind}: ${String(cause)}`);
    }
  }
  return { ...dgram, missing };
}
