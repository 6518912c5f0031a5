import { createHash } from 'node:crypto';
import { closeSync, createReadStream, fstatSync, openSync, readSync } from 'node:fs';
import {
  DATA_BYTES_MAX,
  HEADER_BYTES,
  writeOctetStreamHeader,
} from '../../src/rtp/octet-stream.ts';

/** A file cut into octet-stream payloads (docs/in-call-protocol.md §5). Only one payload is in memory at a time. */
export class FileSource {
  readonly size: number;
  readonly #descriptor: number;
  readonly #payload = Buffer.alloc(HEADER_BYTES + DATA_BYTES_MAX);

  /** @throws the error of `fs` when the file can't be read. */
  constructor(path: string) {
    this.#descriptor = openSync(path, 'r');
    this.size = fstatSync(this.#descriptor).size;
  }

  /** @returns the payload from `offset` to `end`, valid until the next call; empty past the end. */
  payload(offset: number, end: number = this.pieceEnd(offset)): Uint8Array {
    const wanted = end - offset;
    const length = readSync(this.#descriptor, this.#payload, HEADER_BYTES, wanted, offset);
    if (length === 0) return this.#payload.subarray(0, 0);
    writeOctetStreamHeader(this.#payload, 0, offset, offset + length === this.size);
    return this.#payload.subarray(0, HEADER_BYTES + length);
  }

  /** Where a payload that starts at `offset` ends, when nothing else bounds it. */
  pieceEnd(offset: number): number {
    return Math.max(offset, Math.min(offset + DATA_BYTES_MAX, this.size));
  }

  /** Where the last payload starts, the one that carries E. */
  get lastOffset(): number {
    return Math.max(0, Math.ceil(this.size / DATA_BYTES_MAX) - 1) * DATA_BYTES_MAX;
  }

  close(): void {
    closeSync(this.#descriptor);
  }
}

/** Hex SHA-256 of a file of any size. */
export async function fileSha256(path: string): Promise<string> {
  const hash = createHash('sha256');
  for await (const chunk of createReadStream(path)) hash.update(chunk);
  return hash.digest('hex');
}
