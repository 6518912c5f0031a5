import { after, instant, type Instant } from '../base/units.ts';
import type { KeyFrameTest } from '../rtp/key-frame.ts';
import { NEVER } from './never.ts';

/** Between two requests: a key frame is on its way for a round trip, and costs the sender as much as ten others. */
export const REQUEST_MS = 1_000;
/** A sender that ignores this many requests will ignore the next, too; until something new happens it is left in peace. */
export const REQUESTS_MAX = 5;

/**
 * When to ask the sender of a video for a key frame (RFC 4585 §6.3.1): at its beginning, when a receiver begins to see it, when packets
 * were lost for good; and again until one comes.
 */
export class KeyFrameRequests {
  /** Undefined where a key frame can't be told from others: then one request has to do. */
  readonly #isKeyFrame: KeyFrameTest | undefined;
  #isWanted = false;
  #asked = 0;
  /** No request before. */
  #notBefore: Instant = instant(0);
  /** How many packets were lost when last looked. */
  #lost = 0;

  constructor(isKeyFrame: KeyFrameTest | undefined) {
    this.#isKeyFrame = isKeyFrame;
  }

  /** Somebody can't see anything without one. */
  want(): void {
    this.#isWanted = true;
    this.#asked = 0;
  }

  /** A payload of the sender came, `slab[start, end)`. */
  see(slab: Uint8Array, start: number, end: number): void {
    if (this.#isWanted && this.#isKeyFrame?.(slab, start, end) === true) this.#isWanted = false;
  }

  /** So many packets were given up by now. One that comes late takes itself off. */
  countLost(lost: number): void {
    if (lost > this.#lost) this.want();
    this.#lost = lost;
  }

  /** Whether to ask now; then it has been asked. */
  take(now: Instant): boolean {
    if (now < this.dueAt) return false;
    this.#asked += 1;
    this.#notBefore = after(now, REQUEST_MS);
    if (this.#isKeyFrame === undefined) this.#isWanted = false;
    return true;
  }

  /** @returns NEVER while there is nothing to ask for. */
  get dueAt(): Instant {
    return this.#isWanted && this.#asked < REQUESTS_MAX ? this.#notBefore : NEVER;
  }
}
