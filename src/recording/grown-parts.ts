import { createReadStream } from 'node:fs';
import { open, type FileHandle } from 'node:fs/promises';
import { RECORD_KIND } from '../spool/record.ts';
import { containerAhead, mediaTerms } from './containers.ts';
import { FileAssembly } from './file-assembly.ts';
import type { FollowedSpool } from './followed-spool.ts';
import { gathered } from './hashed.ts';
import { MediaReader } from './media-reader.ts';
import type { SpoolHeader } from './spool-header.ts';

const CHUNK_BYTES = 65_536;
const OWNER_ONLY = 0o600;

/** A part of an object to be that will not change any more, as far as can be told before the end. */
export interface GrownPart {
  readonly index: number;
  /** Can be read again until the next part is asked for. */
  content(): AsyncIterable<Uint8Array>;
}

export interface GrowingObject {
  readonly spool: FollowedSpool;
  readonly header: SpoolHeader;
  /** A file for what is not sent yet, of our own. */
  readonly scratch: string;
  readonly partBytes: number;
}

/** The parts of an object in the order in which they become whole. Ends when the spool is stopped. */
export async function* grownParts(from: GrowingObject): AsyncIterable<GrownPart> {
  const file = await open(from.scratch, 'w+', OWNER_ONLY);
  try {
    yield* from.header.kind === 'file' ? fileParts(from, file) : mediaParts(from, file);
  } finally {
    await file.close();
  }
}

/** Packets may come in any order and each goes to its place, so a part is whole when no hole is left in it. */
async function* fileParts(from: GrowingObject, file: FileHandle): AsyncIterable<GrownPart> {
  const { spool, header, scratch, partBytes } = from;
  const assembly = new FileAssembly(file, header.size);
  const done = new Set<number>();
  for await (const { kind, payload } of spool.records()) {
    const range = kind === RECORD_KIND.rtp ? await assembly.add(payload) : undefined;
    if (range === undefined) continue;
    for (const index of partsOf(range, partBytes)) {
      const start = index * partBytes;
      if (done.has(index) || !assembly.covers(start, start + partBytes)) continue;
      done.add(index);
      await assembly.flush();
      yield { index, content: () => piece(scratch, start, partBytes) };
    }
  }
}

/** A packet is shorter than a part, so it lies in one or two. */
function partsOf({ start, end }: { start: number; end: number }, partBytes: number): Set<number> {
  return new Set([start, end - 1].map((at) => Math.floor(at / partBytes)));
}

/** The container, as it will be but for its end. The scratch file holds one part at a time. */
async function* mediaParts(from: GrowingObject, file: FileHandle): AsyncIterable<GrownPart> {
  const { spool, header, scratch, partBytes } = from;
  const container = containerAhead(header.payload);
  if (container?.grows === undefined) return;
  const media = new MediaReader(() => spool.records(), mediaTerms(header));
  const first = await firstOf(media.packets());
  const survey = { facts: media.newFacts(), end: 0, dataSha256: '', dataBytes: 0, first };
  let index = 0;
  let filled = 0;
  for await (const chunk of gathered(container.write(media, survey, ''), CHUNK_BYTES)) {
    for (let rest = chunk; rest.length > 0;) {
      const taken = rest.subarray(0, partBytes - filled);
      await writeAll(file, taken, filled);
      filled += taken.length;
      rest = rest.subarray(taken.length);
      if (filled < partBytes) continue;
      const isFinal = index > 0 || container.grows === 'from-the-start';
      if (isFinal) yield { index, content: () => piece(scratch, 0, partBytes) };
      index += 1;
      filled = 0;
    }
  }
}

const piece = (path: string, start: number, length: number): AsyncIterable<Uint8Array> =>
  createReadStream(path, { start, end: start + length - 1, highWaterMark: CHUNK_BYTES });

async function firstOf<T>(from: AsyncIterable<T>): Promise<T | undefined> {
  for await (const first of from) return first;
  return undefined;
}

async function writeAll(file: FileHandle, bytes: Uint8Array, position: number): Promise<void> {
  for (let done = 0; done < bytes.length;) {
    const left = bytes.length - done;
    done += (await file.write(bytes, done, left, position + done)).bytesWritten;
  }
}
