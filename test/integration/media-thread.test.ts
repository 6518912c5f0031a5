import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { describe, expect, test } from '@jest/globals';
import { SILENT } from '../../src/base/log.ts';
import { PENDING_MAX, ThreadPlane, type ThreadOptions } from '../../src/media/thread-plane.ts';
import { WAIT_MS_MAX } from '../../src/net/turns.ts';
import type { UdpChoice } from '../../src/net/open-udp.ts';
import { parseRtp, RtpView } from '../../src/rtp/packet.ts';
import type { MediaEvent } from '../../src/transfers/media-plane.ts';
import { builtDist } from '../support/built-dist.ts';
import { fileDelivery, fileTerms, speechDelivery, speechTerms } from '../support/media-rig.ts';
import { filePacket, rtpPacket, speech } from '../support/rtp-packets.ts';
import { withTempFolder } from '../support/temp-folder.ts';
import { freePortRange, UdpPeer } from '../support/udp-peer.ts';

const HOST = '127.0.0.1';
const PIECE = 1_200;

const NOWHERE: ThreadOptions = {
  address: HOST,
  advertise: HOST,
  portMin: 2,
  portMax: 3,
  spoolFolder: '.',
  sockets: 'auto',
};

/** A real media thread with a spool folder, and peers that are closed in the end. */
class Bench {
  readonly plane: ThreadPlane;
  readonly events: MediaEvent[] = [];
  #wake: () => void = () => {};

  constructor(plane: ThreadPlane) {
    this.plane = plane;
    plane.listen((event) => {
      this.events.push(event);
      this.#wake();
    });
  }

  async event(type: MediaEvent['type']): Promise<MediaEvent> {
    for (;;) {
      const found = this.events.find((event) => event.type === type);
      if (found !== undefined) return found;
      await new Promise<void>((resolve) => (this.#wake = resolve));
    }
  }
}

async function withBench(
  sockets: UdpChoice,
  use: (bench: Bench, open: () => Promise<UdpPeer>) => Promise<void>,
): Promise<void> {
  await withTempFolder(async (spoolFolder) => {
    const entry = pathToFileURL(join(builtDist(), 'src/media-thread.js'));
    const ports = await freePortRange(20);
    const options = { address: HOST, advertise: HOST, ...ports, spoolFolder, sockets };
    const plane = await ThreadPlane.start(entry, options, SILENT);
    const peers: UdpPeer[] = [];
    const open = async (): Promise<UdpPeer> => {
      const peer = await UdpPeer.open();
      peers.push(peer);
      return peer;
    };
    try {
      await use(new Bench(plane), open);
    } finally {
      await plane.close();
      await Promise.all(peers.map((peer) => peer.close()));
    }
  });
}

const remoteOf = (rtp: UdpPeer, rtcp: UdpPeer) => ({ rtp: rtp.address, rtcp: rtcp.address });

/** In small bursts, so that loopback's receive buffer is not what is tested. */
async function sendPaced(
  packets: readonly Uint8Array[],
  peer: UdpPeer,
  port: number,
): Promise<void> {
  const burst = 16;
  for (let at = 0; at < packets.length; at += burst) {
    await Promise.all(packets.slice(at, at + burst).map((packet) => peer.send(packet, port)));
  }
}

describe.each(['io_uring', 'epoll', 'dgram'] as const)('a media thread on %s', (sockets) => {
  test('relays voice both ways, and nothing from a stranger', async () => {
    await withBench(sockets, async ({ plane }, open) => {
      const [caller, callee, stranger] = [await open(), await open(), await open()];
      const ports = await plane.openRelay('r');
      await plane.setRelayRemote('r', 'caller', remoteOf(caller, caller));
      await plane.setRelayRemote('r', 'callee', remoteOf(callee, callee));
      await stranger.send(rtpPacket({}, speech(66)), ports.caller.rtp);
      await caller.send(rtpPacket({}, speech(1)), ports.caller.rtp);
      await callee.send(rtpPacket({}, speech(2)), ports.callee.rtp);
      await Promise.all([caller.count(1), callee.count(1)]);
      expect(callee.received[0]).toMatchObject({ from: ports.callee.rtp });
      expect(callee.received[0]?.bytes).toEqual(Buffer.from(rtpPacket({}, speech(1))));
      expect(caller.received[0]?.bytes).toEqual(Buffer.from(rtpPacket({}, speech(2))));
      const counts = await plane.closeRelay('r');
      expect(counts).toEqual({ fromCaller: 1, fromCallee: 1, foreign: 1 });
    });
  });

  test('stores a file of 1 MB at a high rate and delivers every byte while it comes in', async () => {
    await withBench(sockets, async (bench, open) => {
      const { plane } = bench;
      const [sender, senderRtcp, receiver, receiverRtcp] = [
        await open(),
        await open(),
        await open(),
        await open(),
      ];
      const file = randomBytes(1_000_000);
      const packets: Uint8Array[] = [];
      for (let at = 0; at < file.length; at += PIECE) {
        const end = at + PIECE >= file.length;
        packets.push(
          filePacket({ sequence: packets.length }, at, file.subarray(at, at + PIECE), end),
        );
      }
      const { rtp: to } = await plane.openIngest('t');
      const terms = { size: file.length, remote: remoteOf(sender, senderRtcp) };
      await plane.confirmIngest('t', fileTerms(terms));
      await plane.openDelivery('d');
      const remote = remoteOf(receiver, receiverRtcp);
      await plane.startDelivery('d', fileDelivery({ remote, maxRate: 200_000_000 }));
      const half = packets.length >> 1;
      await sendPaced(packets.slice(0, half), sender, to);
      await receiver.count(1);
      expect(bench.events.some(({ type }) => type === 'ingest-ended')).toBe(false);
      await sendPaced(packets.slice(half), sender, to);
      expect(await bench.event('ingest-ended')).toMatchObject({
        cause: 'complete',
        stored: file.length,
        reception: { received: packets.length, lost: 0, dropped: 0 },
      });
      await receiver.count(packets.length);
      const copy = Buffer.alloc(file.length);
      const view = new RtpView();
      for (const { bytes } of receiver.received) {
        expect(parseRtp(bytes, bytes.length, view)).toBeUndefined();
        bytes.copy(copy, bytes.readUIntBE(view.payloadStart + 2, 6), view.payloadStart + 8);
      }
      expect(copy.equals(file)).toBe(true);
      await plane.closeDelivery('d');
      expect(await bench.event('delivery-ended')).toMatchObject({ delivered: file.length });
    });
  });

  test('delivers a burst of speech at the pace of its clock', async () => {
    await withBench(sockets, async (bench, open) => {
      const { plane } = bench;
      const [sender, senderRtcp, receiver, receiverRtcp] = [
        await open(),
        await open(),
        await open(),
        await open(),
      ];
      const { rtp: to } = await plane.openIngest('t');
      await plane.confirmIngest('t', speechTerms({ remote: remoteOf(sender, senderRtcp) }));
      for (let number = 0; number < 25; number++) {
        await sender.send(
          rtpPacket({ sequence: number, timestamp: 160 * number }, speech(number)),
          to,
        );
      }
      await bench.event('ingest-progress');
      await plane.openDelivery('d');
      const remote = remoteOf(receiver, receiverRtcp);
      await plane.startDelivery('d', speechDelivery({ remote }));
      await plane.endIngest('t', 'end-of-data');
      expect(await bench.event('delivery-ended')).toMatchObject({ cause: 'complete' });
      await receiver.count(25);
      const times = receiver.received.map(({ at }) => at);
      const lasted = (times.at(-1) ?? 0) - (times[0] ?? 0);
      // 24 steps of 20 ms; a busy machine may be late with it, but never early.
      expect(lasted).toBeGreaterThan(470);
      await receiverRtcp.count(1);
      await senderRtcp.count(1);
    });
  });

  test('a question wakes it, though nothing comes in', async () => {
    await withBench(sockets, async ({ plane }) => {
      const took: number[] = [];
      for (let asked = 0; asked < 20; asked++) {
        const start = performance.now();
        await plane.counts();
        took.push(performance.now() - start);
      }
      // Without being woken, it would look after WAIT_MS_MAX each time; a busy machine is not slow each time.
      expect(Math.min(...took)).toBeLessThan(WAIT_MS_MAX / 2);
    });
  });

  test('answers a bad request with its code, and goes on', async () => {
    await withBench(sockets, async ({ plane }) => {
      const remote = {
        rtp: { address: 'phone.example', port: 1 },
        rtcp: { address: 'x', port: 1 },
      };
      await plane.openIngest('t');
      await expect(plane.confirmIngest('t', speechTerms({ remote }))).rejects.toMatchObject({
        code: 'bad-request',
      });
      await expect(plane.confirmIngest('u', speechTerms())).rejects.toMatchObject({
        code: 'unknown-prompt',
      });
      expect(await plane.counts()).toMatchObject({ ingests: 1 });
    });
  });
});

test('a media thread does not come up without its code', async () => {
  const entry = pathToFileURL(join(builtDist(), 'src/no-such-thread.js'));
  await expect(ThreadPlane.start(entry, NOWHERE, SILENT)).rejects.toMatchObject({
    code: 'storage-unavailable',
  });
});

/** A thread that comes up and then does this with each message. */
const threadThat = (onMessage: string): URL =>
  new URL(
    `data:text/javascript,${encodeURIComponent(
      `import { parentPort } from 'node:worker_threads';
       parentPort.postMessage({ type: 'ready' });
       parentPort.on('message', () => { ${onMessage} });`,
    )}`,
  );

describe('a media thread that dies', () => {
  test('fails what waits for it and what comes later, and says so once', async () => {
    const plane = await ThreadPlane.start(threadThat("throw new Error('boom');"), NOWHERE, SILENT);
    const events: MediaEvent[] = [];
    const failed = new Promise<void>((resolve) => {
      plane.listen((event) => {
        events.push(event);
        resolve();
      });
    });
    await expect(plane.counts()).rejects.toMatchObject({ code: 'storage-unavailable' });
    await failed;
    await expect(plane.openIngest('t')).rejects.toMatchObject({ code: 'storage-unavailable' });
    await plane.close();
    expect(events).toEqual([{ type: 'plane-failed', text: expect.stringContaining('boom') }]);
  });
});

describe('a media thread that does not keep up', () => {
  test(`has ${PENDING_MAX} requests waiting, one more is refused, and closing it fails them all`, async () => {
    const plane = await ThreadPlane.start(threadThat(''), NOWHERE, SILENT);
    const waiting = Promise.allSettled(Array.from({ length: PENDING_MAX }, () => plane.counts()));
    await expect(plane.counts()).rejects.toMatchObject({ code: 'busy' });
    await plane.close();
    const failures = (await waiting).filter(({ status }) => status === 'rejected');
    expect(failures).toHaveLength(PENDING_MAX);
  });
});
