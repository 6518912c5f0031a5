import type { FramePiece, FrameUnit } from './depacketizer.ts';
import { LOSS_RANGES_MAX } from './loss-map.ts';
import type { PlacedPacket } from './media-reader.ts';
import type { VideoCodec } from './video-codec.ts';

/** Several times a key frame of 4K; a frame that goes on beyond it is a sender's mistake, or an attack. */
export const FRAME_BYTES_MAX = 8_388_608;

/** A frame all of whose packets came. */
export interface Frame {
  /** Media clock units from the start. */
  readonly at: number;
  readonly isKey: boolean;
  readonly bytes: Uint8Array;
}

/** A frame that is still coming. */
interface Opened {
  readonly at: number;
  readonly timestamp: number;
  readonly ssrc: number;
  units: FrameUnit[];
  bytes: number;
  /** It has its beginning, and nothing is missing since. */
  intact: boolean;
  /** It has its end: the marker bit (RFC 7741 §4.1, RFC 9628 §4.1, RFC 6184 §5.1). */
  ended: boolean;
}

/**
 * Puts the packets of a video together to frames: those with the same timestamp are one. A frame that lost a packet is
 * counted, and not passed on as if it were whole.
 */
export class FrameAssembly {
  readonly #codec: VideoCodec;
  #opened: Opened | undefined;
  /** Frames with a packet missing, or that can't be read. */
  broken = 0;
  /** Where they are, in media clock units from the start; the first {@link LOSS_RANGES_MAX}. */
  readonly brokenAt: number[] = [];

  constructor(codec: VideoCodec) {
    this.#codec = codec;
  }

  /** @returns the frame before, when the packet begins another and that one was whole. */
  add(packet: PlacedPacket): Frame | undefined {
    const piece = this.#codec.depacketize(packet.payload);
    const opened = this.#opened;
    if (opened?.timestamp === packet.timestamp && opened.ssrc === packet.ssrc) {
      if (!packet.follows) opened.intact = false;
      append(opened, piece, packet);
      return undefined;
    }
    // Without a marker, the beginning of the next frame right behind it shows that nothing is missing.
    if (opened !== undefined && packet.follows && begins(piece, packet)) opened.ended = true;
    const frame = this.finish();
    const { at, timestamp, ssrc } = packet;
    this.#opened = { at, timestamp, ssrc, units: [], bytes: 0, intact: true, ended: false };
    append(this.#opened, piece, packet);
    return frame;
  }

  /** @returns the last frame, when it was whole. */
  finish(): Frame | undefined {
    const opened = this.#opened;
    this.#opened = undefined;
    if (opened === undefined || (opened.intact && opened.units.length === 0)) return undefined;
    const bytes = opened.intact && opened.ended ? this.#codec.join(opened.units) : undefined;
    if (bytes === undefined) return this.#lose(opened.at);
    return { at: opened.at, isKey: this.#codec.isKey(bytes), bytes };
  }

  #lose(at: number): undefined {
    this.broken++;
    if (this.brokenAt.length < LOSS_RANGES_MAX) this.brokenAt.push(at);
    return undefined;
  }
}

function begins(piece: FramePiece | undefined, { follows }: PlacedPacket): boolean {
  return piece?.starts === 'yes' || (follows && piece?.starts === 'if-nothing-lost');
}

/** What can't become a frame any more is not kept. */
function append(to: Opened, piece: FramePiece | undefined, packet: PlacedPacket): void {
  if (packet.marker) to.ended = true;
  if (piece?.units.length === 0) return;
  to.intact &&= piece !== undefined && (to.units.length > 0 || begins(piece, packet));
  for (const unit of piece?.units ?? []) keep(to, unit);
}

function keep(to: Opened, unit: FrameUnit): void {
  to.bytes += unit.bytes.length;
  to.intact &&= to.bytes <= FRAME_BYTES_MAX;
  if (to.intact) to.units.push(unit);
  else to.units = [];
}

/** The whole frames of a stream. @param assembly counts those that are not. */
export async function* wholeFrames(
  packets: AsyncIterable<PlacedPacket>,
  assembly: FrameAssembly,
): AsyncIterable<Frame> {
  for await (const packet of packets) {
    const frame = assembly.add(packet);
    if (frame !== undefined) yield frame;
  }
  const last = assembly.finish();
  if (last !== undefined) yield last;
}
