import { createHash } from 'node:crypto';
import { writeFileSync } from 'node:fs';

/** Over an hour of G.711 in memory: a softphone for tests need not do more. What comes then is dropped and counted. */
export const AUDIO_BYTES_MAX: number = 32 * 1024 * 1024;

/** A received stream's payloads, put in order by sequence number at the end. */
export class AudioReceiver {
  readonly #path: string;
  readonly #payloads = new Map<number, Uint8Array>();
  #bytes = 0;
  #dropped = 0;
  #closed = false;

  constructor(path: string) {
    this.#path = path;
  }

  get received(): number {
    return this.#bytes;
  }

  get dropped(): number {
    return this.#dropped;
  }

  /** @param sequence extended, so that it orders. */
  take(sequence: number, payload: Uint8Array): void {
    if (this.#closed || this.#bytes + payload.length > AUDIO_BYTES_MAX) {
      this.#dropped++;
      return;
    }
    this.#payloads.set(sequence, Uint8Array.from(payload));
    this.#bytes += payload.length;
  }

  /** Writes the samples to the file. @returns the hex SHA-256 of what was written. */
  close(): string {
    this.#closed = true;
    const ordered = [...this.#payloads].sort(([a], [b]) => a - b).map(([, payload]) => payload);
    const samples = Buffer.concat(ordered);
    writeFileSync(this.#path, samples);
    return createHash('sha256').update(samples).digest('hex');
  }
}
