import { createSocket, type Socket } from 'node:dgram';
import { once } from 'node:events';
import { isIPv4 } from 'node:net';

const DATAGRAMS = 20_000;
/** Sent in one turn of the loop; fewer than a receive buffer holds. */
const BURST = 20;
/** About a SIP message. */
const BYTES = 600;

/**
 * How fast this machine is just now: CPU µs of Node's own sockets for one datagram of 600 bytes, sent and received over
 * loopback. A shared machine is twice as fast at one time as at another; costs divided by this can still be compared.
 */
export async function datagramCpuMicros(): Promise<number> {
  const socket = createSocket({ type: 'udp4', lookup: numeric });
  const bytes = Buffer.alloc(BYTES);
  try {
    const bound = once(socket, 'listening');
    socket.bind(0, '127.0.0.1');
    await bound;
    await rounds(socket, bytes, DATAGRAMS / 10);
    const before = process.cpuUsage();
    await rounds(socket, bytes, DATAGRAMS);
    const { user, system } = process.cpuUsage(before);
    return (user + system) / DATAGRAMS;
  } finally {
    socket.close();
  }
}

/** Sends to itself, a burst at a time, and waits for each burst to arrive. */
async function rounds(socket: Socket, bytes: Buffer, count: number): Promise<void> {
  const { port } = socket.address();
  for (let sent = 0; sent < count; sent += BURST) {
    const arrived = arrivals(socket, BURST);
    for (let each = 0; each < BURST; each++) {
      socket.send(bytes, 0, bytes.length, port, '127.0.0.1', () => {});
    }
    await arrived;
  }
}

function arrivals(socket: Socket, count: number): Promise<void> {
  return new Promise((resolve) => {
    let left = count;
    const arrive = (): void => {
      left -= 1;
      if (left > 0) return;
      socket.off('message', arrive);
      resolve();
    };
    socket.on('message', arrive);
  });
}

/** Without it, dgram puts each send off to another turn. */
function numeric(
  hostname: string,
  _options: unknown,
  callback: (error: null, address: string, family: number) => void,
): void {
  callback(null, hostname, isIPv4(hostname) ? 4 : 6);
}
