import type { Address } from '../base/address.ts';
import type { Clock, Random } from '../base/clock.ts';
import type { Log } from '../base/log.ts';
import type { Instant } from '../base/units.ts';
import type { Ports } from '../sip/environment.ts';
import type { CoreEvent } from '../sip/effect.ts';
import type { StreamTransport as StreamName } from '../sip/transport.ts';
import { Gate, type GateLimits } from './gate.ts';
import { newNetCounts, type NetCounts } from './net-counts.ts';
import { QueueProbe } from './queue-probe.ts';
import { SipStream } from './sip-stream.ts';
import { openSipUdp, type SipUdp, type SipUdpOptions } from './sip-udp.ts';
import { SipWs } from './sip-ws.ts';
import { tcpSockets, tlsSockets, type TlsIdentity } from './stream-sockets.ts';
import type { StreamEvents, StreamTransport } from './stream-transport.ts';

export type SipStreams = Readonly<Partial<Record<StreamName, StreamTransport>>>;

/** Every way that phones reach us: one port for UDP and TCP, as RFC 3261 §18.1.1 wants it, and one for each other. */
export interface SipPort {
  /** That of UDP and TCP. */
  readonly address: Address;
  /** Of each transport with connections that is spoken. */
  readonly ports: Ports;
  readonly udp: SipUdp;
  readonly streams: SipStreams;
  readonly counts: Readonly<NetCounts>;
  close(): Promise<void>;
}

/** Where to listen besides UDP and TCP: ports, 0 for free ones; without one, the transport is not spoken. */
export interface SipListeners {
  /** Needed for TLS and WSS. */
  readonly tls?: TlsIdentity;
  readonly tlsPort?: number;
  readonly wsPort?: number;
  readonly wssPort?: number;
}

export interface SipPortOptions extends SipListeners {
  /** The numeric address for all, and the port of UDP and TCP. */
  readonly local: Address;
  readonly gateLimits?: Partial<GateLimits>;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
}

/** A port that UDP got may be taken for TCP: then another one is tried, so many times. */
const TRIES_MAX = 16;
/** A cause of I/O errors is logged once in this time, ms. */
const LOG_INTERVAL_MS = 60_000;

type Handle = (event: CoreEvent) => void;

/** What all transports of one port share. */
interface Shared {
  readonly handle: Handle;
  readonly gate: Gate;
  readonly counts: NetCounts;
}

/** A transport that does not listen yet. */
type Opener = StreamTransport & { listen(): Promise<void> };

/** @throws Node's error when an address can't be bound; then nothing stays open. */
export async function openSipPort(options: SipPortOptions, handle: Handle): Promise<SipPort> {
  const counts = newNetCounts();
  const shared = { handle, counts, gate: new Gate(counts, options.gateLimits) };
  let probe: QueueProbe | undefined;
  const { udp, tcp } = await openPair(options, shared, (source, bytes) => {
    if (probe?.take(source, bytes) !== true) handle({ kind: 'datagram', source, bytes });
  });
  const streams: Partial<Record<StreamName, Opener>> = { tcp, ...secondary(options, shared) };
  const others = Object.values(streams).filter((transport) => transport !== tcp);
  const listening = await Promise.allSettled(others.map((transport) => transport.listen()));
  const failure = listening.find(({ status }) => status === 'rejected');
  const close = async (): Promise<void> => {
    probe?.close();
    const open = others.filter((_, index) => listening[index]?.status === 'fulfilled');
    await Promise.all([udp, tcp, ...open].map((transport) => transport.close()));
  };
  if (failure?.status === 'rejected') {
    await close();
    throw failure.reason;
  }
  const onWaited = (ms: number): void => handle({ kind: 'waited', ms });
  probe = new QueueProbe({ ...options, to: udp.address, onWaited });
  return { address: udp.address, ports: portsOf(streams), udp, streams, counts, close };
}

async function openPair(
  options: SipPortOptions,
  shared: Shared,
  onDatagram: SipUdpOptions['onDatagram'],
): Promise<{ udp: SipUdp; tcp: SipStream }> {
  const { local } = options;
  for (let tries = 1; ; tries++) {
    const udp = await openUdp(options, shared, onDatagram);
    const tcp = new SipStream({
      ...shared,
      ...eventsOf('tcp', shared.handle),
      local: udp.address,
      sockets: tcpSockets,
    });
    try {
      await tcp.listen();
      return { udp, tcp };
    } catch (cause) {
      await udp.close();
      if (local.port !== 0 || tries >= TRIES_MAX) throw cause;
    }
  }
}

/** TLS, WS and WSS, those that are asked for. */
function secondary(
  { local, tls, tlsPort, wsPort, wssPort }: SipPortOptions,
  shared: Shared,
): Partial<Record<StreamName, Opener>> {
  const at = (port: number): Address => ({ address: local.address, port });
  const found: Partial<Record<StreamName, Opener>> = {};
  if (wsPort !== undefined) {
    found.ws = new SipWs({ ...shared, ...eventsOf('ws', shared.handle), local: at(wsPort) });
  }
  if (tls === undefined) return found;
  if (tlsPort !== undefined) {
    const events = eventsOf('tls', shared.handle);
    found.tls = new SipStream({
      ...shared,
      ...events,
      local: at(tlsPort),
      sockets: tlsSockets(tls),
    });
  }
  if (wssPort !== undefined) {
    found.wss = new SipWs({
      ...shared,
      ...eventsOf('wss', shared.handle),
      local: at(wssPort),
      tls,
    });
  }
  return found;
}

function portsOf({ tls, ws, wss }: SipStreams): Ports {
  return {
    ...(tls === undefined ? {} : { tls: tls.address.port }),
    ...(ws === undefined ? {} : { ws: ws.address.port }),
    ...(wss === undefined ? {} : { wss: wss.address.port }),
  };
}

/** WebSocket keeps messages apart, the others don't. */
function eventsOf(transport: StreamName, handle: Handle): StreamEvents {
  const kind = transport === 'ws' || transport === 'wss' ? 'message' : 'bytes';
  return {
    onOpened: (remote) => handle({ kind: 'opened', flow: { transport, remote } }),
    onBytes: (remote, bytes) => handle({ kind, flow: { transport, remote }, bytes }),
    onClosed: (remote) => handle({ kind: 'closed', flow: { transport, remote } }),
  };
}

function openUdp(
  { local, clock, log }: SipPortOptions,
  { handle, counts }: Shared,
  onDatagram: SipUdpOptions['onDatagram'],
): Promise<SipUdp> {
  const warn = onceAMinute(clock, log);
  return openSipUdp({
    local,
    counts,
    onDatagram,
    onUnreachable: (remote, code) => {
      warn(code);
      handle({ kind: 'closed', flow: { transport: 'udp', remote } });
    },
  });
}

/** A flood of one error must not become a flood of log lines. */
function onceAMinute(clock: Clock, log: Log): (code: string) => void {
  const last = new Map<string, Instant>();
  return (code) => {
    const now = clock.now();
    if (now - (last.get(code) ?? -LOG_INTERVAL_MS) < LOG_INTERVAL_MS) return;
    last.set(code, now);
    log.warn('sip.unreachable', { code });
  };
}
