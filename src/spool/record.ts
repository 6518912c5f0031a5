import { copyBytes } from '../base/copy-bytes.ts';
import { wallclock, type Wallclock } from '../base/units.ts';
import { crc32c, crc32cSigned } from './crc32c.ts';

/**
 * One record of a spool, little-endian (docs/storage.md §1). The checksum covers all that follows it.
 *
 *  0                   1                   2                   3
 *  0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
 * +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
 * |                   length of the payload                       |
 * +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
 * |                          CRC-32C                              |
 * +=+=+=+=+=+=+=+=+=+=+=+=+=+=+=+=+=+=+=+=+=+=+=+=+=+=+=+=+=+=+=+=+
 * |        arrival, milliseconds since the Unix epoch (64)        |
 * |                                                               |
 * +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
 * |     kind      | payload …
 */
/** `late`: an RTP packet whose place in the stream is before packets in front of it in the spool. */
export const RECORD_KIND = { header: 1, rtp: 2, rtcp: 3, end: 4, late: 5 } as const;

export const RECORD_HEAD_BYTES = 17;
/** No UDP payload is longer, and no header of ours; a greater length in a file is damage. */
export const PAYLOAD_BYTES_MAX = 65_536;

const CRC_AT = 4;
const ARRIVAL_AT = 8;
const KIND_AT = 16;
const WORD = 2 ** 32;

/** A record as read. */
export interface SpoolRecord {
  /** One of {@link RECORD_KIND}, or a kind of a later version: skip those. */
  readonly kind: number;
  readonly arrival: Wallclock;
  /** Never overwritten: it may be kept. */
  readonly payload: Uint8Array;
  /** Where the record starts in the file. */
  readonly position: number;
  /** Where the next one starts. */
  readonly end: number;
}

/** A buffer with the view that writes numbers into it, made once per buffer. */
export interface RecordBuffer {
  readonly bytes: Uint8Array;
  readonly view: DataView;
}

export function recordBuffer(size: number): RecordBuffer {
  const bytes = new Uint8Array(size);
  return { bytes, view: new DataView(bytes.buffer) };
}

/** Writes what is known of a record before its payload; {@link sealRecord} does the rest. */
export function startRecord(
  into: RecordBuffer,
  at: number,
  kind: number,
  arrival: Wallclock,
): void {
  const { view } = into;
  view.setUint32(at + ARRIVAL_AT, arrival % WORD, true);
  view.setUint32(at + ARRIVAL_AT + 4, arrival / WORD, true);
  view.setUint8(at + KIND_AT, kind);
}

/** What is in front of a record's payload, and where in its buffer that is. */
export interface RecordHead {
  kind: number;
  /** Whole milliseconds, as in the file. */
  arrival: Wallclock;
  start: number;
  /** Exclusive; the next record may begin here. */
  end: number;
}

/** Reads the head of a record of our own making at `at`. */
export function readRecordHead({ view }: RecordBuffer, at: number, into: RecordHead): void {
  into.kind = view.getUint8(at + KIND_AT);
  into.arrival = wallclock(
    view.getUint32(at + ARRIVAL_AT, true) + view.getUint32(at + ARRIVAL_AT + 4, true) * WORD,
  );
  into.start = at + RECORD_HEAD_BYTES;
  into.end = into.start + view.getUint32(at, true);
}

/** Copies `packet[start, end)` into a started record at `at` of a buffer, and writes its length and checksum. */
// oxlint-disable-next-line max-params -- called per packet; an options object would be an allocation
export type SealRecord = (
  packet: Uint8Array,
  start: number,
  end: number,
  into: Uint8Array,
  at: number,
) => void;

// oxlint-disable-next-line max-params -- called per packet; an options object would be an allocation
const sealInScript: SealRecord = (packet, start, end, into, at) => {
  const length = end - start;
  copyBytes(packet, start, end, into, at + RECORD_HEAD_BYTES);
  writeWord(into, at, length);
  const crc = crc32cSigned(into, at + ARRIVAL_AT, at + RECORD_HEAD_BYTES + length);
  writeWord(into, at + CRC_AT, crc);
};

let seal = sealInScript;

/** Seals by something cheaper from now on, in this thread: the addon has the processor's own instruction for the checksum. */
export function sealRecordsBy(other: SealRecord): void {
  seal = other;
}

/** Completes a record, in script, or as the thread said. */
// oxlint-disable-next-line max-params -- called per packet; an options object would be an allocation
export const sealRecord: SealRecord = (packet, start, end, into, at) =>
  seal(packet, start, end, into, at);

function writeWord(into: Uint8Array, at: number, word: number): void {
  into[at] = word;
  into[at + 1] = word >>> 8;
  into[at + 2] = word >>> 16;
  into[at + 3] = word >>> 24;
}

/** @returns the payload's length of the record head at `at`, which may be nonsense. */
export const recordLength = (bytes: Uint8Array, at: number): number => wordAt(bytes, at);

/** @returns whether the record at `at`, all of whose bytes are there, is the one that was written. */
export const recordIntact = (bytes: Uint8Array, at: number, length: number): boolean =>
  wordAt(bytes, at + CRC_AT) === crc32c(bytes, at + ARRIVAL_AT, at + RECORD_HEAD_BYTES + length);

/** Reads an intact record. @param position of the record in the file. */
export function openRecord(
  bytes: Uint8Array,
  at: number,
  length: number,
  position: number,
): SpoolRecord {
  const start = at + RECORD_HEAD_BYTES;
  return {
    kind: bytes[at + KIND_AT] ?? 0,
    arrival: wallclock(wordAt(bytes, at + ARRIVAL_AT) + wordAt(bytes, at + ARRIVAL_AT + 4) * WORD),
    payload: bytes.subarray(start, start + length),
    position,
    end: position + RECORD_HEAD_BYTES + length,
  };
}

/** JSON of a header or end record. @returns undefined when it is not an object. */
export function parseJsonPayload(
  payload: Uint8Array,
): Readonly<Record<string, unknown>> | undefined {
  try {
    const value: unknown = JSON.parse(Buffer.from(payload).toString('utf8'));
    return isJsonObject(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

const isJsonObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const byteAt = (from: Uint8Array, at: number): number => from[at] ?? 0;

const wordAt = (from: Uint8Array, at: number): number =>
  (byteAt(from, at) |
    (byteAt(from, at + 1) << 8) |
    (byteAt(from, at + 2) << 16) |
    (byteAt(from, at + 3) << 24)) >>>
  0;
