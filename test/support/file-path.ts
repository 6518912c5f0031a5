import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { FileSender } from '../../sip-scripts/streams/file-sender.ts';
import { FileSource } from '../../sip-scripts/streams/file-source.ts';
import { OutgoingStream } from '../../sip-scripts/streams/outgoing-stream.ts';
import { readRtcp } from '../../sip-scripts/streams/rtcp.ts';
import type { ByteRange } from '../../sip-scripts/streams/file-progress.ts';
import type { RtpAddress, RtpPorts } from '../../src/rtp/transport-address.ts';
import { DATA_BYTES_MAX } from '../../src/rtp/octet-stream.ts';
import { instant } from '../../src/base/units.ts';
import { fileDelivery, fileTerms, MediaRig, SENDER, SENDER_RTCP } from './media-rig.ts';
import { filePacket } from './rtp-packets.ts';
import { NetworkPath, type PathQuality } from './network-path.ts';

export const HOST = '203.0.113.1';
/** Finer than any timer of a sender. */
const STEP_MS = 2;

/** Bytes that tell their place. */
export const fileOf = (size: number): Uint8Array =>
  Uint8Array.from({ length: size }, (_, at) => (at * 31 + (at >> 8) * 7 + (at >> 16)) & 0xff);

/** What is in the spool of a transfer, put together. */
export function fileFrom(rig: MediaRig, transfer: string, size: number): Uint8Array {
  const file = new Uint8Array(size);
  for (const packet of rig.spools.spools.get(transfer)?.packets ?? []) {
    const view = new DataView(packet.buffer, packet.byteOffset);
    file.set(packet.subarray(20), view.getUint32(16));
  }
  return file;
}

export const remoteOf = ({ rtp, rtcp }: RtpPorts): RtpAddress => ({
  rtp: { address: HOST, port: rtp },
  rtcp: { address: HOST, port: rtcp },
});

/** What was sent in a stretch of time, for figures. */
export interface RateSample {
  readonly at: number;
  readonly bytes: number;
  readonly queueMs: number;
}

/** bit/s offered to the path between two times. */
export function rateBetween(samples: readonly RateSample[], from: number, to: number): number {
  const within = samples.filter(({ at }) => at >= from && at <= to);
  const first = within[0];
  const last = within.at(-1);
  if (first === undefined || last === undefined || first === last) return 0;
  return ((last.bytes - first.bytes) * 8_000) / (last.at - first.at);
}

/** The packets of a file as a sender of ours would number them. */
export function* packetsOf(file: Uint8Array): Iterable<Uint8Array> {
  for (let at = 0, number = 0; at < file.length; at += DATA_BYTES_MAX, number++) {
    const end = at + DATA_BYTES_MAX >= file.length;
    const data = file.subarray(at, at + DATA_BYTES_MAX);
    yield filePacket({ sequence: number & 0xffff }, at, data, end);
  }
}

/** A file on its way over a network. */
export interface FilePath {
  readonly forth: NetworkPath;
  readonly samples: readonly RateSample[];
  readonly now: number;
  /** @returns whether it is over. */
  run(ms: number): Promise<boolean>;
  close(): Promise<void>;
}

/** A phone that sends a file to a plane, over a network. */
export class PhoneToPlane implements FilePath {
  readonly rig = new MediaRig();
  readonly forth: NetworkPath;
  readonly back: NetworkPath;
  readonly samples: RateSample[] = [];
  readonly told: string[] = [];
  #sender: FileSender | undefined;
  #ssrc = 0;

  constructor(quality: PathQuality, backQuality: PathQuality, seed: number) {
    this.forth = new NetworkPath(quality, seed);
    this.back = new NetworkPath(backQuality, seed + 1_000);
  }

  get now(): number {
    return this.rig.clock.ms;
  }

  get sender(): FileSender {
    if (this.#sender === undefined) throw new Error('not started');
    return this.#sender;
  }

  /** @param folder for the phone's copy. */
  async start(
    folder: string,
    file: Uint8Array,
    more: { rate?: number; have?: readonly ByteRange[] } = {},
  ): Promise<void> {
    const { rate = 8_000_000, have = [] } = more;
    const { rtp } = await this.rig.plane.openIngest('t');
    const size = file.length;
    await this.rig.plane.confirmIngest('t', fileTerms({ size, sizeMax: size }));
    const path = join(folder, 'sent');
    writeFileSync(path, file);
    const stream = new OutgoingStream(96, 65_000);
    this.#ssrc = stream.ssrc;
    const put = (packet: Uint8Array): void =>
      this.forth.put(
        { at: this.rig.clock.now(), from: SENDER.port, to: rtp, host: HOST, bytes: packet },
        this.rig.clock.ms,
      );
    this.#sender = new FileSender(
      {
        sockets: { sendRtp: put },
        stream,
        source: new FileSource(path),
        to: { address: HOST, port: rtp },
        rate,
        have,
        repeatEnd: true,
        progress: () => {},
        sentAll: () => this.told.push('sent-all'),
        gaveUp: () => this.told.push('gave-up'),
      },
      this.rig.clock.now(),
    );
  }

  /** @returns whether it is over. */
  async run(ms: number): Promise<boolean> {
    for (let step = 0; step < ms; step += STEP_MS) {
      this.sender.elapse(this.rig.clock.now());
      await this.rig.advance(STEP_MS);
      this.#move();
      if (this.rig.ofType('ingest-ended').length > 0) return true;
    }
    return false;
  }

  #move(): void {
    const now = this.rig.clock.ms;
    for (const sent of this.rig.sockets.sent.splice(0)) this.back.put(sent, now);
    for (const { to, bytes } of this.forth.take(now)) this.rig.arrive(to, SENDER, bytes);
    for (const { to, bytes } of this.back.take(now)) {
      if (to !== SENDER_RTCP.port) continue;
      const packets = readRtcp(bytes);
      const reports = packets.flatMap((packet) => packet.reports);
      const ours = reports.filter(({ ssrc }) => ssrc === this.#ssrc);
      this.sender.heard(packets, ours, instant(now));
    }
    if (now - (this.samples.at(-1)?.at ?? 0) >= 100)
      this.samples.push({ at: now, bytes: this.forth.bytes, queueMs: this.forth.queueMs(now) });
  }

  async close(): Promise<void> {
    this.#sender?.stop();
    await this.rig.plane.close();
  }
}

/** A plane that delivers a file to another, which asks for what it misses as any receiver would. */
export class PlaneToPlane implements FilePath {
  readonly from = new MediaRig({ portMin: 20_000, portMax: 20_019 });
  readonly to = new MediaRig({ portMin: 30_000, portMax: 30_019 });
  readonly forth: NetworkPath;
  readonly back: NetworkPath;
  readonly samples: RateSample[] = [];

  constructor(quality: PathQuality, backQuality: PathQuality, seed: number) {
    this.forth = new NetworkPath(quality, seed);
    this.back = new NetworkPath(backQuality, seed + 1_000);
  }

  get now(): number {
    return this.from.clock.ms;
  }

  /** @param packets of the file, in the spool of the first plane before it begins. */
  async start(file: Uint8Array, packets: Iterable<Uint8Array>, rate = 8_000_000): Promise<void> {
    const { rtp } = await this.from.plane.openIngest('t');
    const size = file.length;
    await this.from.plane.confirmIngest('t', fileTerms({ size, sizeMax: size }));
    let count = 0;
    for (const packet of packets) {
      this.from.arrive(rtp, SENDER, packet);
      if (++count % 500 === 0) await this.from.advance(1);
    }
    await this.from.advance(300);
    this.to.clock.ms = this.from.clock.ms;
    const source = await this.from.plane.openDelivery('d');
    const target = await this.to.plane.openIngest('copy');
    const format = { payloadType: 97, encoding: 'octet-stream', clockRate: 90_000, channels: 1 };
    const terms = fileTerms({ format, remote: remoteOf(source), size, sizeMax: size });
    await this.to.plane.confirmIngest('copy', terms);
    const delivery = fileDelivery({ remote: remoteOf(target), maxRate: rate });
    await this.from.plane.startDelivery('d', delivery);
  }

  /** @returns whether the delivery is over. */
  async run(ms: number): Promise<boolean> {
    for (let step = 0; step < ms; step += STEP_MS) {
      await this.from.advance(STEP_MS);
      await this.to.advance(STEP_MS);
      this.#move(this.from, this.to, this.forth);
      this.#move(this.to, this.from, this.back);
      const now = this.from.clock.ms;
      if (now - (this.samples.at(-1)?.at ?? 0) >= 100)
        this.samples.push({ at: now, bytes: this.forth.bytes, queueMs: this.forth.queueMs(now) });
      if (this.from.ofType('delivery-ended').length > 0) return true;
    }
    return false;
  }

  #move(here: MediaRig, there: MediaRig, path: NetworkPath): void {
    const now = here.clock.ms;
    for (const sent of here.sockets.sent.splice(0))
      if (there.sockets.socketAt(sent.to) >= 0) path.put(sent, now);
    for (const { to, from, bytes } of path.take(now))
      there.arrive(to, { address: HOST, port: from }, bytes);
  }

  async close(): Promise<void> {
    await this.from.plane.close();
    await this.to.plane.close();
  }
}
