import type { Account, Transfer } from './api.ts';
import { nameOf } from './media-kind.ts';
import { toast, TOAST_MS } from './toasts.ts';

/** What was asked to be deleted and can still be kept: the server hears of it once there is no way back. */
export class Deletions {
  readonly #account: Account;
  readonly #done: (id: string, cause?: unknown) => void;
  readonly #waiting = new Map<string, number>();

  /** @param done is told what came of each. */
  constructor(account: Account, done: (id: string, cause?: unknown) => void) {
    this.#account = account;
    this.#done = done;
    addEventListener('pagehide', () => this.#all());
  }

  has(id: string): boolean {
    return this.#waiting.has(id);
  }

  /** @param kept is called when it is undone. */
  add(transfer: Transfer, kept: () => void): void {
    const { id } = transfer;
    this.#waiting.set(
      id,
      window.setTimeout(() => this.#remove(id), TOAST_MS),
    );
    toast(`${nameOf(transfer)} deleted`, () => {
      clearTimeout(this.#waiting.get(id));
      if (this.#waiting.delete(id)) kept();
    });
  }

  #all(): void {
    for (const id of this.#waiting.keys()) this.#remove(id);
  }

  #remove(id: string): void {
    clearTimeout(this.#waiting.get(id));
    this.#account
      .remove(id)
      .then(
        () => this.#done(id),
        (cause: unknown) => this.#done(id, cause),
      )
      .finally(() => this.#waiting.delete(id));
  }
}
