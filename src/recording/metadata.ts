import type { ByteRange } from '../base/byte-range.ts';
import { parseJsonPayload } from '../spool/record.ts';
import type { RecordedObject } from '../transfers/record.ts';
import type { Recording } from './recording.ts';
import type { SpoolHeader } from './spool-header.ts';

type Json = Readonly<Record<string, unknown>>;

/** What is kept beside an object: how it was announced, what it became, what is missing. The same spool gives the same bytes. */
export async function* metadataBytes(
  about: Recording & { readonly header: SpoolHeader; readonly ending: Json | undefined },
): AsyncIterable<Uint8Array> {
  const { header, ending, object, timeline, loss } = about;
  const json = { v: 1, object, parameters: header.json, ending, timeline, loss };
  yield await Promise.resolve(Buffer.from(`${JSON.stringify(json, undefined, 2)}\n`));
}

/** Metadata as read back. */
export interface Metadata {
  readonly object: RecordedObject;
  /** What the transfer was announced with: the spool's header. */
  readonly parameters: Json;
  /** Of a file: which of the object's bytes came. Undefined where that is not said. */
  readonly held?: readonly ByteRange[];
}

/** @returns undefined when it is no metadata of ours. */
export function parseMetadata(bytes: Uint8Array): Metadata | undefined {
  const { object, parameters, loss } = parseJsonPayload(bytes) ?? {};
  if (!isRecordedObject(object)) return undefined;
  const held = between(jsonOf(loss)['holes'], object.size);
  return { object, parameters: jsonOf(parameters), ...(held === undefined ? {} : { held }) };
}

const jsonOf = (value: unknown): Json =>
  typeof value === 'object' && value !== null ? { ...value } : {};

/** What is between the holes, as a loss map lists them. @returns undefined when it is no such list. */
function between(holes: unknown, size: number): readonly ByteRange[] | undefined {
  if (!Array.isArray(holes)) return undefined;
  const held: ByteRange[] = [];
  let at = 0;
  for (const hole of [...(holes as readonly unknown[]), [size, size]]) {
    const [start, end] = Array.isArray(hole) ? (hole as readonly unknown[]) : [];
    if (!isOffset(start, at) || !isOffset(end, start)) return undefined;
    if (Math.min(start, size) > at) held.push({ start: at, end: Math.min(start, size) });
    at = Math.min(end, size);
  }
  return held;
}

const isOffset = (value: unknown, min: number): value is number =>
  typeof value === 'number' && Number.isSafeInteger(value) && value >= min;

/** @returns undefined when it is no metadata of ours. */
export const objectOfMetadata = (bytes: Uint8Array): RecordedObject | undefined =>
  parseMetadata(bytes)?.object;

const FIELD_TYPES: Readonly<Record<keyof RecordedObject, readonly string[]>> = {
  key: ['string'],
  contentType: ['string'],
  size: ['number'],
  sha256: ['string'],
  dataSha256: ['string'],
  dataBytes: ['number'],
  durationMs: ['number', 'undefined'],
  whole: ['boolean'],
};

function isRecordedObject(value: unknown): value is RecordedObject {
  if (typeof value !== 'object' || value === null) return false;
  const fields: Json = { ...value };
  return Object.entries(FIELD_TYPES).every(([name, types]) => types.includes(typeof fields[name]));
}
