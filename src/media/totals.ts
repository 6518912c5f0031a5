import type { MediaCounts } from '../transfers/media-plane.ts';

/** Counts since start, shared by all that runs in one media thread. Plain numbers: they are touched for each packet. */
export class Totals {
  packetsIn = 0;
  packetsOut = 0;
  /** The receive buffer of a socket was full; only sockets that still hear something are known. */
  kernelDropped = 0;
  /** From an address that was not signalled. */
  foreign = 0;
  /** Before a store request was confirmed (M6). */
  unconfirmed = 0;
  malformed = 0;
  /** SRTP whose tag is wrong. */
  unauthentic = 0;
  /** SRTP that came before, or is too old to tell. */
  replayed = 0;
  /** Key presses beyond what is read (key-watch.ts). */
  keysDropped = 0;

  counts(): Omit<MediaCounts, 'relays' | 'ingests' | 'deliveries'> {
    const { packetsIn, packetsOut, kernelDropped } = this;
    const { foreign, unconfirmed, malformed, unauthentic, replayed, keysDropped } = this;
    return {
      packetsIn,
      packetsOut,
      kernelDropped,
      foreign,
      unconfirmed,
      malformed,
      unauthentic,
      replayed,
      keysDropped,
    };
  }
}
