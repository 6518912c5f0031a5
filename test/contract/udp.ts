import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { instant, wallclock } from '../../src/base/units.ts';
import type { Clock } from '../../src/base/clock.ts';
import type { DatagramBatch } from '../../src/media/datagrams.ts';
import { Endpoint } from '../../src/media/endpoint.ts';
import type { UdpOptions, UdpSockets } from '../../src/net/udp.ts';
import { QUEUE_DATAGRAMS } from '../../src/net/send-queue.ts';
import { freePortRange, UdpPeer } from '../support/udp-peer.ts';

const HOST = '127.0.0.1';

interface Got {
  readonly socket: number;
  readonly bytes: Uint8Array;
  readonly fromPeer: boolean;
  readonly at: number;
}

/** What every UDP adapter keeps. `make` builds one. */
export function udpContract(
  name: string,
  make: (clock: Clock, options: UdpOptions) => UdpSockets,
): void {
  describe(`${name} keeps the contract of UDP`, () => {
    const clock: Clock = { now: () => instant(performance.now()), wallclock: () => wallclock(0) };
    let sockets: UdpSockets;
    let peer: UdpPeer;
    let port: number;
    let got: Got[];
    let errors: string[];
    let wake: () => void;

    beforeEach(async () => {
      got = [];
      errors = [];
      wake = () => {};
      peer = await UdpPeer.open();
      const endpoint = Endpoint.of(peer.address);
      const onBatch = (batch: DatagramBatch): void => {
        for (let index = 0; index < batch.count; index++) {
          got.push({
            socket: batch.socket[index] ?? -1,
            bytes: batch.slab.slice(batch.start(index), batch.end(index)),
            fromPeer: endpoint?.isSourceOf(batch, index) ?? false,
            at: batch.arrival(index),
          });
        }
        wake();
      };
      sockets = make(clock, { onBatch, onError: (code) => errors.push(code) });
      port = (await freePortRange(4)).portMin;
    });

    afterEach(async () => {
      await sockets.stop();
      await peer.close();
    });

    const arrived = async (count: number): Promise<void> => {
      while (got.length < count) await new Promise<void>((resolve) => (wake = resolve));
    };
    const peerEndpoint = (): Endpoint => {
      const endpoint = Endpoint.of(peer.address);
      if (endpoint === undefined) throw new Error('loopback is numeric');
      return endpoint;
    };

    test('binds exactly the port that was asked for, and refuses one in use', async () => {
      await sockets.open(HOST, port);
      await expect(sockets.open(HOST, port)).rejects.toMatchObject({ code: 'EADDRINUSE' });
      expect(sockets.counts().sockets).toBe(1);
    });

    test('hands over each datagram with its socket, source and arrival', async () => {
      const first = await sockets.open(HOST, port);
      const second = await sockets.open(HOST, port + 1);
      const before = performance.now();
      await peer.send(Uint8Array.of(1, 2, 3), port);
      await peer.send(Uint8Array.of(4), port + 1);
      await arrived(2);
      got.sort((a, b) => a.socket - b.socket);
      expect(got.map(({ socket, bytes }) => [socket, [...bytes]])).toEqual([
        [first, [1, 2, 3]],
        [second, [4]],
      ]);
      expect(got.every(({ fromPeer, at }) => fromPeer && at >= before)).toBe(true);
    });

    test('tells another source apart', async () => {
      await sockets.open(HOST, port);
      const stranger = await UdpPeer.open();
      await stranger.send(Uint8Array.of(1), port);
      await arrived(1);
      await stranger.close();
      expect(got[0]?.fromPeer).toBe(false);
    });

    test('sends a part of a slab that is used again at once', async () => {
      const socket = await sockets.open(HOST, port);
      const slab = new Uint8Array(10);
      for (let number = 0; number < 20; number++) {
        slab.fill(number);
        expect(sockets.send(socket, slab, { start: 2, end: 6 }, peerEndpoint())).toBe(true);
      }
      slab.fill(99);
      await peer.count(20);
      expect(peer.received.map(({ bytes }) => [...bytes])).toEqual(
        Array.from({ length: 20 }, (_, number) => [number, number, number, number]),
      );
      expect(peer.received[0]?.from).toBe(port);
    });

    test('takes and sends the largest datagram, and counts one that is larger', async () => {
      const socket = await sockets.open(HOST, port);
      await peer.send(new Uint8Array(65_507), port);
      await arrived(1);
      expect(got[0]?.bytes).toHaveLength(65_507);
      const slab = new Uint8Array(65_508);
      sockets.send(socket, slab, { start: 0, end: 65_508 }, peerEndpoint());
      sockets.send(socket, slab, { start: 0, end: 65_507 }, peerEndpoint());
      await peer.count(1);
      expect(peer.received[0]?.bytes).toHaveLength(65_507);
      expect(sockets.counts().tooLong).toBe(1);
      expect(errors).toEqual(['EMSGSIZE']);
    });

    test('IPv6, there and back', async () => {
      const socket = await sockets.open('::1', port);
      const other = await UdpPeer.open('::1');
      await other.send(Uint8Array.of(6), port);
      await arrived(1);
      const endpoint = Endpoint.of(other.address);
      if (endpoint === undefined) throw new Error('loopback is numeric');
      sockets.send(socket, Uint8Array.of(7), { start: 0, end: 1 }, endpoint);
      await other.count(1);
      await other.close();
      expect(other.received.map(({ bytes, from }) => [...bytes, from])).toEqual([[7, port]]);
      expect(got.map(({ bytes }) => [...bytes])).toEqual([[6]]);
    });

    test('more in one turn than a queue holds: all go out', async () => {
      const socket = await sockets.open(HOST, port);
      const slab = new Uint8Array(1_200);
      for (let number = 0; number <= QUEUE_DATAGRAMS; number++) {
        slab[0] = number;
        sockets.send(socket, slab, { start: 0, end: slab.length }, peerEndpoint());
      }
      await peer.count(QUEUE_DATAGRAMS + 1);
      expect(peer.received.at(-1)?.bytes[0]).toBe(QUEUE_DATAGRAMS % 256);
    });

    test('counts what the kernel refuses to send, says why, and goes on', async () => {
      const socket = await sockets.open(HOST, port);
      // From a loopback address nothing leaves the machine: EINVAL, or ENETUNREACH on a machine with no way out.
      const outside = Endpoint.of({ address: '192.0.2.1', port: 9 });
      if (outside === undefined) throw new Error('it is numeric');
      sockets.send(socket, Uint8Array.of(1), { start: 0, end: 1 }, outside);
      sockets.send(socket, Uint8Array.of(2), { start: 0, end: 1 }, peerEndpoint());
      await peer.count(1);
      expect(peer.received[0]?.bytes[0]).toBe(2);
      expect(sockets.counts()).toMatchObject({ failed: 1, noBuffers: 0, tooLong: 0, refused: 0 });
      expect(errors).toEqual([expect.stringMatching(/^(EACCES|ENETUNREACH|EINVAL)$/)]);
    });

    test('goes on when no one listens at the other end', async () => {
      const socket = await sockets.open(HOST, port);
      const gone = await UdpPeer.open();
      const nowhere = Endpoint.of(gone.address);
      await gone.close();
      if (nowhere === undefined) throw new Error('loopback is numeric');
      for (let count = 0; count < 3; count++) {
        sockets.send(socket, Uint8Array.of(1), { start: 0, end: 1 }, nowhere);
      }
      sockets.send(socket, Uint8Array.of(7), { start: 0, end: 1 }, peerEndpoint());
      await peer.count(1);
      await peer.send(Uint8Array.of(8), port);
      await arrived(1);
    });

    test('nothing arrives from a closed socket, its port is free, and sending on it is refused', async () => {
      const socket = await sockets.open(HOST, port);
      sockets.close(socket);
      sockets.close(socket);
      expect(sockets.send(socket, Uint8Array.of(1), { start: 0, end: 1 }, peerEndpoint())).toBe(
        false,
      );
      await sockets.stop();
      expect(sockets.counts().sockets).toBe(0);
      await sockets.open(HOST, port);
      await peer.send(Uint8Array.of(5), port);
      await arrived(1);
      expect(got).toHaveLength(1);
    });
  });
}
