import type { Secrets } from '../digest.ts';
import type { DigestAccount } from '../digest-answer.ts';
import type { AddressRange } from './address-range.ts';
import type { NumberPlan } from './number-plan.ts';

/** Where calls to a trunk are sent. */
export interface Hop {
  /** A name or a numeric address; an IPv6 one in brackets. */
  readonly host: string;
  readonly port: number;
  readonly transport: 'udp' | 'tcp' | 'tls';
}

/** Numbers that a trunk takes, and how it wants them written. */
export interface Prefix {
  /** What the normalised number begins with: `+49`; empty for all. */
  readonly prefix: string;
  /** Characters taken off the front of the normalised number … */
  readonly strip: number;
  /** … and what is put there instead. */
  readonly prepend: string;
}

/** An operator, or a PBX, that calls go to and come from. */
export interface Trunk {
  readonly name: string;
  /** Where its requests come from. Nothing else is believed to be the trunk. */
  readonly from: readonly AddressRange[];
  /** What it has to prove besides, when it calls. */
  readonly inboundDigest: { readonly user: string; readonly ha1: Secrets } | undefined;
  /** What we prove when it challenges us. */
  readonly outboundDigest: DigestAccount | undefined;
  readonly prefixes: readonly Prefix[];
  /** In order of priority. */
  readonly nextHops: readonly Hop[];
  readonly plan: NumberPlan;
  /** Whether calls from here may go out through another trunk: somebody pays for those. */
  readonly transit: boolean;
}

export interface KeepAlive {
  /** Between two OPTIONS to a next hop; 0 sends none. */
  readonly seconds: number;
  /** Failures in a row, after which a next hop is dead. */
  readonly failures: number;
}

/** All trunks of a platform. */
export interface TrunkPlan {
  readonly trunks: readonly Trunk[];
  /** How subscribers dial. */
  readonly plan: NumberPlan;
  readonly keepAlive: KeepAlive;
}

export const NO_TRUNKS: TrunkPlan = {
  trunks: [],
  plan: { countryCode: '', nationalPrefix: '', internationalPrefix: '' },
  keepAlive: { seconds: 0, failures: 1 },
};

/** `sip:host:port;transport=udp`, to send to. */
export const hopUri = ({ host, port, transport }: Hop): string =>
  `sip:${host}:${port};transport=${transport}`;

/** Called number and hop in one: the Request-URI (RFC 3261 §19.1.1). */
export const numberAtHop = (number: string, { host, port, transport }: Hop): string =>
  `sip:${number}@${host}:${port};transport=${transport}`;
