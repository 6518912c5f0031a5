import { rename, rm } from 'node:fs/promises';
import type { ByteRange } from '../base/byte-range.ts';
import { MidcallError } from '../base/errors.ts';
import { wallclock, type Wallclock } from '../base/units.ts';
import { makeFolders, syncFolder } from '../objects/durable.ts';
import type { ObjectStore } from '../objects/object-store.ts';
import { DATA_BYTES_MAX, HEADER_BYTES, writeOctetStreamHeader } from '../rtp/octet-stream.ts';
import { RTP_HEADER_BYTES, writeRtpHeader } from '../rtp/packet.ts';
import { spoolPath } from '../spool/path.ts';
import { RECORD_KIND } from '../spool/record.ts';
import { SpoolWriter } from '../spool/writer.ts';
import { inTime, TimeOver } from './in-time.ts';
import type { SpoolHeader } from './spool-header.ts';

const DATA_AT = RTP_HEADER_BYTES + HEADER_BYTES;
/** Records are written when there are so many bytes of them. */
const WRITE_BYTES = 262_144;

export interface Seeding {
  readonly transfer: string;
  readonly header: SpoolHeader;
  readonly objects: Pick<ObjectStore, 'read'>;
  /** Key of the object that holds the bytes. */
  readonly key: string;
  readonly ranges: readonly ByteRange[];
  /** Where the spool is written, and where it goes once it is whole. On one disk. */
  readonly folders: { readonly scratch: string; readonly spools: string };
  /** Aborted when time is over: what was not read by then is left out. */
  readonly over: AbortSignal;
}

/**
 * Writes a spool whose packets carry these bytes of an object, as if they had come in: octet-stream, in the order of the file.
 * It has its name once all of it is durable.
 * @returns the ranges that are in it, one at least.
 * @throws MidcallError, the node error: nothing is left behind.
 */
export async function seedSpool(seeding: Seeding): Promise<readonly ByteRange[]> {
  const { transfer, header, folders } = seeding;
  const unfinished = spoolPath(folders.scratch, transfer);
  await makeFolders(folders.scratch);
  await rm(unfinished, { force: true });
  const writer = await SpoolWriter.open(folders.scratch, transfer, header.json);
  let written: readonly ByteRange[];
  try {
    written = await writeRanges(new SeedPackets(writer, header), seeding);
    if (written.length === 0) throw new TimeOver();
    await writer.sync();
    await writer.close();
    await rename(unfinished, spoolPath(folders.spools, transfer));
  } catch (error) {
    await writer.close().catch(() => undefined);
    await rm(unfinished, { force: true });
    throw error;
  }
  await syncFolder(folders.spools);
  return written;
}

/** @returns what of the ranges could be read in time. */
async function writeRanges(packets: SeedPackets, seeding: Seeding): Promise<ByteRange[]> {
  const { key, ranges } = seeding;
  const written: ByteRange[] = [];
  for (const { start, end } of ranges) {
    packets.goTo(start);
    const isRead = await writeRange(packets, seeding, { start, end });
    await packets.finish();
    if (packets.offset > start) written.push({ start, end: packets.offset });
    if (!isRead) return written;
    if (packets.offset !== end)
      throw new MidcallError('storage-unavailable', `${key} ends at ${packets.offset}`);
  }
  return written;
}

/** @returns false when time was over before all of it was read. */
async function writeRange(
  packets: SeedPackets,
  { objects, key, over }: Seeding,
  { start, end }: ByteRange,
): Promise<boolean> {
  const chunks = objects.read(key, { start, end: end - 1 })[Symbol.asyncIterator]();
  try {
    for (;;) {
      const { done, value } = await inTime(chunks.next(), over);
      if (done === true) return true;
      await packets.add(value);
    }
  } catch (error) {
    if (error instanceof TimeOver) return false;
    throw error;
  } finally {
    // Not waited for: a read that hangs would be waited for with it.
    chunks.return?.().catch(() => undefined);
  }
}

/** Cuts what is read into packets of full size. */
class SeedPackets {
  readonly #writer: SpoolWriter;
  readonly #payloadType: number;
  readonly #size: number | undefined;
  readonly #arrival: Wallclock;
  /** Reused for each packet. */
  readonly #packet = new Uint8Array(DATA_AT + DATA_BYTES_MAX);
  /** Data bytes in the packet. */
  #length = 0;
  /** Place of the first of them. */
  #start = 0;
  #sequence = 0;

  constructor(writer: SpoolWriter, { payload, size, json }: SpoolHeader) {
    this.#writer = writer;
    this.#payloadType = payload.payloadType;
    this.#size = size;
    const { startedAt } = json;
    this.#arrival = wallclock(typeof startedAt === 'number' ? startedAt : 0);
  }

  /** Where the next byte goes. */
  get offset(): number {
    return this.#start + this.#length;
  }

  goTo(offset: number): void {
    this.#start = offset;
  }

  async add(chunk: Uint8Array): Promise<void> {
    for (let at = 0; at < chunk.length;) {
      const piece = chunk.subarray(at, at + DATA_BYTES_MAX - this.#length);
      this.#packet.set(piece, DATA_AT + this.#length);
      this.#length += piece.length;
      at += piece.length;
      if (this.#length === DATA_BYTES_MAX) await this.finish();
    }
  }

  /** The next byte begins a packet. */
  async finish(): Promise<void> {
    if (this.#length === 0) return;
    const marker = this.offset === this.#size;
    writeRtpHeader(this.#packet, 0, {
      marker,
      payloadType: this.#payloadType,
      sequence: this.#sequence++ & 0xffff,
      timestamp: 0,
      ssrc: 0,
    });
    writeOctetStreamHeader(this.#packet, RTP_HEADER_BYTES, this.#start, marker);
    const end = DATA_AT + this.#length;
    this.#writer.append(RECORD_KIND.rtp, this.#arrival, this.#packet, 0, end);
    this.#start += this.#length;
    this.#length = 0;
    if (this.#writer.position - this.#writer.written >= WRITE_BYTES) await this.#writer.write();
  }
}
