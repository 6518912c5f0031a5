import type { Trunk } from '../../src/calls/trunks/trunk.ts';

/** A trunk that is valid, with what a test cares about. */
export const trunk = (with_: Partial<Trunk> = {}): Trunk => ({
  name: 'carrier',
  from: [],
  inboundDigest: undefined,
  outboundDigest: undefined,
  prefixes: [],
  nextHops: [],
  plan: { countryCode: '49', nationalPrefix: '0', internationalPrefix: '00' },
  transit: false,
  ...with_,
});
