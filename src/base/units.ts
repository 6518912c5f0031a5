/** Numbers that must never be swapped carry a brand; everything else carries its unit in its name. */

declare const brand: unique symbol;
type Brand<T, Name extends string> = T & { readonly [brand]: Name };

/** Monotonic milliseconds since an arbitrary start: for timers, jitter and pacing. */
export type Instant = Brand<number, 'Instant'>;
/** Milliseconds since the Unix epoch: for people, file names and expiry that outlives a process. */
export type Wallclock = Brand<number, 'Wallclock'>;
/** Media clock units, modulo 2^32 (RFC 3550 §5.1). */
export type RtpTimestamp = Brand<number, 'RtpTimestamp'>;
/** RTP sequence number, modulo 2^16 (RFC 3550 §5.1). */
export type SequenceNumber = Brand<number, 'SequenceNumber'>;
/** Synchronisation source identifier, 32 bits (RFC 3550 §5.1). */
export type Ssrc = Brand<number, 'Ssrc'>;
/** A UDP or TCP port, 1 to 65,535. */
export type Port = Brand<number, 'Port'>;
/** The value of a Call-ID header (RFC 3261 §20.8). */
export type CallId = Brand<string, 'CallId'>;
/** A count of bytes of a transfer's data. */
export type Bytes = Brand<number, 'Bytes'>;

export const instant = (ms: number): Instant => ms as Instant;
export const wallclock = (ms: number): Wallclock => ms as Wallclock;
export const rtpTimestamp = (units: number): RtpTimestamp => (units >>> 0) as RtpTimestamp;
export const sequenceNumber = (value: number): SequenceNumber => (value & 0xffff) as SequenceNumber;
export const ssrc = (value: number): Ssrc => (value >>> 0) as Ssrc;
export const callId = (value: string): CallId => value as CallId;
export const bytes = (count: number): Bytes => count as Bytes;

/** @returns the port, or undefined when the value is not one. */
export function port(value: number): Port | undefined {
  return Number.isInteger(value) && value >= 1 && value <= 65_535 ? (value as Port) : undefined;
}

/** `at` moved by a number of milliseconds. */
export const after = (at: Instant, ms: number): Instant => (at + ms) as Instant;
