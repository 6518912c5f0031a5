const CHUNK_HEAD_BYTES = 8;
const RIFF_HEAD_BYTES = 12;

/** The samples of a WAV file: its `data` chunk. @returns undefined when it is not a WAV, or has none. */
export function wavData(wav: Uint8Array): Uint8Array | undefined {
  const bytes = Buffer.from(wav.buffer, wav.byteOffset, wav.byteLength);
  if (bytes.toString('latin1', 0, 4) !== 'RIFF' || bytes.toString('latin1', 8, 12) !== 'WAVE') {
    return undefined;
  }
  let at = RIFF_HEAD_BYTES;
  while (at + CHUNK_HEAD_BYTES <= bytes.length) {
    const length = bytes.readUInt32LE(at + 4);
    const start = at + CHUNK_HEAD_BYTES;
    if (bytes.toString('latin1', at, at + 4) === 'data') {
      return bytes.subarray(start, start + length);
    }
    // Chunks start at even positions.
    at = start + length + (length % 2);
  }
  return undefined;
}
