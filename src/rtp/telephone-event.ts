/**
 * Payload format `telephone-event`: keys pressed on a phone, and other signals (RFC 4733 §2.3).
 *
 *  0                   1                   2                   3
 *  0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
 * +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
 * |     event     |E|R| volume    |          duration             |
 * +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
 *
 * The packets of one event carry the same RTP timestamp, that of its beginning; the last is sent three times. They share SSRC
 * and sequence numbers with the audio that they interrupt, but are none of it: stored as audio they spoil the recording.
 */
export const EVENT_BYTES = 4;
/** As SDP names the format (RFC 4733 §2.4); compared without case. */
export const TELEPHONE_EVENT = 'telephone-event';

/** What the first 16 events stand for (RFC 4733 §3.2, table 3). */
const KEYS = '0123456789*#ABCD';

/** Reused by its owner; valid until the next `parse` into it. */
export class TelephoneEventView {
  /** 0 to 255. */
  event = 0;
  /** The event is over. */
  end = false;
  /** −dBm0, 0 to 63. */
  volume = 0;
  /** Timestamp units since its beginning. */
  duration = 0;
}

/** Reads the payload `slab[start, end)`. @returns false when it is none; the view is then meaningless. */
export function parseTelephoneEvent(
  slab: Uint8Array,
  start: number,
  end: number,
  view: TelephoneEventView,
): boolean {
  // Several in one packet are one after another (RFC 4733 §2.5.1.5); the first says what the packet is about.
  if (end - start < EVENT_BYTES || (end - start) % EVENT_BYTES !== 0) return false;
  const flags = byteAt(slab, start + 1);
  view.event = byteAt(slab, start);
  view.end = (flags & 0x80) !== 0;
  view.volume = flags & 0x3f;
  view.duration = (byteAt(slab, start + 2) << 8) | byteAt(slab, start + 3);
  return true;
}

/** The key of an event, `0` to `D`. @returns undefined for an event that is no key. */
export const keyOf = (event: number): string | undefined => KEYS[event];

const byteAt = (from: Uint8Array, at: number): number => from[at] ?? 0;
