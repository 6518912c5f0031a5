import { MidcallError } from '../base/errors.ts';
import { hasCode } from '../base/node-error.ts';
import { spoolPath } from '../spool/path.ts';
import type { Container } from './container.ts';
import { containerAhead, mediaTerms } from './containers.ts';
import { followedFile } from './followed-file.ts';
import { followedRecords, type Growth } from './followed-records.ts';
import { gathered } from './hashed.ts';
import { MediaReader } from './media-reader.ts';
import { addressAhead, type ObjectAddress } from './object-address.ts';

/** A player wants the first second soon; a packet a write would cost a system call each. */
const PIECE_BYTES = 1_600;

/** What grows is written as it comes. */
const NO_SCRATCH = '';

/** What becomes an object, while its transfer goes on. */
export interface FollowedContent {
  readonly contentType: string;
  /** Last segment of the object's key to be. */
  readonly name: string;
  /** For one reader. The bytes that the object will have; but the head of a WAV does not say how long it is. */
  readonly bytes: AsyncIterable<Uint8Array>;
}

/**
 * The content of a transfer from its first byte on, as far as it is stored, and then as it comes in, up to its end.
 * @returns undefined when there is no spool, nothing in it yet, or a container that can't be told before its end.
 */
export async function followedContent(
  folder: string,
  transfer: string,
  growth: Growth,
): Promise<FollowedContent | undefined> {
  const path = spoolPath(folder, transfer);
  const address = await addressAhead(path).catch(absent);
  if (address === undefined) return undefined;
  const bytes =
    address.header.kind === 'file'
      ? fileBytes(path, address, growth)
      : mediaBytes(path, address, growth);
  if (bytes === undefined) return undefined;
  const name = address.key.slice(address.key.lastIndexOf('/') + 1);
  return { contentType: address.contentType, name, bytes };
}

const fileBytes = (
  path: string,
  { header }: ObjectAddress,
  growth: Growth,
): AsyncIterable<Uint8Array> =>
  gathered(followedFile(path, followedRecords(path, growth), header.size), PIECE_BYTES);

function mediaBytes(
  path: string,
  { header }: ObjectAddress,
  growth: Growth,
): AsyncIterable<Uint8Array> | undefined {
  const container = containerAhead(header.payload);
  if (container?.grows === undefined) return undefined;
  const media = new MediaReader(() => followedRecords(path, growth), mediaTerms(header));
  return growingMedia(media, container);
}

/** The first packet is read twice: a container may need it for its head. */
async function* growingMedia(media: MediaReader, container: Container): AsyncIterable<Uint8Array> {
  const first = await firstOf(media.packets());
  const survey = { facts: media.newFacts(), end: Infinity, dataSha256: '', dataBytes: 0, first };
  yield* gathered(container.write(media, survey, NO_SCRATCH), PIECE_BYTES);
}

async function firstOf<T>(from: AsyncIterable<T>): Promise<T | undefined> {
  for await (const first of from) return first;
  return undefined;
}

/** No spool, or none that has begun. */
function absent(cause: unknown): undefined {
  if (hasCode(cause, 'ENOENT') || cause instanceof MidcallError) return undefined;
  throw cause;
}
