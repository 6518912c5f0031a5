import { createSocket, type Socket } from 'node:dgram';
import { once } from 'node:events';
import { expect, test } from '@jest/globals';
import type { Address } from '../../src/base/address.ts';
import { QueueProbe } from '../../src/net/queue-probe.ts';
import { systemClock, systemRandom } from '../../src/net/system-clock.ts';
import { until } from '../support/until.ts';

/** So many datagrams at a time, each of which takes so long, ms. */
const BURST = 10;
const BUSY_MS = 5;

interface Bench {
  readonly socket: Socket;
  readonly waits: readonly number[];
  /** What was not the probe’s own. */
  readonly others: readonly string[];
  readonly to: Address;
}

/** A socket that asks the probe whose a datagram is. */
async function withProbe(address: string, use: (bench: Bench) => Promise<void>): Promise<void> {
  const socket = createSocket(address.includes(':') ? 'udp6' : 'udp4').bind(0, address);
  await once(socket, 'listening');
  const to = socket.address();
  const waits: number[] = [];
  const others: string[] = [];
  const onWaited = (ms: number): void => void waits.push(ms);
  const probe = new QueueProbe({ to, clock: systemClock, random: systemRandom, onWaited });
  socket.on('message', (bytes, source) => {
    if (!probe.take(source, bytes)) others.push(bytes.toString());
  });
  try {
    await use({ socket, waits, others, to });
  } finally {
    probe.close();
    socket.close();
  }
}

const closed = (socket: Socket): Promise<unknown> => {
  socket.close();
  return once(socket, 'close');
};

test.each(['127.0.0.1', '0.0.0.0', '::1', '::'])('a socket on %s hears from itself', (address) =>
  withProbe(address, async ({ waits }) => {
    await until(async () => waits.length >= 3);
    expect(Math.min(...waits)).toBeGreaterThanOrEqual(0);
  }),
);

test('what waits behind others is told as a wait', () =>
  withProbe('127.0.0.1', async ({ waits, to, socket }) => {
    socket.on('message', () => {
      const end = systemClock.now() + BUSY_MS;
      while (systemClock.now() < end);
    });
    const stranger = createSocket('udp4');
    const isLong = (ms: number): boolean => ms >= BURST * BUSY_MS * 0.8;
    await until(async () => {
      for (let sent = 0; sent < BURST; sent++) stranger.send('x', to.port, to.address);
      return waits.some(isLong);
    });
    expect(waits.some(isLong)).toBe(true);
    await closed(stranger);
  }));

test('what others send is theirs', () =>
  withProbe('127.0.0.1', async ({ others, to }) => {
    const stranger = createSocket('udp4');
    stranger.send('0011223344556677 1', to.port, to.address);
    await until(async () => others.length > 0);
    expect(others).toEqual(['0011223344556677 1']);
    await closed(stranger);
  }));

test('says nothing where nothing comes back, and after its end', async () => {
  const waits: number[] = [];
  const deaf = createSocket('udp4').bind(0, '127.0.0.1');
  await once(deaf, 'listening');
  const onWaited = (ms: number): void => void waits.push(ms);
  const options = { to: deaf.address(), clock: systemClock, random: systemRandom, onWaited };
  const probe = new QueueProbe(options);
  await once(deaf, 'message');
  probe.close();
  probe.close();
  await closed(deaf);
  expect(waits).toEqual([]);
});
