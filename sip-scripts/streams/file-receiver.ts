import { closeSync, openSync, writeSync } from 'node:fs';
import { HEADER_BYTES, OctetStreamView, parseOctetStream } from '../../src/rtp/octet-stream.ts';
import { ByteRanges } from './byte-ranges.ts';

/** A file over RTP being put together on disk; each packet names its place (docs/in-call-protocol.md §5). */
export class FileReceiver {
  readonly #view = new OctetStreamView();
  readonly #ranges = new ByteRanges();
  readonly #descriptor: number;
  #size: number | undefined;
  #closed = false;
  /** Payloads that could not be read, or had no room. */
  #refused = 0;

  /** @throws the error of `fs` when the file can't be written. */
  constructor(path: string) {
    this.#descriptor = openSync(path, 'w');
  }

  /** Distinct bytes that are there. */
  get received(): number {
    return this.#ranges.total;
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
    return this.#size !== undefined && this.#ranges.covers(this.#size);
  }

  /** @returns how many new bytes this payload brought. */
  take(payload: Uint8Array): number {
    const view = this.#view;
    if (this.#closed || !parseOctetStream(payload, view)) return this.#refuse();
    const added = this.#ranges.add(view.offset, view.offset + view.length);
    if (added < 0) return this.#refuse();
    if (view.end) this.#size = view.offset + view.length;
    if (added > 0) writeSync(this.#descriptor, payload, HEADER_BYTES, view.length, view.offset);
    return added;
  }

  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    closeSync(this.#descriptor);
  }

  #refuse(): number {
    this.#refused++;
    return 0;
  }
}
