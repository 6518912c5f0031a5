import assert from 'node:assert';
import { stat, unlink } from 'node:fs/promises';
import { wallclock, type Wallclock } from '../base/units.ts';
import { syncFolder } from '../objects/durable.ts';
import { singleFiles, writeError, type OpenFile, type Piece, type SpoolFile } from './file.ts';
import { spoolPath } from './path.ts';
import { RECORD_KIND } from './record.ts';
import { SpoolTail } from './tail.ts';

/** How far something is on its way to the disk: in the file, or sure to survive a power cut. */
export type Stage = 'written' | 'durable';

/** Who is told that what was appended has come to a stage. */
export interface StageListener {
  /** Must not throw. @param failure of the disk; undefined when all that was appended before is there. */
  reached(failure?: { readonly error: unknown }): void;
}

interface Waiting {
  /** Up to here. */
  readonly position: number;
  readonly stage: Stage;
  readonly listener: StageListener;
}

/**
 * Appends the records of one transfer to its spool. `append` is synchronous and copies into the tail in memory; the disk is asked for
 * one piece of it at a time, as long as someone waits for what is not there yet.
 *
 *   append ──► tail (position) ──► file (written) ──fdatasync──► disk (synced)
 *
 * After an error of the disk (ENOSPC, EIO) the writer is failed for good: the file is cut back to `written`, `append` says
 * false, everybody is told that first error, and only `close` still does something. A file system may forget what
 * a failed fsync did not store, so trying again could report as stored what is lost.
 */
export class SpoolWriter {
  readonly path: string;
  readonly tail: SpoolTail;
  readonly #file: SpoolFile;
  /** Bytes known to survive a power cut. */
  #synced: number;
  /** In the order they asked. */
  readonly #waiting: Waiting[] = [];
  /** A piece is on its way, or the end of one is being told. */
  #isBusy = false;
  /** The first error of the disk. */
  #failure: { readonly error: unknown } | undefined;
  /** `end` or `close` was called: nothing more is taken. */
  #ended = false;
  #closed = false;
  /** Reused for each piece: there is one at a time. */
  readonly #piece: { -readonly [K in keyof Piece]: Piece[K] } = {
    bytes: new Uint8Array(0),
    offset: 0,
    length: 0,
    position: 0,
    durable: false,
    written: (error) => this.#wrote(error),
  };
  /** Arrival of the last record, which is the time of the end record. */
  #newest: Wallclock = wallclock(0);

  private constructor(path: string, file: SpoolFile, size: number) {
    this.path = path;
    this.#file = file;
    this.tail = new SpoolTail(size);
    this.#synced = size;
  }

  /**
   * Creates the spool with its header record; both it and its name are durable when this resolves. The header record's
   * arrival is `header.startedAt` when that is a number (epoch milliseconds), else 0.
   * @param create makes the file, and fails when there is one.
   * @throws the node error: EEXIST when there is one already, ENOSPC, ENOENT …; nothing is left behind then.
   */
  static async open(
    folder: string,
    transfer: string,
    header: Readonly<Record<string, unknown>>,
    create: OpenFile = singleFiles.create,
  ): Promise<SpoolWriter> {
    const path = spoolPath(folder, transfer);
    const writer = new SpoolWriter(path, await create(path), 0);
    try {
      writer.#newest = startOf(header);
      writer.#appendJson(RECORD_KIND.header, header);
      await writer.sync();
      await syncFolder(folder);
    } catch (error) {
      await writer.close().catch(() => undefined);
      await unlink(path).catch(() => undefined);
      throw error;
    }
    return writer;
  }

  /**
   * Goes on behind the last record of a spool without an end record, all of which is durable.
   * @param header as it was opened with. @param openFile opens the file.
   * @throws the node error: ENOENT when there is none.
   */
  static async resume(
    folder: string,
    transfer: string,
    header: Readonly<Record<string, unknown>>,
    openFile: OpenFile = singleFiles.open,
  ): Promise<SpoolWriter> {
    const path = spoolPath(folder, transfer);
    const { size } = await stat(path);
    const writer = new SpoolWriter(path, await openFile(path), size);
    writer.#newest = startOf(header);
    return writer;
  }

  /** Bytes appended, also those not written yet. */
  get position(): number {
    return this.#failure === undefined ? this.tail.position : this.written;
  }

  /** Where a reader of the file may read up to: the end of a whole record. */
  get written(): number {
    return this.tail.written;
  }

  /**
   * Copies `packet[start, end)` into the tail as one record.
   * @returns false when that is at its limit, or the writer failed or closed; the caller counts the packet as dropped.
   */
  // oxlint-disable-next-line max-params -- called per packet; an options object would be an allocation
  append(
    kind: number,
    arrival: Wallclock,
    packet: Uint8Array,
    start: number,
    end: number,
  ): boolean {
    if (this.#failure !== undefined || this.#ended) return false;
    if (!this.tail.append(kind, arrival, packet, start, end)) return false;
    this.#newest = arrival;
    return true;
  }

  /** Says when all that was appended before has come to a stage. Any number may wait. Never calls back before it returns. */
  when(stage: Stage, listener: StageListener): void {
    this.#waiting.push({ position: this.tail.position, stage, listener });
    if (this.#isBusy) return;
    this.#isBusy = true;
    if (!this.#askNext()) queueMicrotask(() => this.#tell());
  }

  /** Writes all that was appended before this call. @throws the node error. */
  write(): Promise<void> {
    return this.#reach('written');
  }

  /** Makes it durable, too. @throws the node error. */
  sync(): Promise<void> {
    return this.#reach('durable');
  }

  /** Appends the end record, syncs and closes, also when that fails. */
  async end(payload: Readonly<Record<string, unknown>>): Promise<void> {
    this.#ended = true;
    try {
      await this.write();
      this.#appendJson(RECORD_KIND.end, payload);
      await this.sync();
    } finally {
      await this.close();
    }
  }

  /** Writes what is left, unless failed, and closes the file. The spool stays without an end record. Repeatable. */
  async close(): Promise<void> {
    this.#ended = true;
    if (this.#closed) return;
    try {
      if (this.#failure === undefined) await this.write();
    } finally {
      if (!this.#closed) {
        this.#closed = true;
        this.tail.end();
        await this.#file.close();
      }
    }
  }

  #appendJson(kind: number, value: Readonly<Record<string, unknown>>): void {
    const payload = Buffer.from(JSON.stringify(value));
    assert(this.tail.append(kind, this.#newest, payload, 0, payload.length), 'all is written');
  }

  #reach(stage: Stage): Promise<void> {
    return new Promise((resolve, reject) => {
      const reached: StageListener['reached'] = (failure) =>
        failure === undefined ? resolve() : reject(failure.error);
      this.when(stage, { reached });
    });
  }

  /** Asks the disk for the next piece of what someone waits for. @returns false when nobody does any more. */
  #askNext(): boolean {
    if (this.#waiting.every((waiting) => this.#hasReached(waiting))) return false;
    const piece = this.#piece;
    this.tail.unwritten(piece);
    const end = piece.position + piece.length;
    piece.durable = this.#waiting.some(
      ({ stage, position }) => stage === 'durable' && position <= end,
    );
    this.#file.ask(piece);
    return true;
  }

  #wrote(error: number): void {
    if (error !== 0) return this.#giveUp(error);
    this.tail.wrote(this.#piece.length);
    if (this.#piece.durable) this.#synced = this.written;
    // So that memory that was given back is not kept by this.
    this.tail.unwritten(this.#piece);
    this.#tell();
  }

  /** A disk that is full often still takes half a record. */
  #giveUp(error: number): void {
    this.#failure ??= { error: writeError(error) };
    this.tail.end();
    const tell = (): void => this.#tell();
    this.#file.truncate(this.written).then(tell, tell);
  }

  /** Tells those who have what they waited for, in the order they asked, once the next piece is on its way. */
  #tell(): void {
    const next = this.#waiting.findIndex((one) => !this.#hasReached(one));
    const told = this.#waiting.splice(0, next < 0 ? this.#waiting.length : next);
    this.#isBusy = this.#askNext();
    for (const { listener } of told) listener.reached(this.#failure);
  }

  #hasReached({ stage, position }: Waiting): boolean {
    if (this.#failure !== undefined) return true;
    return (stage === 'durable' ? this.#synced : this.written) >= position;
  }
}

const startOf = ({ startedAt }: Readonly<Record<string, unknown>>): Wallclock =>
  wallclock(typeof startedAt === 'number' ? startedAt : 0);
