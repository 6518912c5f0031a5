import type { Clock, Random } from '../base/clock.ts';
import { MidcallError } from '../base/errors.ts';
import type { Log } from '../base/log.ts';
import type { InCallEvent, SendConfirmation } from '../incall/events.ts';
import { isOnHold, lineUse, mainEncoding, openedVideo } from '../sdp/line-use.ts';
import type { LineUse } from '../sdp/line-use.ts';
import { closedSection, mediaSections, onlyLine } from '../sdp/sections.ts';
import type { Section } from '../sdp/sections.ts';
import type { Party, PlacedOffer } from '../transfers/ports.ts';
import type { Call, Leg } from './call.ts';
import type { Calls } from './calls.ts';
import { heldSection } from './leg-session.ts';
import type { OwnLine } from './leg-session.ts';
import { OwnOffers } from './own-offers.ts';
import type { Questions } from './questions.ts';
import { stackOf } from './sip-application.ts';

export interface OwnLinesPorts {
  readonly calls: Pick<Calls, 'legOf' | 'callOf'>;
  readonly questions: Pick<Questions, 'ask' | 'say'>;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
  /** Tells a party what went wrong with what its phone did. */
  readonly tell: (party: Party, event: InCallEvent) => void;
}

/** A line that the sender has just added for us, and the prompt that it answers. */
interface Claim {
  readonly index: number;
  readonly announced: SendConfirmation;
}

/** What an offer of a phone means to the lines that are ours. */
export interface Reading {
  readonly call: Call;
  readonly leg: Leg;
  readonly offer: string;
  readonly claim: Claim | undefined;
}

/**
 * Video by re-INVITE (docs/in-call-protocol.md §4): the video line that a sender adds becomes a storage address, and a line of ours brings a
 * receiver what is stored. To the transfer logic both are the requests that other phones say in INFO, SDP and all.
 */
export class OwnLines {
  readonly #ports: OwnLinesPorts;
  readonly #offers: OwnOffers;
  /** By leg: what its party will add to the call next. */
  readonly #announced = new WeakMap<Leg, SendConfirmation>();

  constructor(ports: OwnLinesPorts) {
    this.#ports = ports;
    this.#offers = new OwnOffers(ports.random);
  }

  /** Hears all that a party is told. */
  note(party: Party, event: InCallEvent): void {
    const leg = this.#ports.calls.legOf(party);
    if (leg === undefined) return;
    if (event.type === 'send-confirmation') this.#announced.set(leg, event);
    if (event.type === 'transfer-complete') this.#over(leg, event.transfer);
  }

  /** Looks at an offer before it passes. */
  read(call: Call, leg: Leg, offer: string): Reading {
    const announced = this.#announced.get(leg);
    const isLive =
      announced !== undefined && Date.parse(announced.expires) > this.#ports.clock.wallclock();
    const before = call.sessions[leg.side].inForce;
    const index = isLive ? openedVideo(before, offer) : undefined;
    const isFree = index !== undefined && !call.sessions[leg.side].ownLines.has(index);
    return { call, leg, offer, claim: isFree && announced ? { index, announced } : undefined };
  }

  /**
   * The other phone has taken its part of the offer: the lines that are ours are answered by us.
   * @returns what to do once the answer is out.
   */
  async answer({ call, leg, offer, claim }: Reading): Promise<() => void> {
    const session = call.sessions[leg.side];
    const over: number[] = [];
    for (const [index, line] of session.ownLines) {
      const use = lineUse(offer, index) ?? 'closed';
      session.own(index, { ...line, section: answered(line, use) });
      if (isUsed(line, use) || isOnHold(offer)) continue;
      over.push(index);
      // Answered by the end itself, which goes to the party.
      this.#ports.questions.say({ type: 'end-of-data', transfer: line.transfer }, leg.party);
    }
    if (claim !== undefined) await this.#claim(call, leg, { offer, claim });
    return () => over.forEach((index) => session.disown(index));
  }

  /** M6: what the sender added is its store request. */
  async #claim(
    call: Call,
    leg: Leg,
    { offer, claim }: { readonly offer: string; readonly claim: Claim },
  ): Promise<void> {
    const { index, announced } = claim;
    const { transfer, token } = announced;
    const format = `video/${mainEncoding(offer, index) ?? 'unknown'}`;
    const sdp = onlyLine(offer, index);
    const question = { type: 'store-request', transfer, token, format, sdp } as const;
    const event = await this.#ports.questions.ask(question, leg.party);
    if (event?.type !== 'store-confirmation') {
      if (event !== undefined) this.#ports.tell(leg.party, event);
      return;
    }
    this.#announced.delete(leg);
    const [section = []] = mediaSections(event.sdp);
    call.sessions[leg.side].own(index, { transfer, kind: 'storage', section });
  }

  /** The transfer is over for this party: so is the line that it still has for it. */
  #over(leg: Leg, transfer: string): void {
    const call = this.#ports.calls.callOf(leg);
    if (call === undefined) return;
    for (const [index, line] of call.sessions[leg.side].ownLines)
      if (line.transfer === transfer)
        this.#withdraw(call, leg, index).catch((cause: unknown) =>
          this.#ports.log.warn('line.not-closed', { call: call.id, cause: stackOf(cause) }),
        );
  }

  /** Ends a line of ours, by an offer of ours. */
  async #withdraw(call: Call, leg: Leg, index: number): Promise<void> {
    const session = call.sessions[leg.side];
    const line = session.ownLines.get(index);
    if (line === undefined) return;
    const change = (): { index: number; section: Section } | undefined =>
      session.ownLines.get(index) === undefined
        ? undefined
        : { index, section: closedSection(line.section) };
    await this.#offers.make(call, leg, change);
    session.disown(index);
  }

  /**
   * Adds a line to a party's call (M11).
   * @throws MidcallError `not-ready` when it is in no call, `transport-not-supported` when its phone does not take the line.
   */
  async place(party: Party, transfer: string, sdp: string): Promise<PlacedOffer> {
    const leg = this.#ports.calls.legOf(party);
    const call = leg && this.#ports.calls.callOf(leg);
    if (leg === undefined || call === undefined)
      throw new MidcallError('not-ready', 'there is no call to receive it in');
    const session = call.sessions[leg.side];
    const [section = []] = mediaSections(sdp);
    const media = mediaOf(section);
    let index = 0;
    const answer = await this.#offers.make(call, leg, () => {
      index = session.freeLine(media);
      return { index, section };
    });
    if (answer === undefined || isDeclined(answer, index))
      throw new MidcallError('transport-not-supported', 'your phone did not take the new line');
    session.own(index, { transfer, kind: 'delivery', section });
    return {
      sdp: onlyLine(answer, index),
      withdraw: () => this.#withdraw(call, leg, index),
    };
  }
}

const mediaOf = ([line = '']: Section): string => /^m=(\S+)/.exec(line)?.[1] ?? '';

const isDeclined = (answer: string, index: number): boolean =>
  ['closed', 'idle', undefined].includes(lineUse(answer, index));

/** Whether the phone does what the line is for. */
const isUsed = ({ kind }: OwnLine, use: LineUse): boolean =>
  use === 'both' || use === (kind === 'storage' ? 'sends' : 'receives');

/** Our answer to what the phone says of a line of ours: as it says, so it is. */
const answered = (line: OwnLine, use: LineUse): Section =>
  use === 'closed' ? closedSection(line.section) : heldSection(line, !isUsed(line, use));
