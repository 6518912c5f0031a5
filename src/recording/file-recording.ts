import { createReadStream } from 'node:fs';
import type { ObjectStore } from '../objects/object-store.ts';
import { assembleFile, type AssembledFile } from './file-assembly.ts';
import { Hashed } from './hashed.ts';
import { fileAddress } from './object-address.ts';
import { confirmStored, type Recording } from './recording.ts';
import type { SpoolHeader } from './spool-header.ts';

/** What is handed to the object store at a time. */
const CHUNK_BYTES = 65_536;

export interface FileSpool {
  readonly spool: string;
  /** Where the file is put together. */
  readonly scratch: string;
  readonly header: SpoolHeader;
}

/** Stores a file, byte for byte; with holes, what is there and zeros. */
export async function recordFile(from: FileSpool, objects: ObjectStore): Promise<Recording> {
  const { spool, scratch, header } = from;
  const file = await assembleFile(spool, scratch, header.size);
  const { key, contentType } = fileAddress(header);
  const hashed = new Hashed(createReadStream(scratch, { highWaterMark: CHUNK_BYTES }));
  const stored = await objects.put(key, hashed.bytes(), { contentType });
  await confirmStored(objects, stored);
  const { size } = stored;
  const { sha256 } = hashed;
  const data = { dataSha256: sha256, dataBytes: file.ranges.count, whole: file.whole };
  return {
    object: { key, contentType, size, sha256, ...data },
    loss: lossOf(file),
  };
}

/** Each hole as start and end, exclusive. */
const lossOf = ({
  ranges,
  size,
  packets,
  dropped,
  unreadable,
}: AssembledFile): Readonly<Record<string, unknown>> => ({
  size,
  received: ranges.count,
  lost: size - ranges.count,
  packets,
  dropped,
  unreadable,
  holes: ranges.holes(size).map(({ start, end }) => [start, end]),
});
