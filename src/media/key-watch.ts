import type { Instant } from '../base/units.ts';
import { KeyReader } from '../incall/key-reader.ts';
import type { KeySaying } from '../incall/key-reader.ts';
import type { StarCodes } from '../incall/star-codes.ts';
import { KeyPresses } from '../rtp/key-presses.ts';
import type { RtpView } from '../rtp/packet.ts';
import { NEVER } from './never.ts';
import type { Totals } from './totals.ts';

/** Nobody's fingers are faster. What comes beyond is not read: it passes, unless a PIN is being typed. */
export const PRESSES_PER_SECOND_MAX = 20;
const SECOND_MS = 1_000;

/** Reads the keys that one side of a line presses, and says which packets are for us alone. */
export class KeyWatch {
  readonly #presses: KeyPresses = new KeyPresses();
  readonly #reader: KeyReader;
  readonly #say: (saying: KeySaying) => void;
  readonly #totals: Totals;
  /** Presses in the second that began then. */
  #second = -Infinity;
  #pressed = 0;

  constructor(codes: StarCodes, say: (saying: KeySaying) => void, totals: Totals) {
    this.#reader = new KeyReader(codes);
    this.#say = say;
    this.#totals = totals;
  }

  /** Takes a packet of telephone events. @returns whether it must not be passed on. */
  isOurs(slab: Uint8Array, rtp: RtpView, now: Instant): boolean {
    const key = this.#presses.read(slab, rtp);
    if (key === undefined) return false;
    if (key !== '') this.#presses.decide(this.#press(key, now));
    return this.#presses.isOurs;
  }

  elapse(now: Instant): void {
    const saying = this.#reader.elapse(now);
    if (saying !== undefined) this.#say(saying);
  }

  deadline(): Instant {
    return this.#reader.deadline()?.at ?? NEVER;
  }

  #press(key: string, now: Instant): boolean {
    this.elapse(now);
    if (this.#isFlood(now)) {
      this.#totals.keysDropped++;
      return this.#reader.isTakingPin;
    }
    const { isOurs, saying } = this.#reader.press(key, now);
    if (saying !== undefined) this.#say(saying);
    return isOurs;
  }

  #isFlood(now: Instant): boolean {
    if (now - this.#second >= SECOND_MS) {
      this.#second = now;
      this.#pressed = 0;
    }
    this.#pressed++;
    return this.#pressed > PRESSES_PER_SECOND_MAX;
  }
}
