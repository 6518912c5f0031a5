import { Buffer } from 'node:buffer';
import { HEAD_BYTES_MAX, MESSAGE_BYTES_MAX } from './message-parser.ts';

export type BreakReason = 'head-too-long' | 'message-too-long' | 'no-length';

/** What a stream was found to hold. `broken`: it can't be read after these bytes, close it. */
export type Framed =
  | { readonly kind: 'message'; readonly bytes: Buffer }
  /** A keep-alive that wants an answer: CRLF CRLF (RFC 5626 §3.5.1). */
  | { readonly kind: 'ping' }
  | { readonly kind: 'broken'; readonly why: BreakReason; readonly bytes: Buffer };

const HEAD_END = Buffer.from('\r\n\r\n');
const CR = 13;
const LF = 10;
const LENGTH = /\r\n(?:content-length|l)[ \t]*:[ \t]*([0-9]{1,10})[ \t]*(?=\r\n|$)/gi;
const NONE = Buffer.alloc(0);

/**
 * Cuts a byte stream into SIP messages by Content-Length (RFC 3261 §18.3), however the bytes are split or joined.
 * Keeps at most one message that is not complete: HEAD_BYTES_MAX of head, MESSAGE_BYTES_MAX in all.
 */
export class StreamFramer {
  /** What came and is not yet handed out. */
  #pending: Buffer = NONE;
  /** Length of the message being read, or 0 while its head is not complete. */
  #length = 0;
  /** The stream can't be read any more. */
  #broken = false;

  /** Whether a message has begun to come. Blank lines between messages may wait for ever. */
  get isPartial(): boolean {
    return this.#pending.length > 0 && this.#pending[0] !== CR;
  }

  push(bytes: Buffer): readonly Framed[] {
    const found: Framed[] = [];
    if (this.#broken) return found;
    this.#pending = this.#pending.length === 0 ? bytes : Buffer.concat([this.#pending, bytes]);
    for (let framed = this.#next(); framed !== undefined; framed = this.#next()) {
      found.push(framed);
      this.#broken = framed.kind === 'broken';
      if (this.#broken) this.#pending = NONE;
    }
    return found;
  }

  #next(): Framed | undefined {
    if (this.#length > 0) return this.#takeMessage();
    if (this.#pending[0] === CR) return this.#takeBlank();
    const end = this.#pending.indexOf(HEAD_END);
    if (end > HEAD_BYTES_MAX || (end < 0 && this.#pending.length > HEAD_BYTES_MAX + 4)) {
      return this.#broke('head-too-long');
    }
    return end < 0 ? undefined : this.#startMessage(end);
  }

  /** CRLF before a start line is to be ignored (RFC 3261 §7.5); two together are a ping. */
  #takeBlank(): Framed | undefined {
    const pending = this.#pending;
    if (pending.length < 2) return undefined;
    if (pending[1] !== LF) return this.#broke('no-length');
    if (pending.length === 3 && pending[2] === CR) return undefined;
    const ping = pending[2] === CR && pending[3] === LF;
    if (pending.length === 2) return undefined;
    this.#pending = pending.subarray(ping ? 4 : 2);
    return ping ? { kind: 'ping' } : this.#next();
  }

  #startMessage(headEnd: number): Framed | undefined {
    const [match, another] = this.#pending.toString('latin1', 0, headEnd).matchAll(LENGTH);
    // Of two lengths nobody knows which the next hop believes: that is how requests are smuggled.
    if (match === undefined || another !== undefined) return this.#broke('no-length');
    this.#length = headEnd + HEAD_END.length + Number(match[1]);
    return this.#length > MESSAGE_BYTES_MAX ? this.#broke('message-too-long') : this.#takeMessage();
  }

  #broke(why: BreakReason): Framed {
    return { kind: 'broken', why, bytes: this.#pending };
  }

  #takeMessage(): Framed | undefined {
    if (this.#pending.length < this.#length) return undefined;
    const bytes = this.#pending.subarray(0, this.#length);
    this.#pending = this.#pending.subarray(this.#length);
    this.#length = 0;
    return { kind: 'message', bytes };
  }
}
