import { setTimeout as wait } from 'node:timers/promises';
import type { Random } from '../base/clock.ts';
import type { Section } from '../sdp/sections.ts';
import type { Call, Leg } from './call.ts';
import { dialogRequest } from './sip-application.ts';

/** Both sides wait by chance after a collision; who collides this often has a phone that always does. */
export const TRIES_MAX = 4;
/** RFC 3261 §14.1: who chose the Call-ID waits 2.1 to 4 s, the other up to 2 s. */
const OWNER_WAIT_MS = { least: 2_100, most: 4_000 };
const OTHER_WAIT_MS = { least: 0, most: 2_000 };
const REQUEST_PENDING = 491;

/** The one line that an offer changes; undefined when there is nothing to change any more. */
export type Change = () => { readonly index: number; readonly section: Section } | undefined;

/** Re-INVITEs of the platform's own, to one phone of a call: all lines as they are, but for one. */
export class OwnOffers {
  readonly #random: Random;

  constructor(random: Random) {
    this.#random = random;
  }

  /**
   * @param change is asked before each try: the phones go on changing things meanwhile.
   * @returns the answer; undefined when the phone refuses, hangs up, or collides again and again.
   */
  async make(call: Call, leg: Leg, change: Change): Promise<string | undefined> {
    for (let tries = 1; ; tries++) {
      const result = await call.negotiations.own(() => this.#offer(call, leg, change));
      if (result !== REQUEST_PENDING) return result;
      if (tries === TRIES_MAX) return undefined;
      await wait(this.#waitMs(leg), undefined, { ref: false });
    }
  }

  async #offer(
    call: Call,
    leg: Leg,
    change: Change,
  ): Promise<string | typeof REQUEST_PENDING | undefined> {
    const session = call.sessions[leg.side];
    const wanted = change();
    if (wanted === undefined || !leg.dialog.connected) return undefined;
    const offer = session.offerWith(wanted.index, wanted.section);
    session.offered(offer);
    const headers = { 'Content-Type': 'application/sdp' };
    const { response } = await dialogRequest(leg.dialog, {
      method: 'INVITE',
      headers,
      body: offer,
    });
    if (response.status === REQUEST_PENDING) return REQUEST_PENDING;
    if (response.status >= 300) return undefined;
    await call.heard(response.body, leg.side, wanted.index);
    session.agreed(offer, response.body);
    return response.body;
  }

  #waitMs({ side }: Leg): number {
    const { least, most } = side === 'callee' ? OWNER_WAIT_MS : OTHER_WAIT_MS;
    const [byte = 0] = this.#random.bytes(1);
    return least + ((most - least) * byte) / 255;
  }
}
