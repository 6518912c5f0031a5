import type { Buffer } from 'node:buffer';
import { createSocket, type Socket } from 'node:dgram';
import { lookup, type LookupOneOptions } from 'node:dns';
import { once } from 'node:events';
import { isIP } from 'node:net';
import type { Address } from '../base/address.ts';
import type { NetCounts } from './net-counts.ts';
import { REFUSED, UdpProbes } from './udp-probes.ts';

/** SIP over UDP: one socket, datagrams as they come. */
export interface SipUdp {
  readonly address: Address;
  send(remote: Address, bytes: Buffer): void;
  /** Whether anybody listens there: `onUnreachable` if not. */
  probe(remote: Address): void;
  close(): Promise<void>;
}

export interface SipUdpOptions {
  /** A numeric address and a port; 0 for a free one. */
  readonly local: Address;
  readonly counts: NetCounts;
  onDatagram(source: Address, bytes: Buffer): void;
  /** This peer can't be reached; `code` as Node names it. Not called for what UDP may lose anyway. */
  onUnreachable(remote: Address, code: string): void;
}

/** Asked of the kernel: a burst of 2,000 messages while JavaScript is busy. */
const RECEIVE_BUFFER_BYTES = 4_194_304;

/** Full queues of this machine: the datagram is lost, as any may be, and retransmission will do. */
const LOSSES: ReadonlySet<string> = new Set(['ENOBUFS', 'EAGAIN']);

/** @throws Node's error when the address can't be bound, or is somebody else's. */
export async function openSipUdp(options: SipUdpOptions): Promise<SipUdp> {
  const type = isIP(options.local.address) === 6 ? 'udp6' : 'udp4';
  // Shared with the probes, who need to be where this one is.
  const newSocket = (): Socket => createSocket({ type, lookup: lookupNames, reuseAddr: true });
  // Sharing would give us the port of another platform, and what phones send there. So first one is bound that shares with nobody. Node
  // can't make a bound socket share, so between this close and the next bind the port is free for a moment: who takes it then and shares
  // with nobody makes that bind fail; only two platforms that both start within that moment would share it.
  const alone = createSocket({ type, lookup: lookupNames });
  const free = await bind(alone, options.local);
  await close(alone);
  const socket = newSocket();
  await bind(socket, free);
  enlarge(socket);
  socket.on('message', (bytes, { address, port }) => options.onDatagram({ address, port }, bytes));
  // Errors of a send go to its callback; what is left are errors of reading, which concern no one peer.
  socket.on('error', () => {});
  const onRefused = (remote: Address): void => options.onUnreachable(remote, REFUSED);
  const probes = new UdpProbes({ ...options, local: free, newSocket, onRefused });
  return {
    address: free,
    send: (remote, bytes) => send(socket, options, remote, bytes),
    probe: (remote) => probes.probe(remote),
    close: () => {
      probes.close();
      return close(socket);
    },
  };
}

/** @returns where it is. @throws Node's error when it can't be there; then it is closed. */
async function bind(socket: Socket, { address, port }: Address): Promise<Address> {
  // Our lookup answers at once, and so may 'listening'.
  const listening = once(socket, 'listening');
  socket.bind(port, address);
  try {
    await listening;
  } catch (cause) {
    socket.close();
    throw cause;
  }
  const bound = socket.address();
  return { address: bound.address, port: bound.port };
}

/** Numeric addresses, nearly all there are, need no resolver and no extra turn of the loop. */
function lookupNames(
  hostname: string,
  options: LookupOneOptions,
  callback: (error: NodeJS.ErrnoException | null, address: string, family: number) => void,
): void {
  const family = isIP(hostname);
  if (family !== 0) callback(null, hostname, family);
  else lookup(hostname, options, callback);
}

function send(socket: Socket, options: SipUdpOptions, remote: Address, bytes: Buffer): void {
  socket.send(bytes, remote.port, remote.address, (error) => {
    const code = error === null ? undefined : codeOf(error);
    if (code !== undefined && !LOSSES.has(code)) options.onUnreachable(remote, code);
  });
}

/** Where the kernel allows less, less it is. */
function enlarge(socket: Socket): void {
  try {
    socket.setRecvBufferSize(RECEIVE_BUFFER_BYTES);
  } catch {
    return;
  }
}

async function close(socket: Socket): Promise<void> {
  const closed = once(socket, 'close');
  socket.close();
  await closed;
}

const codeOf = (error: Error): string =>
  'code' in error && typeof error.code === 'string' ? error.code : error.name;
