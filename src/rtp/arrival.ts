import type { Instant } from '../base/units.ts';

/**
 * When something came. Per packet an object that is reused is handed on, and no number: V8 puts one with a fraction, or above 2^31, on
 * the heap whenever it crosses into a function that it does not inline.
 */
export interface Arrival {
  readonly arrival: Instant;
}
