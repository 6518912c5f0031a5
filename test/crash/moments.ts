import { watch, type FSWatcher } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import path from 'node:path';
import type { InCallMessage } from '../../sip-scripts/in-call-message.ts';
import type { Book } from './book.ts';
import type { Moment } from './plan.ts';

/** What a phone is told at a moment. */
const MESSAGES: Readonly<Partial<Record<Moment, (message: InCallMessage) => boolean>>> = {
  confirmed: ({ type }) => type === 'store-confirmation',
  stored: (message) => message.type === 'transfer-status' && Number(message['stored']) > 0,
  complete: ({ type }) => type === 'transfer-complete',
};

/** Folders of the platform in which something happens at a moment: an object comes in as a file, or as parts. */
const FOLDERS: Readonly<Partial<Record<Moment, readonly string[]>>> = {
  spool: ['spool'],
  scratch: ['scratch'],
  object: ['objects/~incoming', 'uploads/server'],
  metadata: ['objects/~incoming', 'uploads/server'],
};
/** The object's metadata are the second file that comes in. */
const FILES: Readonly<Partial<Record<Moment, number>>> = { metadata: 2 };

/** Waits for a moment of what goes on; or until nothing goes on any more. */
export class MomentWatch {
  readonly #watchers: FSWatcher[] = [];
  readonly #book: Book;
  readonly come: Promise<void>;
  #resolve: () => void = () => {};

  private constructor(book: Book) {
    this.#book = book;
    this.come = new Promise((resolve) => (this.#resolve = resolve));
  }

  static async begin(moment: Moment, dataDir: string, book: Book): Promise<MomentWatch> {
    const watching = new MomentWatch(book);
    if (moment === 'any') watching.#resolve();
    const matches = MESSAGES[moment];
    book.heard = (message) => {
      if (matches?.(message) === true) watching.#resolve();
    };
    const files = FILES[moment] ?? 1;
    for (const folder of FOLDERS[moment] ?? [])
      await watching.#watch(path.join(dataDir, folder), files);
    return watching;
  }

  /** The moment came otherwise, or will not come. */
  now(): void {
    this.#resolve();
  }

  end(): void {
    this.#book.heard = () => {};
    for (const watcher of this.#watchers) watcher.close();
  }

  /** @param files the moment is when so many different ones have been there. */
  async #watch(folder: string, files: number): Promise<void> {
    await mkdir(folder, { recursive: true });
    const seen = new Set<string | null>();
    const watcher = watch(folder, (_event, name) => {
      if (seen.add(name).size >= files) this.#resolve();
    });
    this.#watchers.push(watcher);
  }
}
