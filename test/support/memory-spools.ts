import assert from 'node:assert';
import { MidcallError } from '../../src/base/errors.ts';
import type { JournalReader, JournalWriter, Spools } from '../../src/media/journal.ts';
import { RECORD_HEAD_BYTES, RECORD_KIND, type SpoolRecord } from '../../src/spool/record.ts';
import { wallclock, type Wallclock } from '../../src/base/units.ts';
import { SpoolTail } from '../../src/spool/tail.ts';
import type { Stage, StageListener } from '../../src/spool/writer.ts';

const json = (value: unknown): Uint8Array => new TextEncoder().encode(JSON.stringify(value));

/** One spool in memory, with the promises of a real one and a disk that can be told to fail. */
export class MemorySpool implements JournalWriter {
  readonly records: SpoolRecord[] = [];
  readonly tail = new SpoolTail();
  written = 0;
  synced = 0;
  syncs = 0;
  /** What the disk says from now on. */
  failure: Error | undefined;
  /** Appends are refused: the memory is at its limit. */
  full = false;
  ended = false;
  closed = false;

  constructor(header: Readonly<Record<string, unknown>>) {
    this.#put(RECORD_KIND.header, wallclock(0), json(header));
    this.#wrote(this.position);
  }

  get position(): number {
    return this.tail.position;
  }

  get packets(): readonly Uint8Array[] {
    return this.records.filter((r) => r.kind === RECORD_KIND.rtp).map((r) => r.payload);
  }

  // oxlint-disable-next-line max-params -- the contract's
  append(
    kind: number,
    arrival: Wallclock,
    packet: Uint8Array,
    start: number,
    end: number,
  ): boolean {
    if (this.full || this.failure !== undefined || this.ended) return false;
    this.#put(kind, arrival, packet.slice(start, end));
    return true;
  }

  when(stage: Stage, listener: StageListener): void {
    const reaching = stage === 'durable' ? this.#sync() : this.write();
    reaching.then(
      () => listener.reached(),
      (error: unknown) => listener.reached({ error }),
    );
  }

  async write(): Promise<void> {
    const position = this.position;
    await Promise.resolve();
    if (this.failure !== undefined) throw this.failure;
    this.#wrote(position);
  }

  async #sync(): Promise<void> {
    await this.write();
    this.syncs++;
    this.synced = this.written;
  }

  async end(payload: Readonly<Record<string, unknown>>): Promise<void> {
    this.ended = true;
    try {
      await this.write();
      this.#put(RECORD_KIND.end, wallclock(0), json(payload));
      await this.#sync();
    } finally {
      this.closed = true;
    }
  }

  async close(): Promise<void> {
    this.closed = true;
  }

  #wrote(position: number): void {
    this.tail.wrote(Math.max(0, position - this.written));
    this.written = this.tail.written;
  }

  #put(kind: number, arrival: Wallclock, payload: Uint8Array): void {
    const { position } = this;
    assert(this.tail.append(kind, arrival, payload, 0, payload.length), 'a test writes in time');
    const end = position + RECORD_HEAD_BYTES + payload.length;
    this.records.push({ kind, arrival, payload, position, end });
  }
}

export class MemorySpools implements Spools {
  readonly spools = new Map<string, MemorySpool>();
  /** `create` is refused with this. */
  refusal: Error | undefined;
  /** Bytes left for transfers. */
  room = Infinity;
  /** Readers opened and closed: what a test checks for leaks. */
  opened = 0;
  closed = 0;
  /** Reads fail with this. */
  readFailure: Error | undefined;

  async requireRoom(wanted: number): Promise<void> {
    if (wanted > this.room) throw new MidcallError('busy', 'the disk is nearly full');
  }

  async create(
    transfer: string,
    header: Readonly<Record<string, unknown>>,
  ): Promise<JournalWriter> {
    if (this.refusal !== undefined) throw this.refusal;
    const spool = new MemorySpool(header);
    this.spools.set(transfer, spool);
    return spool;
  }

  async resume(transfer: string): Promise<JournalWriter> {
    const spool = this.spools.get(transfer);
    if (spool === undefined) throw Object.assign(new Error('no spool'), { code: 'ENOENT' });
    return spool;
  }

  async read(transfer: string, position: number): Promise<JournalReader> {
    const spool = this.spools.get(transfer);
    if (spool === undefined) throw Object.assign(new Error('no spool'), { code: 'ENOENT' });
    this.opened++;
    let at = spool.records.findIndex((record) => record.position >= position);
    if (at < 0) at = spool.records.length;
    const next = async (limit = Infinity): Promise<SpoolRecord | undefined> => {
      if (this.readFailure !== undefined) throw this.readFailure;
      const record = spool.records[at];
      if (record === undefined || record.end > Math.min(limit, spool.written)) return undefined;
      at++;
      return record;
    };
    const close = async (): Promise<void> => {
      this.closed++;
    };
    return { next, close };
  }
}
