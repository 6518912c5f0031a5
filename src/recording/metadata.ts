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
}

/** @returns undefined when it is no metadata of ours. */
export function parseMetadata(bytes: Uint8Array): Metadata | undefined {
  const { object, parameters } = parseJsonPayload(bytes) ?? {};
  if (!isRecordedObject(object)) return undefined;
  const isJson = typeof parameters === 'object' && parameters !== null;
  return { object, parameters: isJson ? { ...parameters } : {} };
}

/** @returns undefined when it is no metadata of ours. */
export const objectOfMetadata = (bytes: Uint8Array): RecordedObject | undefined =>
  parseMetadata(bytes)?.object;

const FIELD_TYPES: Readonly<Record<keyof RecordedObject, readonly string[]>> = {
  key: ['string'],
  contentType: ['string'],
  size: ['number'],
  sha256: ['string'],
  dataSha256: ['string'],
  durationMs: ['number', 'undefined'],
  whole: ['boolean'],
};

function isRecordedObject(value: unknown): value is RecordedObject {
  if (typeof value !== 'object' || value === null) return false;
  const fields: Json = { ...value };
  return Object.entries(FIELD_TYPES).every(([name, types]) => types.includes(typeof fields[name]));
}
