import { branchOf } from './sip-text.ts';

/** Requests that may wait for an answer at once; the oldest is forgotten first. */
export const ROUTES_MAX = 512;

/** Responses go back the way their request came (RFC 3261 §18.2.2), found again by the branch both carry. */
export class ResponseRoutes<Way> {
  readonly #ways = new Map<string, Way>();

  /** Notes which way a request came. */
  note(request: string, way: Way): void {
    this.#ways.set(branchOf(request), way);
    const oldest = this.#ways.keys().next().value;
    if (this.#ways.size > ROUTES_MAX && oldest !== undefined) this.#ways.delete(oldest);
  }

  /** The way back for a response; undefined when its request never came, or too long ago. */
  wayOf(response: string): Way | undefined {
    return this.#ways.get(branchOf(response));
  }
}
