import { constants } from 'node:os';
import type { Piece } from './file.ts';

/** Numbers that describe a piece, as in net/native/write_pieces.h: descriptor, offset, length, position, durable. */
export const PIECE_NUMBERS = 5;

/**
 * Writes any number of pieces, each to its file.
 * @param numbers {@link PIECE_NUMBERS} for each. @returns for each 0, or a negative errno.
 */
export type WritePieces = (
  numbers: Float64Array,
  buffers: readonly Uint8Array[],
) => Promise<Int32Array>;

/** Pieces of one job: what 2,048 streams have to write in the same interval goes in two. */
export const GROUP_WRITES_MAX = 1_024;

/** What a job that could not run at all counts as. */
const NO_JOB = -constants.errno.EIO;

interface Asked {
  readonly fd: number;
  readonly piece: Piece;
}

/**
 * Gathers what the spools write in one turn into one job: a job of the pool costs more than the write of a stream's packets of
 * 200 ms, and hundreds of streams write five times a second; what is to be durable is synced by the same job, together (400 files:
 * 900 ms and 50 ms of CPU one by one, 20 ms and 1 ms together). One job at a time: what is asked for while it runs goes with the
 * next one, so a slow disk makes jobs larger, not their number. A file that can't be written harms none of the others.
 */
export class GroupWrite {
  readonly #writePieces: WritePieces;
  #waiting: Asked[] = [];
  #running = false;

  constructor(writePieces: WritePieces) {
    this.#writePieces = writePieces;
  }

  /** As {@link SpoolFile.ask}. */
  ask(fd: number, piece: Piece): void {
    this.#waiting.push({ fd, piece });
    // Begins when this turn's work is done, so that all that is asked for in it goes together.
    if (!this.#running) queueMicrotask(() => void this.#run());
    this.#running = true;
  }

  /** Never rejects. */
  async #run(): Promise<void> {
    while (this.#waiting.length > 0) await this.#job(this.#waiting.splice(0, GROUP_WRITES_MAX));
    this.#running = false;
  }

  async #job(group: readonly Asked[]): Promise<void> {
    const numbers = new Float64Array(PIECE_NUMBERS * group.length);
    const buffers: Uint8Array[] = [];
    for (const { fd, piece } of group) {
      const { bytes, offset, length, position, durable } = piece;
      numbers.set([fd, offset, length, position, durable ? 1 : 0], PIECE_NUMBERS * buffers.length);
      buffers.push(bytes);
    }
    const errors = await this.#errors(numbers, buffers);
    for (const [at, { piece }] of group.entries()) piece.written(errors?.[at] ?? NO_JOB);
  }

  /** Undefined when there was no job, whether it says so at once or later. */
  async #errors(...job: Parameters<WritePieces>): Promise<Int32Array | undefined> {
    try {
      return await this.#writePieces(...job);
    } catch {
      return undefined;
    }
  }
}
