/** The Opus packets of an Ogg file, without its two headers: an oracle, so it is not the code under test. */
export function opusPackets(file: Buffer): readonly Uint8Array[] {
  const packets: Uint8Array[] = [];
  let parts: Uint8Array[] = [];
  for (let at = 0; at < file.length;) {
    if (file.toString('latin1', at, at + 4) !== 'OggS') throw new Error(`no page at ${at}`);
    const segments = file.readUInt8(at + 26);
    let position = at + 27 + segments;
    for (let segment = 0; segment < segments; segment++) {
      const length = file.readUInt8(at + 27 + segment);
      parts.push(file.subarray(position, position + length));
      position += length;
      if (length === 255) continue;
      packets.push(Buffer.concat(parts));
      parts = [];
    }
    at = position;
  }
  return packets.slice(2);
}
