import assert from 'node:assert';
import { HEADER_BYTES, OctetStreamView, parseOctetStream } from '../rtp/octet-stream.ts';
import { parseRtp, RtpView } from '../rtp/packet.ts';
import { SpoolCursor } from '../spool/reader.ts';
import { RECORD_KIND, type SpoolRecord } from '../spool/record.ts';
import { UNANNOUNCED_BYTES_MAX } from './file-assembly.ts';

/** Packets behind a hole whose places are remembered: 64 MB of file in packets of 1 kB. Beyond, following ends. */
export const WAITING_PACKETS_MAX = 65_536;
/** Holes that stay are passed on as zeros, in pieces of this size. */
const ZERO_BYTES = 65_536;

/** One packet's bytes of a file. */
interface Piece {
  readonly offset: number;
  readonly bytes: Uint8Array;
}

/**
 * A file from its first byte on, in order, while its packets still come in whatever order: what lies behind a hole is read from
 * the spool again once the hole is filled. At the end, holes are zeros, as in the recording.
 * @param path of the spool. @param records of it, in their order. @param size as announced; packets beyond are dropped.
 * @throws RangeError when more than {@link WAITING_PACKETS_MAX} packets wait behind a hole.
 */
export async function* followedFile(
  path: string,
  records: AsyncIterable<SpoolRecord>,
  size: number = UNANNOUNCED_BYTES_MAX,
): AsyncIterable<Uint8Array> {
  const again = await SpoolCursor.open(path);
  try {
    const file = new FileInOrder(again, size);
    for await (const record of records) yield* file.take(record);
    yield* file.leftOver();
  } finally {
    await again.close();
  }
}

class FileInOrder {
  /** Reads once more what had to wait. */
  readonly #again: SpoolCursor;
  readonly #size: number;
  /** Offset → where its record is in the spool. */
  readonly #waiting = new Map<number, number>();
  /** Bytes passed on, without a hole. */
  #sent = 0;

  constructor(again: SpoolCursor, size: number) {
    this.#again = again;
    this.#size = size;
  }

  /** What can be passed on because of this record. */
  async *take(record: SpoolRecord): AsyncIterable<Uint8Array> {
    const piece = pieceOf(record);
    if (piece === undefined || endOf(piece) > this.#size) return;
    if (piece.offset > this.#sent) return this.#wait(piece.offset, record.position);
    yield* this.#pass(piece);
    for (let next = await this.#next(); next !== undefined; next = await this.#next())
      yield* this.#pass(next);
  }

  /** The rest, with its holes. */
  async *leftOver(): AsyncIterable<Uint8Array> {
    for (const [offset, position] of [...this.#waiting].toSorted(([a], [b]) => a - b)) {
      yield* zeros(offset - this.#sent);
      this.#sent = Math.max(this.#sent, offset);
      yield* this.#pass(await this.#pieceAt(position));
    }
  }

  /** Packets that overlap come out once. */
  *#pass(piece: Piece): Iterable<Uint8Array> {
    if (endOf(piece) <= this.#sent) return;
    yield piece.bytes.subarray(this.#sent - piece.offset);
    this.#sent = endOf(piece);
  }

  #wait(offset: number, position: number): void {
    if (this.#waiting.size >= WAITING_PACKETS_MAX && !this.#waiting.has(offset))
      throw new RangeError('too much of the file waits behind a hole');
    this.#waiting.set(offset, position);
  }

  async #next(): Promise<Piece | undefined> {
    const position = this.#waiting.get(this.#sent);
    if (position === undefined) return undefined;
    this.#waiting.delete(this.#sent);
    return this.#pieceAt(position);
  }

  async #pieceAt(position: number): Promise<Piece> {
    this.#again.moveTo(position);
    const record = await this.#again.next(Number.POSITIVE_INFINITY);
    const piece = record && pieceOf(record);
    assert(piece !== undefined, 'a record of a spool does not change');
    return piece;
  }
}

function* zeros(count: number): Iterable<Uint8Array> {
  for (let left = count; left > 0; left -= ZERO_BYTES)
    yield new Uint8Array(Math.min(left, ZERO_BYTES));
}

function pieceOf({ kind, payload: packet }: SpoolRecord): Piece | undefined {
  const rtp = new RtpView();
  const octets = new OctetStreamView();
  if (kind !== RECORD_KIND.rtp || parseRtp(packet, packet.length, rtp) !== undefined)
    return undefined;
  const payload = packet.subarray(rtp.payloadStart, rtp.payloadEnd);
  if (!parseOctetStream(payload, octets)) return undefined;
  const { offset, length } = octets;
  return { offset, bytes: payload.subarray(HEADER_BYTES, HEADER_BYTES + length) };
}

const endOf = ({ offset, bytes }: Piece): number => offset + bytes.length;
