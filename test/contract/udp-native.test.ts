import { afterEach, describe, expect, test } from '@jest/globals';
import { wallclock } from '../../src/base/units.ts';
import type { Clock } from '../../src/base/clock.ts';
import type { DatagramBatch } from '../../src/media/datagrams.ts';
import { Endpoint } from '../../src/media/endpoint.ts';
import { loadAddon, type NativeBackend } from '../../src/net/native-addon.ts';
import { systemClock } from '../../src/net/system-clock.ts';
import { BATCH_DATAGRAMS, NativeSockets } from '../../src/net/udp-native.ts';
import { SOCKETS_MAX } from '../../src/net/udp.ts';
import { freePortRange, UdpPeer } from '../support/udp-peer.ts';

const HOST = '127.0.0.1';
/** An address of loopback that nothing else uses, so that thousands of ports are free. */
const OWN_HOST = '127.77.0.1';
const CLOCK: Clock = { now: () => systemClock.now(), wallclock: () => wallclock(0) };
/** Longer than anything on loopback takes. */
const WAIT_MS = 5_000;

interface Got {
  readonly socket: number;
  readonly bytes: readonly number[];
  readonly at: number;
  readonly drops: number;
  readonly tos: number;
}

const opened: NativeSockets[] = [];

afterEach(async () => {
  for (const sockets of opened.splice(0)) await sockets.stop();
});

function build(backend: NativeBackend, tos = 0) {
  const loaded = loadAddon();
  if (!loaded.ok) throw new Error(`the addon is needed here: ${loaded.reason}`);
  const got: Got[] = [];
  const batches: number[] = [];
  const errors: string[] = [];
  const onBatch = (batch: DatagramBatch): void => {
    batches.push(batch.count);
    for (let index = 0; index < batch.count; index++) {
      got.push({
        socket: batch.socket[index] ?? -1,
        bytes: [...batch.slab.subarray(batch.start(index), batch.end(index))],
        at: batch.arrival(index),
        drops: batch.drops[index] ?? -1,
        tos: batch.tos[index] ?? -1,
      });
    }
  };
  const onError = (code: string): void => void errors.push(code);
  const sockets = NativeSockets.start(loaded.addon, backend, CLOCK, { onBatch, onError, tos });
  opened.push(sockets);
  /** Turns, blocked, until this many datagrams are there. */
  const turnUntil = (count: number): void => {
    const end = performance.now() + WAIT_MS;
    while (got.length < count && performance.now() < end) sockets.turn(WAIT_MS);
    expect(got.length).toBeGreaterThanOrEqual(count);
  };
  return { sockets, got, batches, errors, turnUntil };
}

const endpointOf = (address: string, port: number): Endpoint => {
  const endpoint = Endpoint.of({ address, port });
  if (endpoint === undefined) throw new Error('loopback is numeric');
  return endpoint;
};

const ONE = { start: 0, end: 1 };

describe.each(['epoll', 'io_uring'] as const)('native sockets by %s', (backend) => {
  test('an arrival is when the kernel had it, however late it is read', async () => {
    const { sockets, got, turnUntil } = build(backend);
    const [{ portMin: port }, peer] = [await freePortRange(1), await UdpPeer.open()];
    await sockets.open(HOST, port);
    /** Reads a datagram 20 ms after it was sent. @returns how long after the send it arrived. */
    const arrival = async (): Promise<number> => {
      await peer.send(Uint8Array.of(1), port);
      const sent = performance.now();
      while (performance.now() < sent + 20);
      turnUntil(got.length + 1);
      return (got.at(-1)?.at ?? 0) - sent;
    };
    // Linux begins to note arrivals a moment after the first socket of the machine asks for them.
    let afterSend = await arrival();
    for (let tries = 0; afterSend > 10 && tries < 50; tries++) afterSend = await arrival();
    await peer.close();
    // The two clocks that are compared may be steered a little.
    expect(afterSend).toBeLessThan(1);
    expect(afterSend).toBeGreaterThan(-1_000);
  });

  test.each([HOST, '::1'])(
    'type of service and ECN arrive as they were sent, on %s',
    async (host) => {
      const voice = 0xb8 | 0x01;
      const { sockets, got, turnUntil } = build(backend, voice);
      const { portMin: port } = await freePortRange(1);
      const from = await sockets.open(host, port);
      await sockets.open(host, port + 1);
      sockets.send(from, Uint8Array.of(1), ONE, endpointOf(host, port + 1));
      turnUntil(1);
      expect(got[0]?.tos).toBe(voice);
    },
  );

  test('a receive buffer that ran full says how many it had no room for', async () => {
    const { sockets, got, turnUntil } = build(backend);
    const { sockets: sender } = build(backend);
    const { portMin: port } = await freePortRange(1);
    const from = await sender.open(HOST, port);
    await sockets.open(HOST, port + 1);
    const large = { start: 0, end: 60_000 };
    for (let count = 0; count < 400; count++)
      sender.send(from, new Uint8Array(large.end), large, endpointOf(HOST, port + 1));
    sender.flush();
    turnUntil(1);
    while (got.length > 0 && got.at(-1)?.bytes.length !== 1) {
      sender.send(from, Uint8Array.of(1), ONE, endpointOf(HOST, port + 1));
      sender.flush();
      sockets.turn(WAIT_MS);
    }
    expect(got.at(-1)?.drops).toBeGreaterThan(0);
    expect(got[0]?.drops).toBe(0);
  });

  test('a connected socket hears its peer and no one else, until it is disconnected', async () => {
    const { sockets, got, turnUntil } = build(backend);
    const [{ portMin: port }, peer, stranger] = [
      await freePortRange(1),
      await UdpPeer.open(),
      await UdpPeer.open(),
    ];
    const socket = await sockets.open(HOST, port);
    sockets.turn(0);
    const to = endpointOf(peer.address.address, peer.address.port);
    sockets.connect(socket, to);
    await stranger.send(Uint8Array.of(66), port);
    await peer.send(Uint8Array.of(1), port);
    turnUntil(1);
    sockets.send(socket, Uint8Array.of(2), ONE, to);
    sockets.flush();
    await peer.count(1);
    sockets.connect(socket, undefined);
    await stranger.send(Uint8Array.of(3), port);
    turnUntil(2);
    await Promise.all([peer.close(), stranger.close()]);
    expect(got.map(({ bytes }) => bytes)).toEqual([[1], [3]]);
  });

  test('a connected peer that is gone is counted as refused; one that comes back is heard', async () => {
    const { sockets, got, errors, turnUntil } = build(backend);
    const [{ portMin: port }, gone] = [await freePortRange(1), await UdpPeer.open()];
    const to = endpointOf(gone.address.address, gone.address.port);
    await gone.close();
    const socket = await sockets.open(HOST, port);
    sockets.connect(socket, to);
    for (let count = 0; count < 3; count++) {
      sockets.send(socket, Uint8Array.of(count), ONE, to);
      sockets.turn(0);
    }
    expect(sockets.counts().refused).toBeGreaterThan(0);
    expect(new Set(errors)).toEqual(new Set(['ECONNREFUSED']));
    const back = await UdpPeer.open(HOST, to.port);
    await back.send(Uint8Array.of(9), port);
    turnUntil(1);
    sockets.send(socket, Uint8Array.of(8), ONE, to);
    sockets.flush();
    await back.count(1);
    await back.close();
    expect(got.map(({ bytes }) => bytes)).toEqual([[9]]);
    expect(back.received.at(-1)?.bytes[0]).toBe(8);
  });

  test(`a batch is ${BATCH_DATAGRAMS} datagrams at most; the next turn has the rest, in order`, async () => {
    const { sockets, got, batches, turnUntil } = build(backend);
    const { portMin: port } = await freePortRange(1);
    const from = await sockets.open(HOST, port);
    await sockets.open(HOST, port + 1);
    const count = BATCH_DATAGRAMS + 1;
    for (let number = 0; number < count; number++)
      sockets.send(
        from,
        Uint8Array.of(number >> 8, number),
        { start: 0, end: 2 },
        endpointOf(HOST, port + 1),
      );
    turnUntil(count);
    expect(got.map(({ bytes: [high = 0, low = 0] }) => high * 256 + low)).toEqual(
      Array.from({ length: count }, (_, number) => number),
    );
    expect(Math.max(...batches)).toBeLessThanOrEqual(BATCH_DATAGRAMS);
    expect(sockets.counts()).toMatchObject({ noBuffers: 0, failed: 0 });
  });

  test(`${SOCKETS_MAX} sockets, each with its own datagram, and not one more`, async () => {
    const { sockets, got, turnUntil } = build(backend);
    const numbers: number[] = [];
    const ports: number[] = [];
    for (let port = 12_000; numbers.length < SOCKETS_MAX; port++) {
      // A port that another process has on all addresses is left to it.
      const number = await sockets.open(OWN_HOST, port).catch(ifTaken);
      if (number === undefined) continue;
      numbers.push(number);
      ports.push(port);
    }
    await expect(sockets.open(OWN_HOST, 11_999)).rejects.toMatchObject({ code: 'busy' });
    for (const [index, number] of numbers.entries()) {
      const to = endpointOf(OWN_HOST, ports[(index + 1) % SOCKETS_MAX] ?? 0);
      sockets.send(number, Uint8Array.of(index >> 8, index), { start: 0, end: 2 }, to);
    }
    turnUntil(SOCKETS_MAX);
    for (const { socket, bytes } of got) {
      const [high = 0, low = 0] = bytes;
      expect(numbers[(high * 256 + low + 1) % SOCKETS_MAX]).toBe(socket);
    }
    await sockets.stop();
    expect(await sockets.open(OWN_HOST, ports[0] ?? 0)).toBeLessThan(SOCKETS_MAX);
  });

  test('a longer datagram than there can be is refused and counted', async () => {
    const { sockets } = build(backend);
    const { portMin: port } = await freePortRange(1);
    const socket = await sockets.open(HOST, port);
    const range = { start: 0, end: 65_536 };
    expect(sockets.send(socket, new Uint8Array(range.end), range, endpointOf(HOST, port))).toBe(
      false,
    );
    expect(sockets.counts().tooLong).toBe(1);
  });

  test('an address that is none, or not of this machine, is an error of the kernel', async () => {
    const { sockets } = build(backend);
    await expect(sockets.open('phone.example', 5_004)).rejects.toMatchObject({ code: 'EINVAL' });
    await expect(sockets.open('192.0.2.1', 5_004)).rejects.toMatchObject({ code: 'EADDRNOTAVAIL' });
    expect(sockets.counts().sockets).toBe(0);
  });
});

/** @throws whatever is not "address in use". */
function ifTaken(cause: unknown): undefined {
  if (cause instanceof Error && 'code' in cause && cause.code === 'EADDRINUSE') return undefined;
  throw cause;
}
