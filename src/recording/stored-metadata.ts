import { MidcallError } from '../base/errors.ts';
import type { ObjectStore } from '../objects/object-store.ts';
import { parseMetadata, type Metadata } from './metadata.ts';

/** Of a metadata object; the loss map is bounded, so this is far more than one has. */
export const METADATA_BYTES_MAX = 16_777_216;

/** @returns undefined when it is not there, or no metadata of ours. @throws MidcallError `storage-unavailable`. */
export async function readMetadata(
  objects: Pick<ObjectStore, 'read' | 'stat'>,
  key: string,
): Promise<Metadata | undefined> {
  const chunks: Uint8Array[] = [];
  try {
    for await (const chunk of objects.read(key, { start: 0, end: METADATA_BYTES_MAX - 1 }))
      chunks.push(chunk);
  } catch (cause) {
    const isGone = cause instanceof MidcallError && (await objects.stat(key)) === undefined;
    if (isGone) return undefined;
    throw cause;
  }
  return parseMetadata(Buffer.concat(chunks));
}
