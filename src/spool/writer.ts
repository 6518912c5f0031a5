import assert from 'node:assert';
import { open, stat, unlink } from 'node:fs/promises';
import { getSystemErrorName } from 'node:util';
import { wallclock, type Wallclock } from '../base/units.ts';
import { RecordBatch } from './batch.ts';
import { syncFolder } from '../objects/durable.ts';
import type { AskedWrite, GroupWrite } from './group-write.ts';
import { spoolPath } from './path.ts';
import { RECORD_KIND } from './record.ts';

const OWNER_ONLY = 0o600;

/** What is used of a `FileHandle`; tests pass disks that fail. */
export interface SpoolFile {
  write(
    bytes: Uint8Array,
    offset: number,
    length: number,
    position: number,
  ): Promise<{ readonly bytesWritten: number }>;
  datasync(): Promise<void>;
  truncate(length: number): Promise<void>;
  close(): Promise<void>;
  /** Where it can be written, and synced, by one job with others. */
  readonly group?: { readonly fd: number; readonly write: GroupWrite };
}

/** One that the operating system knows by a number. */
export interface OpenedFile extends SpoolFile {
  readonly fd: number;
}

/** As Node would throw it. @param error a negative errno. */
export function writeError(error: number): Error {
  const code = getSystemErrorName(error);
  return Object.assign(new Error(`${code}: write`), { code, errno: error });
}

/** Makes a spool’s file. @throws the node error, EEXIST when there is one. */
export const createSpoolFile = (path: string): Promise<OpenedFile> => open(path, 'wx', OWNER_ONLY);

/** Opens the file of a spool that is there. @throws the node error, ENOENT when there is none. */
export const openSpoolFile = (path: string): Promise<OpenedFile> => open(path, 'r+');

/** Who is told when a commit is done. */
export interface CommitListener {
  /** @param failure of the disk; undefined when all that was appended before is durable. */
  committed(failure?: { readonly error: unknown }): void;
}

/**
 * Appends the records of one transfer to its spool. `append` is synchronous and copies into the filling batch; `write`
 * swaps it with the spare one and writes that, so that packets may come in meanwhile.
 *
 *   append ──► filling ◄─swap─► spare ──► file (written) ──fdatasync──► disk (synced)
 *
 * After an error of the disk (ENOSPC, EIO) the writer is failed for good: the file is cut back to `written`, `append` says
 * false, every promise rejects with that first error, and only `close` still does something. A file system may forget what
 * a failed fsync did not store, so trying again could report as stored what is lost.
 */
export class SpoolWriter {
  readonly path: string;
  readonly #file: SpoolFile;
  #filling = new RecordBatch();
  #spare = new RecordBatch();
  /** Bytes in the file, always whole records. */
  #written = 0;
  /** Bytes known to survive a power cut. */
  #synced = 0;
  /** Bytes of the batch on its way to the file. */
  #inFlight = 0;
  /** The commit going on: who asked for it. */
  #committing: CommitListener | undefined;
  /** Someone waits for the commit. */
  #afterCommit: (() => void) | undefined;
  /** The write going on, and the one that will follow it: never more. */
  #writing: Promise<void> | undefined;
  #queued: Promise<void> | undefined;
  /** The first error of the disk. */
  #failure: { readonly error: unknown } | undefined;
  /** `end` or `close` was called: nothing more is taken. */
  #ended = false;
  #closed = false;
  /** The batch on its way by a commit, as its group takes it. */
  readonly #piece: { -readonly [K in keyof AskedWrite]: AskedWrite[K] } = {
    fd: -1,
    bytes: new Uint8Array(0),
    length: 0,
    position: 0,
    durable: true,
    written: (error) => this.#committed(error),
  };
  /** Arrival of the last record, which is the time of the end record. */
  #newest: Wallclock = wallclock(0);

  private constructor(path: string, file: SpoolFile) {
    this.path = path;
    this.#file = file;
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
    create: (path: string) => Promise<SpoolFile> = createSpoolFile,
  ): Promise<SpoolWriter> {
    const path = spoolPath(folder, transfer);
    const writer = new SpoolWriter(path, await create(path));
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
    openFile: (path: string) => Promise<SpoolFile> = openSpoolFile,
  ): Promise<SpoolWriter> {
    const path = spoolPath(folder, transfer);
    const { size } = await stat(path);
    const writer = new SpoolWriter(path, await openFile(path));
    writer.#newest = startOf(header);
    writer.#written = size;
    writer.#synced = size;
    return writer;
  }

  /** Bytes appended, also those not written yet. */
  get position(): number {
    return this.#written + this.#inFlight + this.#filling.length;
  }

  /** Where a reader of the file may read up to: the end of its last whole record. */
  get written(): number {
    return this.#written;
  }

  /**
   * Copies `packet[start, end)` into the batch as one record.
   * @returns false when the batch is at its limit, or the writer failed or closed; the caller counts the packet as dropped.
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
    if (!this.#filling.append(kind, arrival, packet, start, end)) return false;
    this.#newest = arrival;
    return true;
  }

  /** Writes all that was appended before this call. Any number may be pending: they share at most two writes. */
  async write(): Promise<void> {
    if (this.#committing !== undefined)
      this.#writing ??= new Promise((resolve) => (this.#afterCommit = resolve));
    if (this.#queued !== undefined) return this.#queued;
    if (this.#writing === undefined) return this.#startWrite();
    const start = (): Promise<void> => this.#startQueued();
    this.#queued = this.#writing.then(start, start);
    return this.#queued;
  }

  /**
   * As `sync`, for who does it five times a second for hundreds of spools: where the file has a group, nothing is allocated, and
   * what is written is synced by the same job. One at a time. Never calls back before it returns.
   */
  commit(listener: CommitListener): void {
    const { group } = this.#file;
    const batch = this.#filling;
    const isIdle =
      this.#writing === undefined && this.#queued === undefined && this.#failure === undefined;
    if (group === undefined || !isIdle || batch.length === 0) return this.#commitAlone(listener);
    this.#swap();
    this.#committing = listener;
    this.#piece.fd = group.fd;
    this.#piece.bytes = batch.buffer;
    this.#piece.length = batch.length;
    this.#piece.position = this.#written;
    group.write.ask(this.#piece);
  }

  /** Writes, then makes it durable. @returns the position up to which it is. */
  async sync(): Promise<number> {
    await this.write();
    this.#throwFailure();
    const position = this.#written;
    if (position === this.#synced) return position;
    await this.#file.datasync().catch((error: unknown) => this.#fail(error));
    this.#synced = Math.max(this.#synced, position);
    return this.#synced;
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
        await this.#file.close();
      }
    }
  }

  #appendJson(kind: number, value: Readonly<Record<string, unknown>>): void {
    const payload = Buffer.from(JSON.stringify(value));
    assert(this.#filling.append(kind, this.#newest, payload, 0, payload.length), 'batch is empty');
  }

  #startWrite(): Promise<void> {
    this.#writing = this.#writeBatch().finally(() => {
      this.#writing = undefined;
    });
    return this.#writing;
  }

  #startQueued(): Promise<void> {
    this.#queued = undefined;
    return this.#startWrite();
  }

  async #writeBatch(): Promise<void> {
    this.#throwFailure();
    const batch = this.#filling;
    if (batch.length === 0) return;
    this.#swap();
    try {
      await this.#writeAll(batch.bytes);
      this.#written += batch.length;
    } catch (error) {
      await this.#cutBack();
      this.#fail(error);
    } finally {
      this.#inFlight = 0;
      batch.clear();
    }
  }

  #swap(): void {
    const batch = this.#filling;
    this.#filling = this.#spare;
    this.#spare = batch;
    this.#inFlight = batch.length;
  }

  #commitAlone(listener: CommitListener): void {
    this.sync().then(
      () => listener.committed(),
      (error: unknown) => listener.committed({ error }),
    );
  }

  #committed(error: number): void {
    if (error !== 0) return void this.#cutBack().then(() => this.#endCommit(writeError(error)));
    this.#written += this.#inFlight;
    this.#synced = this.#written;
    this.#endCommit();
  }

  #endCommit(error?: Error): void {
    if (error !== undefined) this.#failure ??= { error };
    this.#inFlight = 0;
    this.#spare.clear();
    const listener = this.#committing;
    const wake = this.#afterCommit;
    this.#committing = undefined;
    this.#afterCommit = undefined;
    if (wake !== undefined) this.#writing = undefined;
    wake?.();
    listener?.committed(this.#failure);
  }

  async #writeAll(bytes: Uint8Array): Promise<void> {
    for (let done = 0; done < bytes.length;) {
      const at = this.#written + done;
      const { bytesWritten } = await this.#file.write(bytes, done, bytes.length - done, at);
      if (bytesWritten === 0) throw Object.assign(new Error('nothing written'), { code: 'EIO' });
      done += bytesWritten;
    }
  }

  /** A disk that is full often still takes half a record. */
  async #cutBack(): Promise<void> {
    await this.#file.truncate(this.#written).catch(() => undefined);
  }

  #fail(error: unknown): never {
    this.#failure ??= { error };
    throw this.#failure.error;
  }

  #throwFailure(): void {
    if (this.#failure !== undefined) throw this.#failure.error;
  }
}

const startOf = ({ startedAt }: Readonly<Record<string, unknown>>): Wallclock =>
  wallclock(typeof startedAt === 'number' ? startedAt : 0);
