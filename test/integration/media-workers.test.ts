import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { expect, test } from '@jest/globals';
import { PlanePool, portsOfWorker } from '../../src/media/plane-pool.ts';
import { ThreadPlane } from '../../src/media/thread-plane.ts';
import { systemClock } from '../../src/net/system-clock.ts';
import type { MediaEvent } from '../../src/transfers/media-plane.ts';
import { builtDist } from '../support/built-dist.ts';
import { RecordingLog } from '../support/recording-log.ts';
import { rtpPacket, speech } from '../support/rtp-packets.ts';
import { withTempFolder } from '../support/temp-folder.ts';
import { freePortRange, UdpPeer } from '../support/udp-peer.ts';

const HOST = '127.0.0.1';

/** The real thread, but one that dies of a certain relay. */
const mortalThread = (real: string): URL =>
  new URL(
    `data:text/javascript,${encodeURIComponent(
      `import { parentPort } from 'node:worker_threads';
       await import(${JSON.stringify(real)});
       parentPort.on('message', ({ args }) => {
         if (args[0] === 'deadly') throw new Error('boom');
       });`,
    )}`,
  );

/** Sends a packet through a relay and waits for it at the other end. */
async function passes(pool: PlanePool, relay: string): Promise<void> {
  const [caller, callee] = [await UdpPeer.open(), await UdpPeer.open()];
  const ports = await pool.openRelay(relay);
  await pool.setRelayRemote(relay, 'caller', { rtp: caller.address, rtcp: caller.address });
  await pool.setRelayRemote(relay, 'callee', { rtp: callee.address, rtcp: callee.address });
  await caller.send(rtpPacket({}, speech(1)), ports.caller.rtp);
  await callee.count(1);
  await Promise.all([caller.close(), callee.close()]);
}

test('a media worker crashes: what it carried is named, the other one goes on, and it comes back', async () => {
  await withTempFolder(async (spoolFolder) => {
    const range = await freePortRange(40);
    const log = new RecordingLog();
    const entry = mortalThread(pathToFileURL(join(builtDist(), 'src/media-thread.js')).href);
    const start = (index: number): Promise<ThreadPlane> => {
      const ports = portsOfWorker(range, index, 2);
      const shared = { address: HOST, advertise: HOST, spoolFolder, sockets: 'auto' } as const;
      return ThreadPlane.start(entry, { ...shared, ...ports }, log);
    };
    const pool = await PlanePool.start(2, { start, clock: systemClock, log });
    try {
      const failed = new Promise<MediaEvent>((resolve) => pool.listen(resolve));
      await passes(pool, 'a');
      await passes(pool, 'b');
      await pool.openIngest('t');
      await expect(pool.openRelay('deadly')).rejects.toMatchObject({
        code: 'storage-unavailable',
      });
      expect(await failed).toMatchObject({
        type: 'plane-failed',
        relays: ['b', 'deadly'],
        transfers: [],
      });
      await pool.setRelayRemote('a', 'caller', undefined);
      for (const relay of ['c', 'd', 'e']) await passes(pool, relay);
      expect(log.named('media.worker-failed')).toHaveLength(1);
    } finally {
      await pool.close();
    }
  });
});
