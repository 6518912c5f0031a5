import type { Clock, Random } from '../base/clock.ts';
import type { Log } from '../base/log.ts';
import type { InCallEvent } from '../incall/events.ts';
import type { MailWriter } from './mail.ts';
import type { MediaPlane, RelaySide } from './media-plane.ts';
import type { TransferRecord } from './record.ts';
import type { Recorder } from './recorder.ts';
import type { Subscriber, TransferStore } from './store.ts';
import type { Threshold } from './threshold.ts';

/** Somebody a transfer talks to: one leg of a call, or a registered phone outside of one. */
export interface Party {
  /** Number or user name, authenticated or asserted by the dialog. */
  readonly number: string;
  /** Absent for a party that is only registered. */
  readonly leg?: { readonly call: string; readonly side: RelaySide };
  /** The platform whose call it is, when that is another one. */
  readonly node?: string;
}

export const sameParty = (a: Party, b: Party): boolean =>
  a.number === b.number && a.leg?.call === b.leg?.call && a.leg?.side === b.leg?.side;

/** Whether a command comes from this party: from its leg, or from its subscriber outside of any call. */
export const speaksFor = (from: Party, party: Party): boolean =>
  from.leg === undefined ? from.number === party.number : sameParty(from, party);

/** The way back to people. Implemented in calls/. */
export interface Parties {
  /** Sends in the background, in order per party; a party that is gone is told nothing. */
  tell(party: Party, event: InCallEvent): void;
  /** The party with this number in a call, the given call first. */
  inCall(number: string, call: string | undefined): Promise<Party | undefined>;
  /** The same, or else a registered phone. */
  reachable(number: string): Promise<Party | undefined>;
  /**
   * Adds a line to a party's call, for phones that can't ask for one themselves.
   * @param sdp an offer with one media line.
   * @throws MidcallError `not-ready` when it is in no call, `transport-not-supported` when its phone does not take the line.
   */
  offer(party: Party, transfer: string, sdp: string): Promise<PlacedOffer>;
}

/** An offer that a phone has accepted. */
export interface PlacedOffer {
  /** Its answer, with that one media line. */
  readonly sdp: string;
  /** Takes the line out of the call again. */
  withdraw(): Promise<void>;
}

/** Storage passwords. Implemented in state/: the same work for an unknown subscriber as for a wrong password. */
export interface Passwords {
  /** @returns `rehash`: a new hash to keep, when the stored one has outdated parameters. */
  verify(
    subscriber: Subscriber | undefined,
    password: string,
  ): Promise<{ readonly match: boolean; readonly rehash?: string }>;
}

export interface TransferSettings {
  /** The platform's threshold, when neither request nor subscriber says one. */
  readonly threshold: Threshold;
  /** Stands in for a percentage when a stream has no announced size. */
  readonly streamThresholdSeconds: number;
  /** Bytes one transfer may have, whatever space is free. */
  readonly sizeMax: number;
  readonly promptSeconds: number;
  readonly offerSeconds: number;
  /** Without a packet for this long, an ingest ends. Streams may pause (DTX, mute); files do not. */
  readonly idleMs: { readonly file: number; readonly media: number };
  /** bit/s for files, both ways. */
  readonly fileRateMax: number;
  /** Phones' media may come from behind a NAT (media/peer.ts). */
  readonly natMedia?: boolean;
  /** Transfers that are not over, at a time. */
  readonly liveMax: number;
  /** Media types that are accepted: `image/*`, `audio/PCMU` … */
  readonly formats: readonly string[];
}

export interface TransferPorts {
  readonly store: TransferStore;
  readonly media: MediaPlane;
  readonly recorder: Recorder;
  readonly parties: Parties;
  readonly passwords: Passwords;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
  readonly settings: TransferSettings;
  /** This platform's name among those that share the store. */
  readonly node: string;
  /** Undefined: nobody outside is told. */
  readonly mail?: MailWriter | undefined;
  /** Told of each event that a party is told. Must not throw. */
  readonly told?: (event: InCallEvent) => void;
  /** Told of each change of a record that was kept. Must not throw. */
  readonly changed?: (record: TransferRecord) => void;
  /** Told of a record that was removed because another one took its place. Must not throw. */
  readonly removed?: (record: TransferRecord) => void;
}
