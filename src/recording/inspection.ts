import { stat } from 'node:fs/promises';
import { wallclock, type Wallclock } from '../base/units.ts';
import { OctetStreamView, parseOctetStream } from '../rtp/octet-stream.ts';
import { parseRtp, RtpView } from '../rtp/packet.ts';
import { unitsToMs } from '../rtp/timestamp.ts';
import { SpoolCursor } from '../spool/reader.ts';
import { parseJsonPayload, RECORD_KIND, type SpoolRecord } from '../spool/record.ts';
import { ByteRanges } from './byte-ranges.ts';
import { mediaTerms } from './containers.ts';
import { MediaReader } from './media-reader.ts';
import { mendedRecords } from './mended-records.ts';
import { parseSpoolHeader, type SpoolHeader } from './spool-header.ts';
import { surveyMedia } from './media-survey.ts';

type Json = Readonly<Record<string, unknown>>;

/** Names of the kinds of records, as they are counted. */
const KIND_NAMES: Readonly<Record<number, keyof RecordCounts>> = {
  [RECORD_KIND.header]: 'header',
  [RECORD_KIND.rtp]: 'rtp',
  [RECORD_KIND.rtcp]: 'rtcp',
  [RECORD_KIND.end]: 'end',
  [RECORD_KIND.late]: 'late',
};

export interface RecordCounts {
  readonly header: number;
  readonly rtp: number;
  readonly rtcp: number;
  readonly end: number;
  /** RTP that came too late for its turn. */
  readonly late: number;
  /** Of a later version. */
  readonly other: number;
}

/** All that a spool says by itself. JSON. */
export interface SpoolInspection {
  readonly path: string;
  /** Of the file. */
  readonly bytes: number;
  readonly records: RecordCounts;
  /** Undefined when it can't be read: then this is no spool, or its first sector is gone. */
  readonly header?: Json;
  /** The end record; undefined while the transfer goes on, or after a crash. */
  readonly ending?: Json;
  /** ISO 8601, of the first and the last packet. */
  readonly firstArrival?: string;
  readonly lastArrival?: string;
  /** Of a stream. */
  readonly media?: MediaSummary;
  /** Of a file. */
  readonly file?: FileSummary;
  /** Bytes of damaged records between intact ones. */
  readonly damaged: number;
  /** The tail that no intact record follows: a crash in mid-write, or a write that is going on. */
  readonly torn?: { readonly at: number; readonly bytes: number };
}

export interface MediaSummary {
  readonly durationMs: number;
  readonly received: number;
  readonly lost: number;
  readonly gaps: number;
  readonly duplicate: number;
  readonly unreadable: number;
  readonly restarts: number;
}

export interface FileSummary {
  /** Bytes that are there. */
  readonly received: number;
  /** Bytes announced, when they were. */
  readonly size?: number;
  /** Bytes missing below the announced size, or below the last that came. */
  readonly lost: number;
  readonly holes: number;
  readonly unreadable: number;
}

/**
 * Reads a spool through, changing nothing, also while it is being written.
 * @throws the node error: ENOENT when there is none.
 */
export async function inspectSpool(path: string): Promise<SpoolInspection> {
  const { size: bytes } = await stat(path);
  const reading = new Reading();
  const cursor = await SpoolCursor.open(path);
  try {
    for (let record = await cursor.next(); record !== undefined; record = await cursor.next()) {
      reading.take(record);
    }
  } finally {
    await cursor.close();
  }
  const { tornAt, damaged } = cursor;
  const torn = tornAt === undefined ? {} : { torn: { at: tornAt, bytes: bytes - tornAt } };
  return { path, bytes, ...reading.result(), ...(await reading.content(path)), damaged, ...torn };
}

/** What is gathered on the way through. */
class Reading {
  readonly #counts = { header: 0, rtp: 0, rtcp: 0, end: 0, late: 0, other: 0 };
  #header: Json | undefined;
  #parsed: SpoolHeader | undefined;
  #ending: Json | undefined;
  #first: Wallclock | undefined;
  #last: Wallclock = wallclock(0);
  readonly #pieces = new FilePieces();

  take({ kind, payload, arrival }: SpoolRecord): void {
    this.#counts[KIND_NAMES[kind] ?? 'other']++;
    if (kind === RECORD_KIND.header) this.#takeHeader(payload);
    if (kind === RECORD_KIND.end) this.#ending = parseJsonPayload(payload);
    if (kind === RECORD_KIND.rtp) this.#takePacket(payload, arrival);
  }

  #takeHeader(payload: Uint8Array): void {
    this.#header ??= parseJsonPayload(payload);
    this.#parsed ??= parseSpoolHeader(this.#header);
  }

  #takePacket(packet: Uint8Array, arrival: Wallclock): void {
    this.#first ??= arrival;
    this.#last = arrival;
    if (this.#parsed?.kind === 'file') this.#pieces.add(packet);
  }

  result(): Pick<
    SpoolInspection,
    'records' | 'header' | 'ending' | 'firstArrival' | 'lastArrival'
  > {
    return {
      records: { ...this.#counts },
      ...(this.#header === undefined ? {} : { header: this.#header }),
      ...(this.#ending === undefined ? {} : { ending: this.#ending }),
      ...(this.#first === undefined
        ? {}
        : { firstArrival: iso(this.#first), lastArrival: iso(this.#last) }),
    };
  }

  async content(path: string): Promise<Pick<SpoolInspection, 'media' | 'file'>> {
    if (this.#parsed?.kind === 'file') return { file: this.#pieces.summary(this.#parsed.size) };
    return this.#parsed === undefined ? {} : { media: await mediaSummary(path, this.#parsed) };
  }
}

const iso = (epochMs: Wallclock): string => new Date(epochMs).toISOString();

async function mediaSummary(path: string, header: SpoolHeader): Promise<MediaSummary> {
  const media = new MediaReader(mendedRecords(path), mediaTerms(header));
  const { facts, end } = await surveyMedia(media, media.newFacts());
  const { placed, duplicate, restarts, loss } = facts.timeline;
  return {
    durationMs: Math.round(unitsToMs(end, header.payload.clockRate)),
    received: placed,
    lost: loss.lost,
    gaps: loss.gaps,
    duplicate,
    unreadable: facts.unreadable,
    restarts,
  };
}

/** Which bytes of a file the packets have. */
class FilePieces {
  readonly #ranges = new ByteRanges();
  readonly #rtp = new RtpView();
  readonly #octets = new OctetStreamView();
  #unreadable = 0;

  add(packet: Uint8Array): void {
    const isRtp = parseRtp(packet, packet.length, this.#rtp) === undefined;
    const payload = packet.subarray(this.#rtp.payloadStart, this.#rtp.payloadEnd);
    if (!isRtp || !parseOctetStream(payload, this.#octets)) this.#unreadable++;
    else this.#ranges.add(this.#octets.offset, this.#octets.offset + this.#octets.length);
  }

  summary(size: number | undefined): FileSummary {
    const { count: received, end } = this.#ranges;
    const whole = size ?? end;
    return {
      received,
      ...(size === undefined ? {} : { size }),
      lost: Math.max(0, whole - received),
      holes: this.#ranges.holes(whole).length,
      unreadable: this.#unreadable,
    };
  }
}
