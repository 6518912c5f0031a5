import type { Random } from '../base/clock.ts';
import { keySaltBytes } from '../rtp/srtp/suites.ts';
import type { CryptoLine } from '../sdp/crypto-line.ts';
import type { StorageOffer } from '../sdp/storage-leg.ts';
import type { SrtpKeys } from './media-plane.ts';

/** What a secured offer brings to its answer and to the media plane; nothing for a plain one. */
export interface LegKeys {
  readonly crypto?: CryptoLine;
  readonly srtp?: SrtpKeys;
}

/** Answers the offered key with one of our own, made for this leg alone. */
export function legKeys({ crypto }: StorageOffer, random: Random): LegKeys {
  if (crypto === undefined) return {};
  const { tag, suite, keySalt } = crypto;
  const outgoing = { suite, keySalt: random.bytes(keySaltBytes(suite)) };
  return { crypto: { tag, ...outgoing }, srtp: { incoming: { suite, keySalt }, outgoing } };
}
