import { MidcallError } from '../base/errors.ts';
import type { TransferRecord } from '../transfers/record.ts';
import { isOver, isTerminal } from '../transfers/tables.ts';

/** One page is held in memory as a whole. */
export const PAGE_TRANSFERS_MAX = 500;

/** Where a page ended: the creation time of its last transfer, and its id since several may share a time. */
export interface PageEnd {
  readonly createdAt: number;
  readonly id: string;
}

const CURSOR = /^(\d{1,16})-(.{1,64})$/;

export const cursorOf = ({ createdAt, id }: PageEnd): string => `${createdAt}-${id}`;

/** @throws MidcallError `bad-request` for a cursor that is none of ours: it comes from outside. */
export function parseCursor(cursor: string): PageEnd {
  const [, createdAt, id] = CURSOR.exec(cursor) ?? [];
  if (createdAt === undefined || id === undefined)
    throw new MidcallError('bad-request', 'the cursor is not one of this list');
  return { createdAt: Number(createdAt), id };
}

/** How many a page may have: 1 to 500, whatever was asked for. */
export const pageLimit = (asked: number): number =>
  Math.min(PAGE_TRANSFERS_MAX, Math.max(1, Math.floor(asked)));

/** Whether a process that starts must still bring this transfer to its end. */
export const isOpen = (record: TransferRecord): boolean =>
  !isTerminal(record.ingest) || !isOver(record.delivery) || record.deletedAt !== undefined;
