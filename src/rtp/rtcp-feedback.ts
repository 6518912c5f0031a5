import type { IntraRequest, RtcpPacket } from './rtcp.ts';

/**
 * Feedback packets (RFC 4585 §6.1): who asks, whom, and what.
 *
 * | V P FMT | type | length |  SSRC of who asks (32)  |  SSRC of the media (32)  |  FCI …
 *
 * Formats: of transport-layer feedback, generic NACK (RFC 4585 §6.2.1); of payload-specific feedback, picture loss
 * indication (§6.3.1) and full intra request (RFC 5104 §4.3.1).
 */
export const NACK_FORMAT = 1;
export const PLI_FORMAT = 1;
export const FIR_FORMAT = 4;
export const FEEDBACK_HEADER_BYTES = 12;
/** SSRC, number, 24 bits of zero. */
export const FIR_ENTRY_BYTES = 8;
/** Sequence numbers read of one NACK: as many as fit in a packet of the smallest MTU would be 5,000. */
export const NACK_NUMBERS_MAX = 512;
/** Sources read of one full intra request: a call has a few. */
export const FIR_REQUESTS_MAX = 32;

export function parseTransportFeedback(
  view: DataView,
  format: number,
): RtcpPacket | 'body' | undefined {
  return format === NACK_FORMAT ? parseNack(view) : undefined;
}

export function parsePayloadFeedback(
  view: DataView,
  format: number,
): RtcpPacket | 'body' | undefined {
  if (format === FIR_FORMAT) return parseIntraRequest(view);
  if (format !== PLI_FORMAT) return undefined;
  if (view.byteLength < FEEDBACK_HEADER_BYTES) return 'body';
  return { type: 'pli', ssrc: view.getUint32(4), media: view.getUint32(8) };
}

/** Each item is a number and a bit mask of the 16 after it. */
function parseNack(view: DataView): RtcpPacket | 'body' {
  if (view.byteLength < FEEDBACK_HEADER_BYTES + 4) return 'body';
  const sequences: number[] = [];
  for (let at = FEEDBACK_HEADER_BYTES; at + 4 <= view.byteLength; at += 4) {
    addNackItem(view.getUint16(at), view.getUint16(at + 2), sequences);
  }
  return { type: 'nack', ssrc: view.getUint32(4), media: view.getUint32(8), sequences };
}

function addNackItem(first: number, mask: number, sequences: number[]): void {
  for (let bit = -1; bit < 16; bit++) {
    if (sequences.length === NACK_NUMBERS_MAX) return;
    if (bit < 0 || (mask & (1 << bit)) !== 0) sequences.push((first + bit + 1) & 0xffff);
  }
}

/** The sources are named in the entries; the header's media SSRC is zero. */
function parseIntraRequest(view: DataView): RtcpPacket | 'body' {
  if (view.byteLength < FEEDBACK_HEADER_BYTES + FIR_ENTRY_BYTES) return 'body';
  const requests: IntraRequest[] = [];
  let at = FEEDBACK_HEADER_BYTES;
  while (at + FIR_ENTRY_BYTES <= view.byteLength && requests.length < FIR_REQUESTS_MAX) {
    requests.push({ media: view.getUint32(at), number: view.getUint8(at + 4) });
    at += FIR_ENTRY_BYTES;
  }
  return { type: 'fir', ssrc: view.getUint32(4), requests };
}
