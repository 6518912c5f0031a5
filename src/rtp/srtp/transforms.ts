import { CmHmac } from './cm-hmac.ts';
import { Gcm } from './gcm.ts';
import type { PacketTransform } from './packet-cut.ts';
import { deriveSessionKeys, type SessionKeys } from './session-keys.ts';
import { SUITES, type SrtpKey, type Suite } from './suites.ts';

/** What one direction of a leg does to its packets. */
export interface Transforms {
  readonly rtp: PacketTransform;
  readonly rtcp: PacketTransform;
}

/** Derives the session keys of a direction and makes its transforms. */
export function transformsOf(key: SrtpKey): Transforms {
  const suite = SUITES[key.suite];
  return {
    rtp: transformOf(suite, 'rtp', deriveSessionKeys(key, 'rtp')),
    rtcp: transformOf(suite, 'rtcp', deriveSessionKeys(key, 'rtcp')),
  };
}

/** A transform of session keys that are there already. */
export function transformOf(
  suite: Suite,
  protocol: 'rtp' | 'rtcp',
  keys: SessionKeys,
): PacketTransform {
  if (suite.transform === 'gcm') return new Gcm(keys, protocol);
  return new CmHmac(keys, protocol, protocol === 'rtp' ? suite.rtpTagBytes : suite.rtcpTagBytes);
}
