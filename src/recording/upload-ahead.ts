import { rm } from 'node:fs/promises';
import path from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import type { Log } from '../base/log.ts';
import { makeFolders } from '../objects/durable.ts';
import type { ObjectParts } from '../objects/object-store.ts';
import { spoolPath } from '../spool/path.ts';
import { retryWaitMs } from '../transfers/retry.ts';
import { FollowedSpool } from './followed-spool.ts';
import { grownParts, type GrownPart } from './grown-parts.ts';
import { keyOfSpool, type ObjectAddress } from './object-address.ts';

/** Each holds two files open and, with the library's, about 200 KB. Those beyond are sent when they are over. */
export const AHEAD_MAX = 100;

export interface AheadFolders {
  readonly spools: string;
  readonly scratch: string;
}

/**
 * Sends the parts of objects ahead while their transfers still go on, so that at the end little is left to do. Nothing depends on
 * it: the recording at the end goes through the whole spool again, and sends what is not there or differs.
 */
export class UploadAhead {
  readonly #folders: AheadFolders;
  readonly #parts: ObjectParts;
  readonly #log: Log;
  readonly #running = new Map<string, Following>();
  /** Transfers that were not followed since there were too many. */
  refused = 0;
  /** Parts that were tried in vain, each time. */
  failures = 0;

  constructor(folders: AheadFolders, parts: ObjectParts, log: Log) {
    this.#folders = folders;
    this.#parts = parts;
    this.#log = log;
  }

  /** How many transfers are followed. */
  get count(): number {
    return this.#running.size;
  }

  /** @param stored bytes of the transfer's data in the spool. One part's worth is where it begins to be of use. */
  grown(transfer: string, stored: number): void {
    const running = this.#running.get(transfer);
    if (running !== undefined) return running.spool.grown();
    if (stored < this.#parts.partBytes) return;
    if (this.#running.size >= AHEAD_MAX) {
      this.refused += 1;
      return;
    }
    this.#running.set(transfer, this.#follow(transfer));
  }

  /** Resolves when nothing of the transfer is under way any more. Repeatable. */
  async stop(transfer: string): Promise<void> {
    const running = this.#running.get(transfer);
    if (running === undefined) return;
    running.spool.stop();
    running.over.abort();
    await running.ended;
    this.#running.delete(transfer);
  }

  async close(): Promise<void> {
    await Promise.all([...this.#running.keys()].map((transfer) => this.stop(transfer)));
  }

  #follow(transfer: string): Following {
    const spool = new FollowedSpool(spoolPath(this.#folders.spools, transfer));
    const over = new AbortController();
    const ended = this.#sendAll(transfer, spool, over.signal).catch((cause: unknown) =>
      this.#log.warn('upload.not-ahead', { transfer, cause: String(cause) }),
    );
    return { spool, over, ended };
  }

  async #sendAll(transfer: string, spool: FollowedSpool, over: AbortSignal): Promise<void> {
    await makeFolders(this.#folders.scratch);
    const scratch = path.join(this.#folders.scratch, `${transfer}.ahead`);
    try {
      const address = await keyOfSpool(spool.path);
      const { partBytes } = this.#parts;
      const parts = grownParts({ spool, header: address.header, scratch, partBytes });
      for await (const part of parts) {
        if (over.aborted) break;
        await this.#send(address, part, over);
      }
    } finally {
      await rm(scratch, { force: true });
    }
  }

  /** For as long as it takes; meanwhile the spool keeps what comes. */
  async #send(address: ObjectAddress, part: GrownPart, over: AbortSignal): Promise<void> {
    const { key, contentType } = address;
    for (let times = 0; !over.aborted; times++) {
      try {
        const { index } = part;
        return await this.#parts.put(key, { index, content: part.content() }, { contentType });
      } catch (cause) {
        this.failures += 1;
        if (times === 0) this.#log.warn('upload.waits', { key, cause: String(cause) });
        await wait(retryWaitMs(times), undefined, { signal: over, ref: false }).catch(() => {});
      }
    }
  }
}

interface Following {
  readonly spool: FollowedSpool;
  readonly over: AbortController;
  readonly ended: Promise<void>;
}
