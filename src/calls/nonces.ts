import { createHmac } from 'node:crypto';
import { ownText } from '../base/own-text.ts';
import { sameSecret } from '../base/same-secret.ts';
import type { Wallclock } from '../base/units.ts';

/** How long a nonce is good for; an older one gets a new challenge with `stale=true`. */
export const NONCE_LIFETIME_MS: number = 5 * 60_000;
/**
 * Nonces whose count is remembered: 200 proven requests a second for a lifetime, about 10 MB. One more, and the first is
 * forgotten, and with it all that are as old: their phones are challenged once more, nothing can be replayed.
 */
export const USED_MAX = 65_536;
/** RFC 7616 §3.4: eight hexadecimal digits. */
const COUNT = /^[0-9a-f]{1,8}$/i;
/** A nonce is used up: by a request without a count, which could be repeated unseen. */
const USED_UP = Number.POSITIVE_INFINITY;
const MAC_CHARACTERS = 32;
const SERIAL_DIGITS = 6;
const SERIALS = 16 ** SERIAL_DIGITS;
const TICKET = /^[0-9a-f]{7,19}$/;

interface Used {
  /** Epoch ms. */
  readonly issuedAt: number;
  /** The highest count that it was used with. */
  highest: number;
}

/**
 * The nonces of our challenges. Each carries its own time, a serial number and a MAC: nothing is kept for a challenge, so
 * that asking for many costs us nothing. Only what was used with good credentials is remembered, by its highest count.
 *
 * ```
 * 18bcfe56800 00002a . 5d41402abc4b2a76b9719d911017c592
 * ms, hex     serial   HMAC-SHA-256, first half
 * ```
 */
export class Nonces {
  readonly #realm: string;
  /** Makes and recognises our nonces; new with each process. */
  readonly #key: Uint8Array;
  readonly #usedMax: number;
  /** Tells nonces of one millisecond apart; wraps. */
  #serial: number;
  /** The nonces that were used, in the order of first use. */
  readonly #used = new Map<string, Used>();
  /** Nonces issued up to this moment are stale: those of them that were used are no longer all known. */
  #forgottenUntil = 0;
  /** Good credentials that came a second time. */
  #replayed = 0;

  constructor(
    realm: string,
    key: Uint8Array,
    { usedMax = USED_MAX, firstSerial = 0 }: { usedMax?: number; firstSerial?: number } = {},
  ) {
    this.#realm = realm;
    this.#key = key;
    this.#usedMax = usedMax;
    this.#serial = firstSerial;
  }

  get replayed(): number {
    return this.#replayed;
  }

  issue(now: Wallclock): string {
    const ticket = now.toString(16) + this.#serial.toString(16).padStart(SERIAL_DIGITS, '0');
    this.#serial = (this.#serial + 1) % SERIALS;
    return `${ticket}.${this.#mac(ticket)}`;
  }

  /**
   * Takes note that good credentials used a nonce.
   * @param count the `nc` of the credentials; undefined for credentials of before RFC 2617, which get one use.
   * @returns false when it is not ours, too old, or was used with this count or a higher one.
   */
  use(nonce: string, count: string | undefined, now: Wallclock): boolean {
    const issuedAt = this.#issuedAt(nonce);
    const isOld = issuedAt === undefined || now - issuedAt > NONCE_LIFETIME_MS;
    if (isOld || issuedAt <= this.#forgottenUntil) return false;
    const value = count === undefined ? USED_UP : countOf(count);
    const known = this.#used.get(nonce);
    if (value <= (known?.highest ?? 0)) {
      this.#replayed += 1;
      return false;
    }
    if (known !== undefined) known.highest = value;
    // The text came in a request: the whole of it would stay for five minutes.
    else this.#used.set(ownText(nonce), { issuedAt, highest: value });
    this.#forget(now);
    return true;
  }

  /** The first of the map was used first: when it has expired it can go; when there is no room it has to. */
  #forget(now: Wallclock): void {
    for (const [nonce, { issuedAt }] of this.#used) {
      const isExpired = now - issuedAt > NONCE_LIFETIME_MS;
      if (!isExpired && this.#used.size <= this.#usedMax) return;
      if (!isExpired) this.#forgottenUntil = Math.max(this.#forgottenUntil, issuedAt);
      this.#used.delete(nonce);
    }
  }

  #issuedAt(nonce: string): number | undefined {
    const [ticket = '', mac = ''] = nonce.split('.', 2);
    if (!TICKET.test(ticket) || !sameSecret(mac, this.#mac(ticket))) return undefined;
    return Number.parseInt(ticket.slice(0, -SERIAL_DIGITS), 16);
  }

  #mac(ticket: string): string {
    const mac = createHmac('sha256', this.#key).update(`${this.#realm}\n${ticket}`).digest('hex');
    return mac.slice(0, MAC_CHARACTERS);
  }
}

/** 0, which is never more than what was used, when it is no count. */
const countOf = (count: string): number => (COUNT.test(count) ? Number.parseInt(count, 16) : 0);
