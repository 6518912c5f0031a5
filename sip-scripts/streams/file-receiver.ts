import { closeSync, openSync, writeSync } from 'node:fs';
import type { Instant } from '../../src/base/units.ts';
import { Extents } from '../../src/media/extents.ts';
import { FileGaps } from '../../src/media/file-gaps.ts';
import { NackList } from '../../src/media/nack-list.ts';
import { HEADER_BYTES, OctetStreamView, parseOctetStream } from '../../src/rtp/octet-stream.ts';

/** A file over RTP being put together on disk; each packet names its place (docs/in-call-protocol.md §5). */
export class FileReceiver {
  readonly #view = new OctetStreamView();
  readonly #extents = new Extents();
  readonly #nacks = new NackList();
  readonly #gaps = new FileGaps(this.#nacks, this.#extents);
  readonly #descriptor: number;
  /** Asks for packets again. */
  readonly #ask: (sequences: readonly number[]) => void;
  #size: number | undefined;
  #closed = false;
  /** Payloads that could not be read, or had no room. */
  #refused = 0;

  /** @throws the error of `fs` when the file can't be written. */
  constructor(path: string, ask: (sequences: readonly number[]) => void) {
    this.#descriptor = openSync(path, 'w');
    this.#ask = ask;
  }

  /** Distinct bytes that are there. */
  get received(): number {
    return this.#extents.covered;
  }

  /** Known once the last packet has come. */
  get size(): number | undefined {
    return this.#size;
  }

  get refused(): number {
    return this.#refused;
  }

  /** Every byte up to the one that E marks is there. */
  get complete(): boolean {
    return this.#size !== undefined && this.#extents.covers(this.#size);
  }

  /** @param number extended sequence number. @returns how many new bytes this payload brought. */
  take(number: number, payload: Uint8Array, now: Instant): number {
    const view = this.#view;
    if (this.#closed || !parseOctetStream(payload, view)) return this.#refuse();
    const { offset, length } = view;
    this.#gaps.arrived(number, view, now);
    const added = this.#extents.missing(offset, offset + length);
    if (!this.#extents.add(offset, offset + length)) return this.#refuse();
    if (view.end) this.#size = offset + length;
    if (added > 0) writeSync(this.#descriptor, payload, HEADER_BYTES, length, offset);
    return added;
  }

  /** Asks for what is missing and due. */
  elapse(now: Instant): void {
    if (this.#closed) return;
    const has = ({ start, end }: { readonly start: number; readonly end: number }): boolean =>
      this.#extents.missing(start, end) === 0;
    const missing = this.#nacks.due(now, has);
    if (missing.length > 0) this.#ask(missing);
  }

  /** When `elapse` has something to do. */
  deadline(): Instant {
    return this.#nacks.deadline();
  }

  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#nacks.clear();
    closeSync(this.#descriptor);
  }

  #refuse(): number {
    this.#refused++;
    return 0;
  }
}
