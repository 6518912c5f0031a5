import type { Wallclock } from '../base/units.ts';

/** Seconds from 1900 to 1970: 70 years with 17 leap days. */
const UNIX_EPOCH_IN_NTP = 2_208_988_800;
const TWO_TO_32 = 2 ** 32;

/** An NTP timestamp as sender reports carry it (RFC 3550 §4): seconds since 1900 and their fraction, 32 bits each. */
export interface NtpTime {
  /** Modulo 2^32: wraps on 7 February 2036. */
  readonly seconds: number;
  /** In 1/2^32 seconds. */
  readonly fraction: number;
}

export function ntpTime(at: Wallclock): NtpTime {
  const wholeSeconds = Math.floor(at / 1_000);
  const fraction = Math.floor(((at - wholeSeconds * 1_000) / 1_000) * TWO_TO_32);
  return { seconds: (wholeSeconds + UNIX_EPOCH_IN_NTP) % TWO_TO_32, fraction };
}

/** The middle 32 bits, in 1/65,536 seconds: what a reception report says of the last sender report (RFC 3550 §6.4.1, LSR). */
export const ntpMiddle = (time: NtpTime): number =>
  ((time.seconds << 16) | (time.fraction >>> 16)) >>> 0;
