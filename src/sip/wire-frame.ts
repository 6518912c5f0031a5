import { Buffer } from 'node:buffer';
import type { SipMessage } from './message.ts';
import { writeMessage } from './message-writer.ts';

/**
 * Frames of the drachtio wire protocol (docs/drachtio-wire-protocol.md §1):
 *
 *     <N> "#" <payload>            N: decimal count of the payload's bytes
 *
 *     payload = token *( "|" token ) [ CRLF SIP-message ]
 */

/** Digits of N: one frame has less than 100,000 bytes, as in drachtio-server. */
export const LENGTH_DIGITS_MAX = 5;

export interface Frame {
  /** The first line, split at `|`; empty tokens count. */
  readonly tokens: readonly string[];
  /** What follows that line; undefined when there is only the line. */
  readonly message: Buffer | undefined;
}

/** What an application is told, before it is written: its line of tokens, and the message that most have. */
export interface Notice {
  readonly tokens: readonly (string | number)[];
  readonly message: SipMessage | undefined;
}

const HASH = 35;
const CRLF = Buffer.from('\r\n');
const NONE = Buffer.alloc(0);

export function writeFrame(tokens: readonly (string | number)[], message?: Buffer): Buffer {
  const line = message === undefined ? tokens.join('|') : `${tokens.join('|')}\r\n`;
  const length = line.length + (message?.length ?? 0);
  const start = `${length}#${line}`;
  const bytes = Buffer.allocUnsafe(start.length + (message?.length ?? 0));
  bytes.write(start, 'latin1');
  if (message !== undefined) bytes.set(message, start.length);
  return bytes;
}

export const writeNotice = ({ tokens, message }: Notice): Buffer =>
  writeFrame(tokens, message === undefined ? undefined : writeMessage(message));

export function parsePayload(payload: Buffer): Frame {
  const end = payload.indexOf(CRLF);
  const line = payload.toString('latin1', 0, end < 0 ? payload.length : end);
  const message = end < 0 ? undefined : payload.subarray(end + CRLF.length);
  return { tokens: line.split('|'), message };
}

/** Cuts an application's byte stream into frames, however the bytes are split or joined. */
export class FrameReader {
  /** What came and is not yet handed out; less than one frame after each push. */
  #pending: Buffer = NONE;
  /** The stream can't be read any more. */
  #broken = false;

  get broken(): boolean {
    return this.#broken;
  }

  /** @returns the frames that are complete; look at `broken` after them. */
  push(bytes: Buffer): readonly Frame[] {
    const frames: Frame[] = [];
    if (this.#broken) return frames;
    this.#pending = this.#pending.length === 0 ? bytes : Buffer.concat([this.#pending, bytes]);
    for (let frame = this.#next(); frame !== undefined; frame = this.#next()) frames.push(frame);
    return frames;
  }

  #next(): Frame | undefined {
    const hash = this.#pending.indexOf(HASH);
    const digits = hash < 0 ? this.#pending.length : hash;
    if (digits > LENGTH_DIGITS_MAX || hash === 0 || !allDigits(this.#pending, digits)) {
      this.#broken = true;
      this.#pending = NONE;
      return undefined;
    }
    if (hash < 0) return undefined;
    const end = hash + 1 + Number(this.#pending.toString('latin1', 0, hash));
    if (this.#pending.length < end) return undefined;
    const frame = parsePayload(this.#pending.subarray(hash + 1, end));
    this.#pending = this.#pending.subarray(end);
    return frame;
  }
}

function allDigits(bytes: Buffer, count: number): boolean {
  for (let at = 0; at < count; at++) {
    const byte = bytes[at] ?? 0;
    if (byte < 48 || byte > 57) return false;
  }
  return true;
}
