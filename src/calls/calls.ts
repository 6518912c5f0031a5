import type { RelaySide } from '../transfers/media-plane.ts';
import type { Party } from '../transfers/ports.ts';
import { otherSide } from './call.ts';
import type { Call, Leg } from './call.ts';

/** Told of each leg of a call that was answered: that it is there, and that it is over. */
export interface LegListener {
  came(party: Party): void;
  went(party: Party): void;
}

/** All calls of this node, and who is in them. */
export class Calls {
  readonly #calls = new Map<string, Call>();
  /** Legs of a number, oldest first: a person can be in several calls. */
  readonly #legsOf = new Map<string, Leg[]>();

  readonly #listener: LegListener | undefined;

  constructor(listener?: LegListener) {
    this.#listener = listener;
  }

  get size(): number {
    return this.#calls.size;
  }

  /** Every call, also those that are being set up. */
  all(): readonly Call[] {
    return [...this.#calls.values()];
  }

  add(call: Call): void {
    this.#calls.set(call.id, call);
  }

  /** The callee answered: both parties can be found from now on. */
  answered(call: Call, legs: Readonly<Record<RelaySide, Leg>>): void {
    call.legs = legs;
    if (call.isTransit) return;
    for (const leg of [legs.caller, legs.callee]) {
      this.#legsOf.set(leg.party.number, [...(this.#legsOf.get(leg.party.number) ?? []), leg]);
      this.#listener?.came(leg.party);
    }
  }

  remove(call: Call): void {
    this.#calls.delete(call.id);
    if (call.legs === undefined || call.isTransit) return;
    for (const leg of [call.legs.caller, call.legs.callee]) {
      const left = (this.#legsOf.get(leg.party.number) ?? []).filter((known) => known !== leg);
      if (left.length > 0) this.#legsOf.set(leg.party.number, left);
      else this.#legsOf.delete(leg.party.number);
      this.#listener?.went(leg.party);
    }
  }

  /** The leg of a party, while its call lasts. */
  legOf({ leg }: Partial<Party>): Leg | undefined {
    return leg && this.#calls.get(leg.call)?.legs?.[leg.side];
  }

  /** The call of a leg, while it lasts. */
  callOf({ party }: Leg): Call | undefined {
    return party.leg && this.#calls.get(party.leg.call);
  }

  /** A leg of a number: in the given call if it is there, else its newest. */
  find(number: string, call: string | undefined): Leg | undefined {
    const legs = this.#legsOf.get(number) ?? [];
    return legs.find((leg) => leg.party.leg?.call === call) ?? legs.at(-1);
  }

  /** Who is on the other side of a party's call. */
  peerOf({ leg }: Party): Party | undefined {
    return leg && this.#calls.get(leg.call)?.legs?.[otherSide(leg.side)].party;
  }

  /** Who writes a text outside of any dialog: the number in its call with whom the text is to, or in its newest, or in none. */
  writer(number: string, to: string): Party {
    const legs = (this.#legsOf.get(number) ?? []).map(({ party }) => party);
    return legs.findLast((party) => this.peerOf(party)?.number === to) ?? legs.at(-1) ?? { number };
  }
}
