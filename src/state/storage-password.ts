import { scrypt, timingSafeEqual } from 'node:crypto';
import type { Random } from '../base/clock.ts';
import type { Passwords } from '../transfers/ports.ts';
import type { Subscriber } from '../transfers/store.ts';
import { HashQueue } from './hash-queue.ts';
import { parsePhcString, writePhcString, type ScryptCost, type ScryptHash } from './phc-string.ts';

/** 32 MiB and about a quarter of a second: docs/storage.md §3. */
export const STORAGE_PASSWORD_COST: ScryptCost = { ln: 15, r: 8, p: 3 };
/** Each takes one of libuv's four threads, which file I/O shares. */
const CONCURRENT_MAX = 2;
/** Sixteen seconds of work: whoever comes later had better try again. */
const WAITING_MAX = 128;
/** Longer than anybody types; keeps the work of a hostile one bounded. */
export const PASSWORD_BYTES_MAX = 1_024;
const SALT_BYTES = 16;
const HASH_BYTES = 32;

export interface PasswordOptions {
  readonly random: Random;
  readonly cost?: ScryptCost;
  readonly concurrentMax?: number;
  readonly waitingMax?: number;
}

/** Makes and checks storage passwords, a few at a time. */
export class StoragePasswords implements Passwords {
  readonly #random: Random;
  readonly #cost: ScryptCost;
  readonly #queue: HashQueue;
  /** What an unknown subscriber's password is compared with: the work is the same, and it never matches. */
  readonly #nobody: ScryptHash;

  constructor(options: PasswordOptions) {
    this.#random = options.random;
    this.#cost = options.cost ?? STORAGE_PASSWORD_COST;
    this.#queue = new HashQueue(
      options.concurrentMax ?? CONCURRENT_MAX,
      options.waitingMax ?? WAITING_MAX,
    );
    this.#nobody = {
      cost: this.#cost,
      salt: options.random.bytes(SALT_BYTES),
      hash: options.random.bytes(HASH_BYTES),
    };
  }

  /** Hashes that were refused because too many waited. */
  get refused(): number {
    return this.#queue.refused;
  }

  /**
   * @returns a PHC string with a new salt. @throws MidcallError `busy`.
   * @throws RangeError when the password is longer than 1,024 bytes.
   */
  async hash(password: string): Promise<string> {
    if (byteLength(password) > PASSWORD_BYTES_MAX) throw new RangeError('the password is too long');
    const salt = this.#random.bytes(SALT_BYTES);
    const hash = await this.#queue.run(() => derive(password, { cost: this.#cost, salt }));
    return writePhcString({ cost: this.#cost, salt, hash });
  }

  /**
   * @returns `rehash`: a new hash to keep, when the password matches one whose parameters are not today's.
   * @throws MidcallError `busy`.
   */
  async verify(
    subscriber: Subscriber | undefined,
    password: string,
  ): Promise<{ readonly match: boolean; readonly rehash?: string }> {
    const stored = this.#storedHash(subscriber, password);
    const hash = await this.#queue.run(() => derive(password, stored));
    const match = isEqual(hash, stored.hash) && stored !== this.#nobody;
    if (!match) return { match };
    return this.#isCurrent(stored) ? { match } : { match, rehash: await this.hash(password) };
  }

  #storedHash(subscriber: Subscriber | undefined, password: string): ScryptHash {
    if (subscriber === undefined || byteLength(password) > PASSWORD_BYTES_MAX) return this.#nobody;
    return parsePhcString(subscriber.storagePassword) ?? this.#nobody;
  }

  #isCurrent({ cost, salt, hash }: ScryptHash): boolean {
    const { ln, r, p } = this.#cost;
    const sameCost = cost.ln === ln && cost.r === r && cost.p === p;
    return sameCost && salt.length === SALT_BYTES && hash.length === HASH_BYTES;
  }
}

/** Phones compose accented letters in two ways. A longer one than allowed costs no more. */
const normalised = (password: string): Buffer =>
  Buffer.from(password.slice(0, PASSWORD_BYTES_MAX).normalize('NFC'));

const byteLength = (password: string): number => Buffer.byteLength(password);

function derive(
  password: string,
  { cost, salt }: { readonly cost: ScryptCost; readonly salt: Uint8Array },
): Promise<Uint8Array> {
  const N = 2 ** cost.ln;
  const { r, p } = cost;
  // Node's own limit is just under what N = 2^15, r = 8 needs.
  const maxmem = 128 * r * (N + p + 2);
  return new Promise((resolve, reject) => {
    scrypt(normalised(password), salt, HASH_BYTES, { N, r, p, maxmem }, (error, hash) => {
      if (error === null) resolve(hash);
      else reject(error);
    });
  });
}

const isEqual = (a: Uint8Array, b: Uint8Array): boolean =>
  a.length === b.length && timingSafeEqual(a, b);
