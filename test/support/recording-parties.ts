import type { InCallEvent } from '../../src/incall/events.ts';
import { MidcallError } from '../../src/base/errors.ts';
import type { Parties, Party, PlacedOffer } from '../../src/transfers/ports.ts';
import { sameParty } from '../../src/transfers/ports.ts';

/** Keeps what people were told, in order. */
export class RecordingParties implements Parties {
  /** Legs of calls, oldest first. */
  present: Party[] = [];
  /** Registered, in a call or not. */
  readonly registered = new Set<string>();
  readonly said: { readonly party: Party; readonly event: InCallEvent }[] = [];

  tell(party: Party, event: InCallEvent): void {
    this.said.push({ party, event });
  }

  async inCall(number: string, call: string | undefined): Promise<Party | undefined> {
    const legs = this.present.filter((party) => party.number === number);
    return legs.find(({ leg }) => leg?.call === call) ?? legs.at(-1);
  }

  async reachable(number: string): Promise<Party | undefined> {
    return (
      (await this.inCall(number, undefined)) ??
      (this.registered.has(number) ? { number } : undefined)
    );
  }

  /** What the party's phone answers to an offer of ours. */
  answers: (party: Party, sdp: string) => Promise<string> = () =>
    Promise.reject(new MidcallError('transport-not-supported', 'it does not want it'));
  /** Lines that were offered, and those taken out again. */
  readonly lines: { readonly offered: string[]; readonly withdrawn: string[] } = {
    offered: [],
    withdrawn: [],
  };

  async offer(party: Party, transfer: string, sdp: string): Promise<PlacedOffer> {
    this.lines.offered.push(sdp);
    return {
      sdp: await this.answers(party, sdp),
      withdraw: async () => void this.lines.withdrawn.push(transfer),
    };
  }

  /** All that a party was told. */
  to(party: Party): readonly InCallEvent[] {
    return this.said.filter((entry) => sameParty(entry.party, party)).map(({ event }) => event);
  }

  /** All events of a type that a party was told. */
  heard<Type extends InCallEvent['type']>(
    party: Party,
    type: Type,
  ): readonly Extract<InCallEvent, { type: Type }>[] {
    return this.to(party).filter(
      (event): event is Extract<InCallEvent, { type: Type }> => event.type === type,
    );
  }

  /** The last event of a type that a party was told. @throws when there is none. */
  last<Type extends InCallEvent['type']>(
    party: Party,
    type: Type,
  ): Extract<InCallEvent, { type: Type }> {
    const event = this.heard(party, type).at(-1);
    if (event === undefined)
      throw new Error(
        `${party.number} was told no ${type}, but ${JSON.stringify(this.to(party), null, 1)}`,
      );
    return event;
  }
}
