import type { Address } from '../base/address.ts';
import type { Clock, Random } from '../base/clock.ts';
import type { Log } from '../base/log.ts';
import { SipCore, type SipQueue } from '../sip/core.ts';
import type { Counts } from '../sip/counters.ts';
import type { CoreEvent } from '../sip/effect.ts';
import type { Ports } from '../sip/environment.ts';
import type { Limits } from '../sip/stack.ts';
import type { GateLimits } from './gate.ts';
import { SipLoop } from './sip-loop.ts';
import type { NetCounts } from './net-counts.ts';
import { openSipPort, type SipListeners, type SipPort } from './sip-port.ts';
import type { Wire, WireEvents } from './wire.ts';

export interface SipServerOptions extends SipListeners {
  /** The numeric address to listen on, over all transports. */
  readonly host: string;
  /** 0 for a free one, the same for UDP and TCP. */
  readonly port: number;
  /** What Via and Contact say instead of `host`: where phones reach a machine that listens on all its addresses. */
  readonly advertisedHost?: string;
  /** How applications reach it. */
  readonly wire: Wire;
  /** What an application must know. */
  readonly secret: string;
  readonly limits?: Partial<Limits>;
  readonly gateLimits?: Partial<GateLimits>;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
}

/** A SIP server for applications that speak the drachtio wire protocol. */
export interface SipServer {
  /** Where phones find it, over UDP and TCP. */
  readonly address: Address;
  /** Its other ports. */
  readonly ports: Ports;
  counts(): Counts & Readonly<NetCounts>;
  /** What is alive: all zero when no call is on and all timers have run. */
  load(): SipCore['load'];
  queue(): SipQueue;
  /** Hangs up all calls, then closes all sockets; again, the same promise. */
  close(): Promise<void>;
}

/** @throws Node's error when an address can't be bound; then nothing stays open. */
export async function startSipServer(options: SipServerOptions): Promise<SipServer> {
  let loop: SipLoop | undefined;
  // What comes before everything is in place is lost, as if it had come before the start.
  const handle = (event: CoreEvent): void => loop?.handle(event);
  const port = await openSipPort(
    { ...options, local: { address: options.host, port: options.port } },
    handle,
  );
  const core = coreOf(options, port);
  loop = new SipLoop({ ...options, ...port, core });
  const running: Running = { port, wire: options.wire, core, loop };
  const events: WireEvents = {
    onOpened: (app) => handle({ kind: 'app-opened', app }),
    onBytes: (app, bytes) => handle({ kind: 'app-bytes', app, bytes }),
    onFrame: (app, tokens, message) => handle({ kind: 'app-frame', app, tokens, message }),
    onClosed: (app) => handle({ kind: 'app-closed', app }),
  };
  return options.wire.open(events).then(
    () => serverOf(running),
    async (cause: unknown) => {
      await port.close();
      throw cause;
    },
  );
}

interface Running {
  readonly port: SipPort;
  readonly wire: Wire;
  readonly core: SipCore;
  readonly loop: SipLoop;
}

function coreOf(options: SipServerOptions, port: SipPort): SipCore {
  const { advertisedHost, clock, random, secret, limits } = options;
  return new SipCore({
    local: { address: advertisedHost ?? port.address.address, port: port.address.port },
    ports: port.ports,
    random,
    epoch: { at: clock.now(), wallclock: clock.wallclock() },
    secret,
    ...(limits === undefined ? {} : { limits }),
  });
}

function serverOf({ port, wire, core, loop }: Running): SipServer {
  let closing: Promise<void> | undefined;
  return {
    address: port.address,
    ports: port.ports,
    counts: () => ({ ...core.counts, ...port.counts }),
    load: () => core.load,
    queue: () => core.queue,
    close: () => (closing ??= closeAll({ port, wire, core, loop })),
  };
}

/** The applications go first: that hangs up their calls while there are still sockets to say so. */
async function closeAll({ port, wire, loop }: Running): Promise<void> {
  await wire.close();
  loop.stop();
  await port.close();
}
