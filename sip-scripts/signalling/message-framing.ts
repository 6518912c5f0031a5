import { header } from './sip-text.ts';

/** A phone is sent nothing larger; what claims to be is a broken or hostile stream. */
export const MESSAGE_BYTES_MAX = 65_536;

const BLANK_LINE = Buffer.from('\r\n\r\n');

/**
 * Cuts a TCP stream into SIP messages by Content-Length, in bytes (RFC 3261 §18.3). Empty lines between messages are
 * keep-alives (RFC 5626 §3.5.1) and are skipped.
 */
export class MessageFramer {
  /** What has arrived of the message that is not whole yet. */
  #rest: Buffer = Buffer.alloc(0);

  /**
   * @returns the messages that are whole now, in order.
   * @throws RangeError when a message is over {@link MESSAGE_BYTES_MAX}: the stream can't be cut any more, close it.
   */
  push(chunk: Uint8Array): string[] {
    this.#rest = Buffer.concat([this.#rest, chunk]);
    const messages: string[] = [];
    for (let message = this.#next(); message !== undefined; message = this.#next()) {
      messages.push(message);
    }
    return messages;
  }

  #next(): string | undefined {
    this.#skipEmptyLines();
    const headEnd = this.#rest.indexOf(BLANK_LINE);
    if (headEnd < 0) return this.#wait(this.#rest.length);
    const bodyStart = headEnd + BLANK_LINE.length;
    const size = bodyStart + contentLength(this.#rest.toString('utf8', 0, bodyStart));
    if (this.#rest.length < size) return this.#wait(size);
    if (size > MESSAGE_BYTES_MAX) throw tooLarge();
    const message = this.#rest.toString('utf8', 0, size);
    this.#rest = this.#rest.subarray(size);
    return message;
  }

  #wait(size: number): undefined {
    if (size > MESSAGE_BYTES_MAX) throw tooLarge();
  }

  #skipEmptyLines(): void {
    let start = 0;
    while (this.#rest[start] === 0x0d || this.#rest[start] === 0x0a) start++;
    this.#rest = this.#rest.subarray(start);
  }
}

const tooLarge = (): RangeError => new RangeError('SIP message over the limit');

function contentLength(head: string): number {
  const length = Number(header(head, 'content-length') ?? 0);
  return Number.isInteger(length) && length >= 0 ? length : 0;
}

/**
 * A datagram holds one message; bytes after its Content-Length are discarded (RFC 3261 §18.3). @returns undefined
 * when it is no message, or shorter than it says.
 */
export function messageInDatagram(datagram: Uint8Array): string | undefined {
  const bytes = Buffer.from(datagram.buffer, datagram.byteOffset, datagram.byteLength);
  const headEnd = bytes.indexOf(BLANK_LINE);
  if (headEnd < 0) return undefined;
  const bodyStart = headEnd + BLANK_LINE.length;
  const stated = header(bytes.toString('utf8', 0, bodyStart), 'content-length');
  const size = stated === undefined ? bytes.length : bodyStart + Number(stated);
  return Number.isInteger(size) && size <= bytes.length
    ? bytes.toString('utf8', 0, size)
    : undefined;
}
