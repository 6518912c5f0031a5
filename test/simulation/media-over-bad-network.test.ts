import { describe, expect, test } from '@jest/globals';
import type { RtpPorts } from '../../src/rtp/transport-address.ts';
import type { RtpAddress } from '../../src/rtp/transport-address.ts';
import { LossyLink, type LinkQuality } from '../support/lossy-link.ts';
import {
  fileDelivery,
  fileTerms,
  MediaRig,
  SENDER,
  speechDelivery,
  speechTerms,
} from '../support/media-rig.ts';
import { filePacket, rtpPacket, speech } from '../support/rtp-packets.ts';

const HOST = '203.0.113.1';
const GOOD: LinkQuality = { loss: 0, duplication: 0, delayMs: 5, jitterMs: 0 };
const BAD: LinkQuality = { loss: 0.08, duplication: 0.03, delayMs: 20, jitterMs: 15 };

const remoteOf = ({ rtp, rtcp }: RtpPorts): RtpAddress => ({
  rtp: { address: HOST, port: rtp },
  rtcp: { address: HOST, port: rtcp },
});

/** Two planes: what one delivers, the other stores. Both ends of every rule of ours meet here. */
class Chain {
  readonly from = new MediaRig({ portMin: 20_000, portMax: 20_019 });
  readonly to = new MediaRig({ portMin: 30_000, portMax: 30_019 });
  readonly #forth: LossyLink;
  readonly #back: LossyLink;

  constructor(quality: LinkQuality, seed: number) {
    this.#forth = new LossyLink(quality, seed);
    this.#back = new LossyLink(quality, seed + 1);
  }

  async advance(ms: number): Promise<void> {
    for (let step = 0; step < ms; step++) {
      await this.from.advance(1);
      await this.to.advance(1);
      this.#move(this.from, this.to, this.#forth);
      this.#move(this.to, this.from, this.#back);
    }
  }

  #move(here: MediaRig, there: MediaRig, link: LossyLink): void {
    const now = here.clock.ms;
    for (const sent of here.sockets.sent.splice(0)) {
      if (there.sockets.socketAt(sent.to) >= 0) link.put(sent, now);
    }
    for (const { to, from, bytes } of link.take(now)) {
      there.arrive(to, { address: HOST, port: from }, bytes);
    }
  }

  async close(): Promise<void> {
    await this.from.plane.close();
    await this.to.plane.close();
  }
}

function fileFrom(rig: MediaRig, transfer: string, size: number): Uint8Array {
  const file = new Uint8Array(size);
  for (const packet of rig.spools.spools.get(transfer)?.packets ?? []) {
    const view = new DataView(packet.buffer, packet.byteOffset);
    file.set(packet.subarray(20), view.getUint32(16));
  }
  return file;
}

describe('a file over a bad network', () => {
  test.each([1, 3, 29])('arrives with every byte (seed %d)', async (seed) => {
    const chain = new Chain(BAD, seed);
    const file = Uint8Array.from({ length: 100_000 }, (_, at) => (at * 7 + (at >> 9)) & 0xff);
    const { rtp } = await chain.from.plane.openIngest('t');
    await chain.from.plane.confirmIngest('t', fileTerms());
    for (let at = 0; at < file.length; at += 1_000) {
      const end = at + 1_000 >= file.length;
      const fields = { sequence: 65_500 + at / 1_000 };
      chain.from.arrive(rtp, SENDER, filePacket(fields, at, file.subarray(at, at + 1_000), end));
    }
    const source = await chain.from.plane.openDelivery('d');
    const target = await chain.to.plane.openIngest('copy');
    const format = { payloadType: 97, encoding: 'octet-stream', clockRate: 90_000, channels: 1 };
    const terms = fileTerms({ format, remote: remoteOf(source), size: file.length });
    await chain.to.plane.confirmIngest('copy', terms);
    const remote = remoteOf(target);
    await chain.from.plane.startDelivery('d', fileDelivery({ remote, maxRate: 2_000_000 }));
    await chain.advance(8_000);
    expect(chain.from.ofType('delivery-ended')).toMatchObject([{ cause: 'complete' }]);
    const [ended] = chain.to.ofType('ingest-ended');
    expect(ended).toMatchObject({ cause: 'complete', stored: file.length });
    expect(fileFrom(chain.to, 'copy', file.length)).toEqual(file);
    expect(chain.from.ofType('delivery-ended')).toMatchObject([{ delivered: file.length }]);
    await chain.close();
  });
});

describe('speech over a bad network', () => {
  async function speak(chain: Chain, packets: number): Promise<void> {
    const { rtp } = await chain.from.plane.openIngest('t');
    await chain.from.plane.confirmIngest('t', speechTerms());
    const source = await chain.from.plane.openDelivery('d');
    const target = await chain.to.plane.openIngest('copy');
    const format = { payloadType: 8, encoding: 'PCMA', clockRate: 8_000, channels: 1 };
    const terms = speechTerms({ format, remote: remoteOf(source) });
    await chain.to.plane.confirmIngest('copy', terms);
    await chain.from.plane.startDelivery('d', speechDelivery({ remote: remoteOf(target) }));
    for (let number = 0; number < packets; number++) {
      const fields = { sequence: 65_500 + number, timestamp: 2 ** 32 - 8_000 + 160 * number };
      chain.from.arrive(rtp, SENDER, rtpPacket(fields, speech(number)));
      await chain.advance(20);
    }
    await chain.advance(500);
    await chain.from.plane.endIngest('t', 'end-of-data');
    await chain.advance(500);
  }

  test('that is good, every packet arrives', async () => {
    const chain = new Chain(GOOD, 1);
    await speak(chain, 100);
    const [ended] = chain.to.ofType('ingest-ended');
    expect(ended).toMatchObject({ cause: 'bye', stored: 100 * 160 });
    expect(ended?.reception).toMatchObject({ received: 100, expected: 100, lost: 0, gaps: 0 });
    await chain.close();
  });

  test.each([1, 2])('is stored in order, and every packet has one fate (seed %d)', async (seed) => {
    const chain = new Chain(BAD, seed);
    await speak(chain, 200);
    await chain.to.plane.endIngest('copy', 'end-of-data');
    await chain.advance(10);
    const [ended] = chain.to.ofType('ingest-ended');
    const { received = 0, expected, lost = 0, late = 0, dropped = 0 } = ended?.reception ?? {};
    expect(received + lost + late + dropped).toBe(expected);
    expect(received).toBeGreaterThan(160);
    const numbers = (chain.to.spools.spools.get('copy')?.packets ?? []).map(
      (packet) => (packet[12] ?? 0) * 256 + (packet[13] ?? 0),
    );
    expect(numbers).toHaveLength(received);
    expect(numbers).toEqual(numbers.toSorted((a, b) => a - b));
    await chain.close();
  });
});
