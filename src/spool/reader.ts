import { open, type FileHandle } from 'node:fs/promises';
import {
  openRecord,
  PAYLOAD_BYTES_MAX,
  RECORD_HEAD_BYTES,
  recordIntact,
  recordLength,
  type SpoolRecord,
} from './record.ts';
import { findRecord } from './resync.ts';

/** Large enough that reading G.711 costs a system call every six seconds of speech. */
const CHUNK_BYTES = 65_536;

/**
 * Reads the records of a spool in order, also while it is being written. What is wrong with the content never throws: a
 * damaged record is skipped and counted, and where no intact one follows, the reading ends and `tornAt` says where.
 */
export class SpoolCursor {
  readonly #file: FileHandle;
  /** Where the next record starts. */
  #position: number;
  /** Part of the file, from `#chunkStart`. Never reused, so that payloads stay valid. */
  #chunk: Uint8Array = new Uint8Array(0);
  #chunkStart = 0;
  #tornAt: number | undefined;
  #damaged = 0;
  /** Of the file, when last looked. */
  #size = 0;
  #closed = false;
  /** Bytes to read at once. */
  #chunkBytes = CHUNK_BYTES;

  private constructor(file: FileHandle, position: number) {
    this.#file = file;
    this.#position = position;
  }

  /** @param position of the record to begin with. @throws the node error, ENOENT when there is no such spool. */
  static async open(path: string, position = 0): Promise<SpoolCursor> {
    return new SpoolCursor(await open(path, 'r'), position);
  }

  /** Where the next record starts, or would. */
  get position(): number {
    return this.#position;
  }

  /** Bytes of damaged records that were skipped, since intact ones follow. */
  get damaged(): number {
    return this.#damaged;
  }

  /** Where the torn tail starts, once it was come to. */
  get tornAt(): number | undefined {
    return this.#tornAt;
  }

  /**
   * @param limit where to stop: the writer's `written` for a spool still being written. A record that reaches over it is not
   *   there yet; without a limit, one that reaches over the end of the file is torn.
   * @param ahead bytes that will be asked for soon: they are read at once.
   * @returns undefined when there is none, for now or for good.
   * @throws the node error when the disk fails.
   */
  async next(limit?: number, ahead = 0): Promise<SpoolRecord | undefined> {
    this.#chunkBytes = Math.max(CHUNK_BYTES, ahead);
    if (this.#tornAt !== undefined) return undefined;
    const end = limit ?? (await this.#sizeNow());
    if (this.#position >= end) return undefined;
    const head = await this.#load(RECORD_HEAD_BYTES, end);
    if (head === undefined) return this.#incomplete(limit);
    const length = recordLength(this.#chunk, head);
    if (length > PAYLOAD_BYTES_MAX) return this.#skip(end);
    const at = await this.#load(RECORD_HEAD_BYTES + length, end);
    if (at === undefined) return this.#incomplete(limit);
    if (!recordIntact(this.#chunk, at, length)) return this.#skip(end);
    const record = openRecord(this.#chunk, at, length, this.#position);
    this.#position = record.end;
    return record;
  }

  /** Goes on with the record at `position`, one that was come to before. */
  moveTo(position: number): void {
    this.#position = position;
    const isInChunk =
      position >= this.#chunkStart && position <= this.#chunkStart + this.#chunk.length;
    if (isInChunk) return;
    this.#chunk = new Uint8Array(0);
    this.#chunkStart = position;
  }

  /** Bytes that the file has now, also after its name is gone. @throws the node error when the disk fails. */
  async available(): Promise<number> {
    return (await this.#file.stat()).size;
  }

  /** Repeatable. */
  async close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    await this.#file.close();
  }

  async #sizeNow(): Promise<number> {
    if (this.#position + RECORD_HEAD_BYTES > this.#size) {
      this.#size = (await this.#file.stat()).size;
    }
    return this.#size;
  }

  /** A length that reaches over the end is a torn tail, or damage of its own. */
  async #incomplete(limit: number | undefined): Promise<SpoolRecord | undefined> {
    return limit === undefined ? this.#skip(this.#size) : undefined;
  }

  /** Goes on with the next intact record, if any. */
  async #skip(end: number): Promise<SpoolRecord | undefined> {
    const found = await findRecord(this.#file, this.#position + 1, end);
    if (found === undefined) {
      this.#tornAt = this.#position;
      return undefined;
    }
    this.#damaged += found - this.#position;
    this.#position = found;
    return this.next(end);
  }

  /** @returns where in the chunk `#position` is, with `needed` bytes from there; undefined when the file has fewer. */
  async #load(needed: number, end: number): Promise<number | undefined> {
    if (this.#position + needed > end) return undefined;
    const at = this.#position - this.#chunkStart;
    if (at + needed <= this.#chunk.length) return at;
    const size = Math.max(needed, Math.min(this.#chunkBytes, end - this.#position));
    await this.#readChunk(size);
    return needed <= this.#chunk.length ? 0 : undefined;
  }

  async #readChunk(size: number): Promise<void> {
    const chunk = Buffer.allocUnsafeSlow(size);
    let filled = 0;
    while (filled < size) {
      const at = this.#position + filled;
      const { bytesRead } = await this.#file.read(chunk, filled, size - filled, at);
      if (bytesRead === 0) break;
      filled += bytesRead;
    }
    this.#chunk = chunk.subarray(0, filled);
    this.#chunkStart = this.#position;
  }
}
