import { Buffer } from 'node:buffer';
import { HEAD_BYTES_MAX, HEADERS_MAX } from './message-parser.ts';

const LINE_END = Buffer.from('\r\n');
const HEAD_END = Buffer.from('\r\n\r\n');
const SPACE = 0x20;
const TAB = 0x09;

/**
 * The beginning of a message that is too long to be read: a start line and as many whole headers as the limits allow,
 * so that its sender can be told (RFC 3261 §21.5.14). Peers put Via, From, To, Call-ID and CSeq first.
 */
export function beginningOf(bytes: Buffer): Buffer {
  let end = 0;
  for (let lines = 0; lines <= HEADERS_MAX; lines++) {
    const next = bytes.indexOf(LINE_END, lines === 0 ? 0 : end + LINE_END.length);
    if (next < 0 || next === end + LINE_END.length || next > HEAD_BYTES_MAX) break;
    end = next;
  }
  return Buffer.concat([bytes.subarray(0, wholeHeaders(bytes, end)), HEAD_END]);
}

/** A header that is folded at the cut is not whole: drops its first lines. */
function wholeHeaders(bytes: Buffer, end: number): number {
  let cut = end;
  while (cut > 0 && isFold(bytes[cut + LINE_END.length]))
    cut = bytes.lastIndexOf(LINE_END, cut - 1);
  return Math.max(cut, 0);
}

const isFold = (byte: number | undefined): boolean => byte === SPACE || byte === TAB;
