import { open, type FileHandle } from 'node:fs/promises';
import type { ByteRange } from '../base/byte-range.ts';
import { HEADER_BYTES, OctetStreamView, parseOctetStream } from '../rtp/octet-stream.ts';
import { parseRtp, RtpView } from '../rtp/packet.ts';
import { RECORD_KIND } from '../spool/record.ts';
import { ByteRanges } from './byte-ranges.ts';
import { spoolRecords } from './media-reader.ts';
import { RunWriter } from './run-writer.ts';

/** A file without an announced size ends here: a made-up offset must not become terabytes of zeros. */
export const UNANNOUNCED_BYTES_MAX = 1_073_741_824;

/** What became of the packets of a file. */
export interface AssembledFile {
  readonly ranges: ByteRanges;
  /** Bytes of the whole file: as announced, else up to the packet with the end mark, else what came. */
  readonly size: number;
  /** Every byte is there. Without an announced size, only the end mark can tell. */
  readonly whole: boolean;
  readonly packets: number;
  /** Beyond the size, or one hole too many. */
  readonly dropped: number;
  readonly unreadable: number;
}

/**
 * Puts the packets of an octet-stream spool together to a file at `path`, each in its place, whatever order they came in.
 * Holes read as zeros. The file ends with the last byte that came.
 * @param size as announced.
 */
export async function assembleFile(
  spool: string,
  path: string,
  size: number | undefined,
): Promise<AssembledFile> {
  const file = await open(path, 'w+', 0o600);
  try {
    const assembly = new FileAssembly(file, size);
    for await (const { kind, payload } of spoolRecords(spool)) {
      if (kind === RECORD_KIND.rtp) await assembly.add(payload);
    }
    return await assembly.finish();
  } finally {
    await file.close();
  }
}

/** The packets of one file on their way to their places in it. */
export class FileAssembly {
  readonly #writer: RunWriter;
  readonly #sizeMax: number;
  readonly #announced: number | undefined;
  readonly #ranges = new ByteRanges();
  readonly #rtp = new RtpView();
  readonly #octets = new OctetStreamView();
  /** End of the packet with the end mark. */
  #marked: number | undefined;
  #packets = 0;
  #dropped = 0;
  #unreadable = 0;

  constructor(file: FileHandle, announced: number | undefined) {
    this.#writer = new RunWriter(file);
    this.#announced = announced;
    this.#sizeMax = announced ?? UNANNOUNCED_BYTES_MAX;
  }

  /** @returns where its bytes went; undefined when it has none that count. */
  async add(packet: Uint8Array): Promise<ByteRange | undefined> {
    const payload = this.#payloadOf(packet);
    if (payload === undefined) {
      this.#unreadable++;
      return undefined;
    }
    const { offset, length } = this.#octets;
    const end = offset + length;
    if (end > this.#sizeMax || !this.#ranges.add(offset, end)) {
      this.#dropped++;
      return undefined;
    }
    this.#packets++;
    if (this.#octets.end) this.#marked = Math.max(this.#marked ?? 0, end);
    await this.#writer.write(offset, payload.subarray(HEADER_BYTES));
    return length === 0 ? undefined : { start: offset, end };
  }

  /** Whether every byte from `start` to `end`, exclusive, came. */
  covers(start: number, end: number): boolean {
    return this.#ranges.covers(start, end);
  }

  /** What came is in the file when this resolves. */
  flush(): Promise<void> {
    return this.#writer.flush();
  }

  async finish(): Promise<AssembledFile> {
    await this.#writer.flush();
    const known = this.#announced ?? this.#marked;
    const size = known ?? this.#ranges.end;
    return {
      ranges: this.#ranges,
      size,
      whole: known !== undefined && this.#ranges.count === size,
      packets: this.#packets,
      dropped: this.#dropped,
      unreadable: this.#unreadable,
    };
  }

  #payloadOf(packet: Uint8Array): Uint8Array | undefined {
    if (parseRtp(packet, packet.length, this.#rtp) !== undefined) return undefined;
    const payload = packet.subarray(this.#rtp.payloadStart, this.#rtp.payloadEnd);
    return parseOctetStream(payload, this.#octets) ? payload : undefined;
  }
}
