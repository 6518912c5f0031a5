/** Frames of a code 3 packet that fit its count, and 120 ms (RFC 6716 §3.2.5). */
const CODE_3 = 3;
const VBR_BIT = 0x80;
/** RFC 6716 §3.2.1: longer frames have a length of two bytes. */
const ONE_BYTE_MAX = 251;

/**
 * Joins packets of one frame each (code 0) and one configuration into one packet of code 3 with variable lengths (RFC 6716 §3.2.5).
 *
 *  0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5
 * +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
 * | config  |s|1|1|1|0|     M     | lengths of frames 1 to M − 1, then frames
 * +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
 *
 * @returns where it ends; 0 when it does not fit, or they can't be joined.
 */
export function joinOpus(packets: readonly Uint8Array[], into: Uint8Array, offset: number): number {
  const [first] = packets;
  if (first === undefined) return 0;
  if (packets.length === 1) return copied(first, 0, into, offset);
  if (packets.some((packet) => packet[0] !== first[0]) || ((first[0] ?? 0) & 3) !== 0) return 0;
  let at = offset;
  into[at++] = (first[0] ?? 0) | CODE_3;
  into[at++] = VBR_BIT | packets.length;
  for (const packet of packets.slice(0, -1)) at = writeLength(packet.length - 1, into, at);
  for (const packet of packets) {
    at = copied(packet, 1, into, at);
    if (at === 0) return 0;
  }
  return at;
}

function writeLength(length: number, into: Uint8Array, at: number): number {
  if (length <= ONE_BYTE_MAX) {
    into[at] = length;
    return at + 1;
  }
  const first = 252 + (length & 3);
  into[at] = first;
  into[at + 1] = (length - first) >> 2;
  return at + 2;
}

/** Everything behind byte `from`. */
function copied(packet: Uint8Array, from: number, into: Uint8Array, at: number): number {
  const end = at + packet.length - from;
  if (end > into.length) return 0;
  into.set(packet.subarray(from), at);
  return end;
}
