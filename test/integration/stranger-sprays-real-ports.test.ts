import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { SILENT } from '../../src/base/log.ts';
import { PlaneCore } from '../../src/media/plane-core.ts';
import { systemClock, systemRandom } from '../../src/net/system-clock.ts';
import { DgramSockets } from '../../src/net/udp-dgram.ts';
import { speechTerms } from '../support/media-rig.ts';
import { MemorySpools } from '../support/memory-spools.ts';
import { rtpPacket, speech } from '../support/rtp-packets.ts';
import { UdpPeer } from '../support/udp-peer.ts';

/** Where no other program of this machine has ports. */
const HOST = '127.83.84.82';
/** Four sockets each, so 4,000 descriptors. */
const CALLS = 1_000;
const INGESTS = 50;
/** So many datagrams are on their way at a time: as many as one socket's buffer holds where the kernel gives little. */
const WAVE = 50;
/** Below the ports that the kernel gives out. */
const PORTS = { portMin: 10_000, portMax: 29_999 };
const STRANGE = rtpPacket({ ssrc: 0x6666_6666, sequence: 9 }, speech(9));
const GOODBYE = Uint8Array.of(0x81, 203, 0, 1, 0xca, 0xfe, 0xf0, 0x0d);

describe('a stranger on real sockets', () => {
  let caller: UdpPeer;
  let callee: UdpPeer;
  let stranger: UdpPeer;
  let sockets: DgramSockets;
  let plane: PlaneCore;
  let spools: MemorySpools;
  let arrived: number;
  let wake: () => void;

  beforeEach(async () => {
    caller = await UdpPeer.open(HOST);
    callee = await UdpPeer.open(HOST);
    stranger = await UdpPeer.open(HOST);
    spools = new MemorySpools();
    arrived = 0;
    wake = () => {};
    sockets = new DgramSockets(systemClock, {
      onBatch: (batch) => {
        plane.receive(batch);
        arrived += batch.count;
        wake();
      },
      onError: () => {},
    });
    plane = new PlaneCore({
      sockets,
      spools,
      clock: systemClock,
      random: systemRandom,
      log: SILENT,
      address: { bind: HOST, advertise: HOST },
      ports: { ...PORTS, startAt: process.pid },
    });
  });

  afterEach(async () => {
    await plane.close();
    await sockets.stop();
    await Promise.all([caller.close(), callee.close(), stranger.close()]);
  });

  const remoteOf = (peer: UdpPeer) => ({ rtp: peer.address, rtcp: peer.address });
  const until = async (count: number): Promise<void> => {
    while (arrived < count) await new Promise<void>((resolve) => (wake = resolve));
  };

  /** Sends a packet to each port, a wave at a time; resolves when the plane has got them all. */
  async function sendToAll(
    from: UdpPeer,
    ports: readonly number[],
    bytes: Uint8Array,
  ): Promise<void> {
    for (let first = 0; first < ports.length; first += WAVE) {
      const wave = ports.slice(first, first + WAVE);
      const wanted = arrived + wave.length;
      await Promise.all(wave.map((port) => from.send(bytes, port)));
      await until(wanted);
    }
  }

  test(`reaches nobody in ${CALLS} calls, and gets nothing`, async () => {
    const relays = [];
    for (let index = 0; index < CALLS; index++) {
      relays.push(await plane.openRelay(`r${index}`));
      await plane.setRelayRemote(`r${index}`, 'caller', remoteOf(caller));
      await plane.setRelayRemote(`r${index}`, 'callee', remoteOf(callee));
    }
    const ingests = [];
    for (let index = 0; index < INGESTS; index++) {
      ingests.push(await plane.openIngest(`t${index}`));
      await plane.confirmIngest(`t${index}`, speechTerms({ remote: remoteOf(caller) }));
    }
    const pairs = [...relays.flatMap((relay) => [relay.caller, relay.callee]), ...ingests];
    const ports = pairs.flatMap(({ rtp, rtcp }) => [rtp, rtcp]);
    const inward = relays.map((relay) => relay.caller.rtp);
    const storage = ingests.map(({ rtp }) => rtp);
    const voice = rtpPacket({ sequence: 1 }, speech(1));

    await sendToAll(stranger, ports, STRANGE);
    await sendToAll(stranger, ports, GOODBYE);
    await sendToAll(caller, [...inward, ...storage], voice);
    await callee.count(CALLS);

    const counts = await plane.counts();
    expect(counts).toMatchObject({ foreign: 2 * ports.length, relays: CALLS, ingests: INGESTS });
    expect(callee.received.every(({ bytes }) => bytes.equals(voice))).toBe(true);
    expect(callee.received).toHaveLength(CALLS);
    for (let index = 0; index < INGESTS; index++) {
      const packets = spools.spools.get(`t${index}`)?.packets ?? [];
      expect(packets.map((packet) => Buffer.from(packet).equals(voice))).toEqual([true]);
    }
    // What it sends to itself now would come after anything that the plane had sent it.
    await stranger.send(Uint8Array.of(1), stranger.address.port);
    await stranger.count(1);
    expect(stranger.received.map(({ from }) => from)).toEqual([stranger.address.port]);
  }, 60_000);
});
