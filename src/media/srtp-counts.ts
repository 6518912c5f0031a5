import type { SrtpFault } from '../rtp/srtp/incoming-srtp.ts';

/** What a packet that SRTP refuses counts as (docs/in-call-protocol.md §6). */
export const SRTP_COUNTS: Readonly<
  Record<SrtpFault, 'malformed' | 'unauthentic' | 'replayed' | 'foreign'>
> = {
  short: 'malformed',
  unauthentic: 'unauthentic',
  replayed: 'replayed',
  source: 'foreign',
};
