import { followedFile } from '../../src/recording/followed-file.ts';
import { spoolRecords } from '../../src/recording/media-reader.ts';
import { octets, PCMU, writeRtpSpool } from './rtp-spool.ts';
import { withTempFolder } from './temp-folder.ts';

/** What is told of a file whose pieces come in this order: offset and bytes of each. */
export async function told(
  pieces: Iterable<readonly [number, string]>,
  size?: number,
): Promise<string> {
  return withTempFolder(async (folder) => {
    const packets = Array.from(pieces, ([offset, text], sequence) => ({
      payload: octets(offset, Buffer.from(text)),
      sequence: sequence & 0xffff,
      timestamp: sequence,
      arrival: sequence,
    }));
    const header = { transfer: 't', kind: 'file', payload: PCMU };
    const path = await writeRtpSpool(folder, header, packets);
    const chunks: Uint8Array[] = [];
    for await (const chunk of followedFile(path, spoolRecords(path), size)) chunks.push(chunk);
    return Buffer.concat(chunks).toString('latin1');
  });
}
