import { execFileSync } from 'node:child_process';
import { readdir, readFile, stat, truncate } from 'node:fs/promises';
import path from 'node:path';
import { hasCode } from '../../src/base/node-error.ts';

/** What a sync takes longer, ms: a disk that is busy. */
const SYNC_MS = 200;
const SPOOL = '.spool';
const SOURCE = path.join(import.meta.dirname, '../support/power-cut.c');

/**
 * Makes of a kill a power cut: what is killed loses nothing that it has written, since the kernel has it; a disk that loses its
 * power keeps what was synced. Spools are cut back to that.
 */
export class PowerCut {
  /** Of a platform whose spools these are. */
  readonly env: Readonly<Record<string, string>>;
  readonly #spools: string;
  readonly #log: string;

  /** @param folder for what it needs itself. @param dataDir of the platform. */
  constructor(folder: string, dataDir: string) {
    const spools = path.join(dataDir, 'spool');
    const library = path.join(folder, 'power-cut.so');
    execFileSync('cc', ['-shared', '-fPIC', '-o', library, SOURCE, '-ldl']);
    this.#spools = spools;
    this.#log = path.join(folder, 'synced');
    this.env = {
      LD_PRELOAD: library,
      POWER_CUT_FOLDER: spools,
      POWER_CUT_SYNCED: this.#log,
      POWER_CUT_SLOW: path.join(dataDir, 'objects'),
      POWER_CUT_SYNC_MS: String(SYNC_MS),
    };
  }

  /** To be called when the platform is dead. A spool that was never synced is empty. */
  async happen(): Promise<void> {
    const synced = await this.#synced();
    for (const name of await unlessMissing(readdir(this.#spools), [])) {
      if (!name.endsWith(SPOOL)) continue;
      const file = path.join(this.#spools, name);
      const { size } = await stat(file);
      await truncate(file, Math.min(size, synced.get(file) ?? 0));
    }
  }

  /** Bytes by path: the last sync says it. */
  async #synced(): Promise<Map<string, number>> {
    const lines = (await unlessMissing(readFile(this.#log, 'utf8'), '')).trimEnd().split('\n');
    return new Map(
      lines.map((line) => {
        const space = line.indexOf(' ');
        return [line.slice(space + 1), Number(line.slice(0, space))];
      }),
    );
  }
}

const unlessMissing = <T>(found: Promise<T>, otherwise: T): Promise<T> =>
  found.catch((error: unknown) => {
    if (hasCode(error, 'ENOENT')) return otherwise;
    throw error;
  });
