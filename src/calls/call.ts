import type { StarCodes } from '../incall/star-codes.ts';
import type { MediaPlane, RelaySide } from '../transfers/media-plane.ts';
import type { Party } from '../transfers/ports.ts';
import type { CallHistory } from './call-detail.ts';
import { LegSession } from './leg-session.ts';
import type { Role } from './leg-session.ts';
import { MediaAnchor } from './media-anchor.ts';
import type { NatSides } from './media-anchor.ts';
import { Negotiations } from './negotiations.ts';
import { endDialog } from './sip-application.ts';
import type { SipDialog } from './sip-application.ts';
import type { Trunk } from './trunks/trunk.ts';

/** One side of a call: the dialog with a phone. */
export interface Leg {
  readonly side: RelaySide;
  readonly party: Party;
  readonly dialog: SipDialog;
  /** The phone listed our Info-Package in its Recv-Info (RFC 6086 §5.2.3). */
  readonly takesInfo: boolean;
  /** The operator's trunk that the party is reached through; absent for our own phones. */
  readonly trunk?: Trunk;
}

export const otherSide = (side: RelaySide): RelaySide => (side === 'caller' ? 'callee' : 'caller');

/** Two dialogs, and the media between them. */
export class Call {
  readonly id: string;
  readonly anchor: MediaAnchor | undefined;
  /** What each phone has been told of the media, and has said. */
  readonly sessions: Readonly<Record<RelaySide, LegSession>> = {
    caller: new LegSession(),
    callee: new LegSession(),
  };
  readonly negotiations: Negotiations = new Negotiations();
  /** Another platform's call, to a phone that has a connection to us only: everything passes, and nobody is in a call here. */
  readonly isTransit: boolean;
  readonly history: CallHistory = {};
  /** Both, once the callee has answered. */
  legs: Readonly<Record<RelaySide, Leg>> | undefined;
  #ended = false;

  /** @param media undefined when media is not anchored. @param how `codes` that keys can spell, if any. */
  constructor(
    id: string,
    media: MediaPlane | undefined,
    how: {
      readonly nat?: NatSides;
      readonly codes?: StarCodes;
      readonly isTransit?: boolean;
    } = {},
  ) {
    this.id = id;
    this.isTransit = how.isTransit ?? false;
    this.anchor = media === undefined ? undefined : new MediaAnchor(id, media, how.nat, how.codes);
  }

  /**
   * What the other side gets of an SDP from this one; an empty body stays empty.
   * @param how `claimed`: lines of this side that become the platform's. @throws MediaAnchorError.
   */
  async passSdp(
    sdp: string,
    from: RelaySide,
    how: { readonly role?: Role; readonly claimed?: ReadonlySet<number> } = {},
  ): Promise<string> {
    if (sdp === '') return sdp;
    const passed = this.sessions[from].hear(sdp, how.claimed);
    const anchored = this.anchor === undefined ? passed : await this.anchor.pass(passed, from);
    return this.sessions[otherSide(from)].compose(anchored, how.role ?? 'offer');
  }

  /** A phone answered an offer of our own: its other lines may have moved. @param index of the line that is ours. */
  async heard(answer: string, from: RelaySide, index: number): Promise<void> {
    const passed = this.sessions[from].hear(answer, new Set([index]));
    await this.anchor?.pass(passed, from);
  }

  /** What to call when the offer that this side makes now is refused. */
  rememberMedia(from: RelaySide): () => Promise<void> {
    const goBack = this.anchor?.remember(from);
    const { caller, callee } = this.sessions;
    const before = [caller.snapshot(), callee.snapshot()] as const;
    return async () => {
      caller.restore(before[0]);
      callee.restore(before[1]);
      await goBack?.();
    };
  }

  /** Ends both dialogs and closes the media. @returns false when it was over already. */
  async end(): Promise<boolean> {
    if (this.#ended) return false;
    this.#ended = true;
    if (this.legs !== undefined) {
      endDialog(this.legs.caller.dialog);
      endDialog(this.legs.callee.dialog);
    }
    if (this.anchor !== undefined) this.history.packets = await this.anchor.close();
    return true;
  }
}
