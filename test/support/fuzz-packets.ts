import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ONE_BYTE_PROFILE } from '../../src/rtp/header-extension.ts';
import { RtcpWriter } from '../../src/rtp/rtcp-writer.ts';
import { extensionData, filePacket, fullPacket, rtpPacket, speech } from './rtp-packets.ts';
import type { SeededRandom } from './seeded-random.ts';

const CORPUS = join(import.meta.dirname, '../fuzz/media-corpus');
/** Payload types of the legs that are fuzzed (media-fuzz.ts). */
export const TYPES = { speech: 0, events: 101, file: 96, vp8: 97, h264: 98 } as const;
const SSRCS = [0xcafe_f00d, 0xcafe_f00d, 0xcafe_f00d, 5, 0, 0xffff_ffff];

/** Packets to start from that were kept. */
export const keptPackets = (): readonly Uint8Array[] =>
  readdirSync(CORPUS)
    .toSorted()
    .map((file) => readFileSync(join(CORPUS, file), 'utf8').replaceAll(/\s/g, ''))
    .map((hex) => Uint8Array.from(Buffer.from(hex, 'hex')));

/** RTP as a sender might send it: each kind goes on from where it was. */
export class FuzzRtp {
  #sequence = 65_500;

  next(random: SeededRandom): Uint8Array {
    this.#sequence = (this.#sequence + (random.chance(80) ? 1 : random.below(65_536))) & 0xffff;
    const header = {
      sequence: this.#sequence,
      timestamp: (this.#sequence * 160) >>> 0,
      ssrc: random.oneOf(SSRCS),
      marker: random.chance(10),
      payloadType: random.oneOf(Object.values(TYPES)),
    };
    if (header.payloadType === TYPES.file) {
      const piece = speech(this.#sequence).subarray(0, random.below(161));
      return filePacket(header, random.below(100_000), piece, random.chance(2));
    }
    if (header.payloadType === TYPES.events)
      return rtpPacket(
        header,
        Uint8Array.from({ length: 4 }, () => random.below(256)),
      );
    const payload = speech(this.#sequence).subarray(0, random.below(161));
    if (random.chance(80)) return rtpPacket(header, payload);
    const data = extensionData([{ id: 1, data: Uint8Array.of(random.below(256)) }], 'one-byte');
    const extension = { profile: ONE_BYTE_PROFILE, data };
    const csrcs = Array.from({ length: random.below(4) }, () => random.below(2 ** 32));
    return fullPacket(header, payload, { csrcs, extension, padding: random.below(5) });
  }
}

/** RTCP of every kind that is read, alone and in compounds. */
export function fuzzRtcp(random: SeededRandom): Uint8Array {
  const ssrc = random.oneOf(SSRCS);
  const media = random.oneOf(SSRCS);
  const word = (): number => random.below(2 ** 32);
  const block = (): Parameters<RtcpWriter['receiverReport']>[1][number] => ({
    ssrc: media,
    fractionLost: random.below(256),
    lost: random.below(2 ** 24) - 2 ** 23,
    highest: word(),
    jitter: word(),
    lastSenderReport: word(),
    delaySinceLastSenderReport: word(),
  });
  const writer = new RtcpWriter();
  const times = { ntpSeconds: word(), ntpFraction: word(), timestamp: word() };
  const sender = { ...times, packets: word(), octets: word() };
  const blocks = Array.from({ length: random.below(3) }, block);
  if (random.chance(50)) writer.senderReport(ssrc, sender, blocks);
  else writer.receiverReport(ssrc, blocks);
  writer.cname(ssrc, 'fuzz@192.0.2.10');
  if (random.chance(20)) writer.nack(ssrc, media, [random.below(65_536), random.below(65_536)]);
  if (random.chance(20)) writer.pli(ssrc, media);
  if (random.chance(20)) writer.fir(ssrc, [{ media, number: random.below(256) }]);
  if (random.chance(10)) writer.app(ssrc, { subtype: 1, name: 'fuzz', data: new Uint8Array(8) });
  if (random.chance(3)) writer.bye(ssrc, 'gone');
  return writer.bytes.slice(0, writer.length);
}
