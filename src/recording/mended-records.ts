import { wallclock } from '../base/units.ts';
import { parseRtp, RtpView } from '../rtp/packet.ts';
import { extendSequence, sequenceDistance } from '../rtp/sequence.ts';
import { SpoolCursor } from '../spool/reader.ts';
import { RECORD_KIND, type SpoolRecord } from '../spool/record.ts';
import { spoolRecords } from './media-reader.ts';

/** Late packets of one recording that are put in their places; each takes a hundred bytes of memory, its data stay on the disk. */
export const LATE_MAX = 65_536;
/** A number so far off is of a sender that started anew (as in timeline.ts). */
const MISORDER_MAX = 3_000;

/** Where a packet belongs in a stream: numbers count within a stretch without a restart. */
interface Place {
  readonly stretch: number;
  readonly number: number;
}

const isBefore = (a: Place, b: Place): boolean =>
  a.stretch < b.stretch || (a.stretch === b.stretch && a.number < b.number);

/** A late packet: its place, and where its record is. */
interface Late extends Place {
  readonly position: number;
}

/** Gives the packets of a spool numbers that don't wrap. */
export class SpoolNumbers {
  readonly #view = new RtpView();
  #stretch = 0;
  #ssrc: number | undefined;
  #newest = 0;

  /** Of the next packet in order; undefined when it is no RTP. */
  next(packet: Uint8Array): Place | undefined {
    const view = this.#view;
    if (parseRtp(packet, packet.length, view) !== undefined) return undefined;
    const step = sequenceDistance(this.#newest, view.sequence);
    if (view.ssrc !== this.#ssrc || Math.abs(step) > MISORDER_MAX) {
      this.#stretch++;
      this.#newest = view.sequence;
    } else {
      this.#newest = Math.max(this.#newest, this.#newest + step);
    }
    this.#ssrc = view.ssrc;
    return { stretch: this.#stretch, number: extendSequence(this.#newest, view.sequence) };
  }

  /** Of a late packet; undefined for one of another source than those around it. */
  late(packet: Uint8Array): Place | undefined {
    const view = this.#view;
    if (parseRtp(packet, packet.length, view) !== undefined) return undefined;
    if (view.ssrc !== this.#ssrc) return undefined;
    return { stretch: this.#stretch, number: extendSequence(this.#newest, view.sequence) };
  }
}

/**
 * The records of a spool with the packets that came too late for their turn in their places, as if they had come in time. The
 * spool is looked through for them once, with the first reading.
 * @returns a reading from the beginning, as often as wanted.
 */
export function mendedRecords(path: string): () => AsyncIterable<SpoolRecord> {
  let found: Promise<readonly Late[]> | undefined;
  return async function* () {
    found ??= findLate(path);
    const late = await found;
    if (late.length === 0) yield* spoolRecords(path);
    else yield* merged(path, late);
  };
}

async function findLate(path: string): Promise<readonly Late[]> {
  const numbers = new SpoolNumbers();
  const late: Late[] = [];
  for await (const { kind, payload, position } of spoolRecords(path)) {
    if (kind === RECORD_KIND.rtp) numbers.next(payload);
    const place = kind === RECORD_KIND.late ? numbers.late(payload) : undefined;
    if (place !== undefined && late.length < LATE_MAX) late.push({ ...place, position });
  }
  return late.toSorted((a, b) => (isBefore(a, b) ? -1 : 1));
}

async function* merged(path: string, late: readonly Late[]): AsyncIterable<SpoolRecord> {
  const numbers = new SpoolNumbers();
  const again = await SpoolCursor.open(path);
  let index = 0;
  try {
    for await (const record of spoolRecords(path)) {
      if (record.kind === RECORD_KIND.late) continue;
      const place = record.kind === RECORD_KIND.rtp ? numbers.next(record.payload) : undefined;
      for (; place !== undefined && isDue(late[index], place); index++)
        yield* mended(again, late[index], record.arrival);
      yield record;
    }
    for (; index < late.length; index++) yield* mended(again, late[index], Infinity);
  } finally {
    await again.close();
  }
}

const isDue = (late: Late | undefined, place: Place): boolean =>
  late !== undefined && isBefore(late, place);

/**
 * As a packet in its turn.
 * @param arrivalMax that of the one behind it: a later one would look as if time had gone back.
 */
async function* mended(
  again: SpoolCursor,
  late: Late | undefined,
  arrivalMax: number,
): AsyncIterable<SpoolRecord> {
  again.moveTo(late?.position ?? 0);
  const record = await again.next();
  if (record === undefined) return;
  yield {
    ...record,
    kind: RECORD_KIND.rtp,
    arrival: wallclock(Math.min(record.arrival, arrivalMax)),
  };
}
