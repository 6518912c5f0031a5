import type { Address } from '../base/address.ts';
import type { Clock } from '../base/clock.ts';
import type { Log } from '../base/log.ts';
import type { Instant } from '../base/units.ts';
import type { CoreEvent } from '../sip/effect.ts';
import { SipTcp } from './sip-tcp.ts';
import { openSipUdp, type SipUdp } from './sip-udp.ts';

/** One port for UDP and TCP, as RFC 3261 §18.1.1 wants it. */
export interface SipPort {
  readonly address: Address;
  readonly udp: SipUdp;
  readonly tcp: SipTcp;
  close(): Promise<void>;
}

/** A port that UDP got may be taken for TCP: then another one is tried, so many times. */
const TRIES_MAX = 16;
/** A cause of I/O errors is logged once in this time, ms. */
const LOG_INTERVAL_MS = 60_000;

/** @throws Node's error when the address can't be bound. */
export async function openSipPort(
  local: Address,
  handle: (event: CoreEvent) => void,
  { clock, log }: { readonly clock: Clock; readonly log: Log },
): Promise<SipPort> {
  const warn = onceAMinute(clock, log);
  for (let tries = 1; ; tries++) {
    const udp = await openUdp(local, handle, warn);
    const tcp = tcpAt(udp.address, handle);
    try {
      await tcp.listen();
    } catch (cause) {
      await udp.close();
      if (local.port === 0 && tries < TRIES_MAX) continue;
      throw cause;
    }
    const close = async (): Promise<void> => {
      await Promise.all([udp.close(), tcp.close()]);
    };
    return { address: udp.address, udp, tcp, close };
  }
}

function openUdp(
  local: Address,
  handle: (event: CoreEvent) => void,
  warn: (code: string) => void,
): Promise<SipUdp> {
  return openSipUdp({
    local,
    onDatagram: (source, bytes) => handle({ kind: 'datagram', source, bytes }),
    onUnreachable: (remote, code) => {
      warn(code);
      handle({ kind: 'closed', flow: { transport: 'udp', remote } });
    },
  });
}

function tcpAt(local: Address, handle: (event: CoreEvent) => void): SipTcp {
  return new SipTcp({
    local,
    onOpened: (remote) => handle({ kind: 'opened', flow: { transport: 'tcp', remote } }),
    onBytes: (remote, bytes) =>
      handle({ kind: 'bytes', flow: { transport: 'tcp', remote }, bytes }),
    onClosed: (remote) => handle({ kind: 'closed', flow: { transport: 'tcp', remote } }),
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
