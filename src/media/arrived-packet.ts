import type { Instant } from '../base/units.ts';

/** A packet and when it came: `slab[start, end)`. Reused. */
export interface ArrivedPacket {
  readonly slab: Uint8Array;
  readonly start: number;
  readonly end: number;
  readonly arrival: Instant;
}
