import { appendFile, mkdir, readdir, stat, truncate, unlink } from 'node:fs/promises';
import path from 'node:path';
import type { Clock } from '../base/clock.ts';
import type { Log } from '../base/log.ts';
import { hasCode } from '../base/node-error.ts';

/** Lines that wait for a disk that does not take them: several thousand. More are dropped and counted. */
export const WAITING_BYTES_MAX = 4_194_304;
const DAY_MS = 86_400_000;
const NAME = /^\d{4}-\d\d-\d\d\.jsonl$/;

interface Ports {
  readonly clock: Clock;
  readonly log: Log;
  /** Days that a file is kept. */
  readonly days: number;
  /** For tests with a disk that fails. */
  readonly append?: (file: string, text: string) => Promise<void>;
}

/**
 * Detail records as lines of JSON, a file a day (UTC), each line in whole. What the disk does not take waits in memory for the next
 * record, up to a limit. Files older than the days they are kept for go when a new day begins.
 */
export class RecordFiles {
  readonly #folder: string;
  readonly #ports: Ports;
  #waiting: string[] = [];
  #waitingBytes = 0;
  #writing: Promise<void> | undefined;
  /** The file that was written last. */
  #current = '';
  /** Records that there was no room for. */
  dropped = 0;

  constructor(folder: string, ports: Ports) {
    this.#folder = folder;
    this.#ports = ports;
  }

  /** In the background; never throws. */
  write(record: object): void {
    const line = `${JSON.stringify(record)}\n`;
    if (this.#waitingBytes + line.length > WAITING_BYTES_MAX) {
      this.dropped += 1;
      return;
    }
    this.#waiting.push(line);
    this.#waitingBytes += line.length;
    this.#writing ??= this.#writeAll().finally(() => (this.#writing = undefined));
  }

  /** Writes what waits, if the disk takes it. */
  async close(): Promise<void> {
    await this.#writing;
    if (this.#waiting.length > 0) await this.#writeAll();
  }

  async #writeAll(): Promise<void> {
    while (this.#waiting.length > 0) {
      const lines = this.#waiting;
      this.#waiting = [];
      try {
        await this.#writeSome(lines.join(''));
        this.#waitingBytes -= lengthOf(lines);
      } catch (cause) {
        this.#waiting = [...lines, ...this.#waiting];
        this.#ports.log.warn('records.not-written', { cause: String(cause) });
        return;
      }
    }
  }

  async #writeSome(text: string): Promise<void> {
    const { clock, append = appendFile } = this.#ports;
    const name = nameOf(clock.wallclock());
    if (name !== this.#current) {
      await mkdir(this.#folder, { recursive: true });
      await this.#removeOld();
      this.#current = name;
    }
    const file = path.join(this.#folder, name);
    const length = await lengthOfFile(file);
    try {
      await append(file, text);
    } catch (cause) {
      // A disk that is full has taken a part of it, maybe of a line, and all of it comes again.
      await truncate(file, length).catch(() => undefined);
      throw cause;
    }
  }

  async #removeOld(): Promise<void> {
    const { clock, days } = this.#ports;
    const oldest = nameOf(clock.wallclock() - days * DAY_MS);
    const names = await readdir(this.#folder);
    for (const name of names)
      if (NAME.test(name) && name < oldest) await unlink(path.join(this.#folder, name));
  }
}

const nameOf = (at: number): string => `${new Date(at).toISOString().slice(0, 10)}.jsonl`;

const lengthOf = (lines: readonly string[]): number =>
  lines.reduce((sum, line) => sum + line.length, 0);

async function lengthOfFile(file: string): Promise<number> {
  try {
    return (await stat(file)).size;
  } catch (cause) {
    if (hasCode(cause, 'ENOENT')) return 0;
    throw cause;
  }
}
