import type { RtpHeader } from '../../src/rtp/packet.ts';
import { rtpPacket } from './rtp-packets.ts';

const KEYS = '0123456789*#ABCD';
/** 20 ms at 8 kHz. */
const STEP = 160;
/** A short press: 100 ms. */
const STEPS = 5;
const ENDS = 3;
const END_BIT = 0x80;
const VOLUME = 10;

/** The payload of one telephone-event packet (RFC 4733 §2.3). */
export const eventPayload = (
  key: string,
  { duration, end = false }: { readonly duration: number; readonly end?: boolean },
): Uint8Array =>
  Uint8Array.of(KEYS.indexOf(key), (end ? END_BIT : 0) | VOLUME, duration >> 8, duration & 0xff);

/** The packets of one press, as phones send them: one each 20 ms, the end three times. */
export function pressPackets(key: string, at: Partial<RtpHeader>): readonly Uint8Array[] {
  const { sequence = 1, payloadType = 101 } = at;
  return Array.from({ length: STEPS + ENDS }, (_, index) =>
    rtpPacket(
      { ...at, payloadType, sequence: (sequence + index) & 0xffff, marker: index === 0 },
      eventPayload(key, { duration: STEP * Math.min(index + 1, STEPS + 1), end: index >= STEPS }),
    ),
  );
}
