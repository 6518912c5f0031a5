const CAPTURE = 0x4f67_6753;
const SEGMENT_COUNT_AT = 26;
const HEADER_BYTES = 27;
const SEGMENT_BYTES_MAX = 255;

/** The packets in the pages of an Ogg stream (ogg-page.ts draws one), header packets first. @throws Error at what is no page. */
export function oggPackets(file: Buffer): Uint8Array[] {
  const packets: Uint8Array[] = [];
  let parts: Uint8Array[] = [];
  let at = 0;
  while (at + HEADER_BYTES <= file.length) {
    if (file.readUInt32BE(at) !== CAPTURE) throw new Error(`no Ogg page at ${at}`);
    const segments = file.subarray(
      at + HEADER_BYTES,
      at + HEADER_BYTES + (file[at + SEGMENT_COUNT_AT] ?? 0),
    );
    at += HEADER_BYTES + segments.length;
    for (const length of segments) {
      parts.push(file.subarray(at, at + length));
      at += length;
      if (length === SEGMENT_BYTES_MAX) continue;
      packets.push(Uint8Array.from(Buffer.concat(parts)));
      parts = [];
    }
  }
  return packets;
}
