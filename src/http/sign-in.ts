import type { Clock } from '../base/clock.ts';
import { MidcallError } from '../base/errors.ts';
import { FailureLimits } from '../calls/failure-limits.ts';
import { numberOf } from '../incall/number.ts';
import type { Passwords } from '../transfers/ports.ts';
import type { Subscriber, TransferStore } from '../transfers/store.ts';

/** Attempts of one source at a time: guesses made all at once would pass before the first of them is counted. */
export const SOURCE_ATTEMPTS_MAX = 4;
/** And those for one account. */
const ACCOUNT_ATTEMPTS_MAX = 1;

export interface SignInPorts {
  readonly state: Pick<TransferStore, 'subscriber' | 'rehash'>;
  readonly passwords: Passwords;
  readonly clock: Pick<Clock, 'now'>;
  /** How long wrong attempts are remembered. */
  readonly failureWindowMs: number;
}

/** Checks numbers and storage passwords: the same work and the same answer, whatever of the two is wrong. */
export class SignIn {
  readonly #ports: SignInPorts;
  readonly #limits: FailureLimits;
  /** Attempts under way, by account and by source. */
  readonly #underWay = new Map<string, number>();
  /** Attempts refused because of a limit. */
  refused = 0;

  constructor(ports: SignInPorts) {
    this.#ports = ports;
    this.#limits = new FailureLimits(ports.failureWindowMs);
  }

  /**
   * @param source address of whoever asks.
   * @throws MidcallError `not-authorized`, `too-many-attempts` with `retryAfter`, `busy`.
   */
  async subscriber(written: string, password: string, source: string): Promise<Subscriber> {
    const number = numberOf(written) ?? '';
    return this.#counted(source, `account ${number}`, async () => {
      const { state, passwords } = this.#ports;
      const known = number === '' ? undefined : await state.subscriber(number);
      const { match, rehash } = await passwords.verify(known, password);
      if (!match || known === undefined) return undefined;
      if (rehash === undefined) return known;
      await state.rehash(known.id, rehash);
      return { ...known, storagePassword: rehash };
    });
  }

  /** The same limits for the operator's token. @throws MidcallError. */
  async operator<T>(source: string, check: () => T | undefined): Promise<T> {
    return this.#counted(source, 'operator', () => Promise.resolve(check()));
  }

  async #counted<T>(
    source: string,
    account: string,
    check: () => Promise<T | undefined>,
  ): Promise<T> {
    this.#admit(source, account);
    const keys = [account, `source ${source}`];
    for (const key of keys) this.#underWay.set(key, this.#count(key) + 1);
    try {
      const found = await check();
      if (found !== undefined) return found;
      this.#limits.failed(source, account, this.#ports.clock.now());
      throw new MidcallError('not-authorized', 'the number or the storage password is wrong');
    } finally {
      for (const key of keys) this.#leave(key);
    }
  }

  #admit(source: string, account: string): void {
    const wait = this.#limits.retryAfter(source, account, this.#ports.clock.now());
    const isCrowded =
      this.#count(account) >= ACCOUNT_ATTEMPTS_MAX ||
      this.#count(`source ${source}`) >= SOURCE_ATTEMPTS_MAX;
    if (wait === undefined && !isCrowded) return;
    this.refused += 1;
    throw new MidcallError('too-many-attempts', 'too many attempts, try again later', {
      facts: { retryAfter: wait ?? 1 },
    });
  }

  #count(key: string): number {
    return this.#underWay.get(key) ?? 0;
  }

  #leave(key: string): void {
    const left = this.#count(key) - 1;
    if (left > 0) this.#underWay.set(key, left);
    else this.#underWay.delete(key);
  }
}
