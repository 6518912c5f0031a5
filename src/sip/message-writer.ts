import { Buffer } from 'node:buffer';
import type { SipMessage } from './message.ts';

/** A message is written up to three times in a row: to see its size, to send it, to tell the application. */
let last: { readonly message: SipMessage; readonly bytes: Buffer } | undefined;

/**
 * The bytes of a message, not to be changed by anybody. Content-Length is always ours, counted from the body: a wrong one on a stream would
 * desynchronise the peer for good (RFC 3261 §18.3).
 */
export function writeMessage(message: SipMessage): Buffer {
  if (last?.message !== message) last = { message, bytes: written(message) };
  return last.bytes;
}

/** How many bytes that is, without writing it. */
export function messageLength(message: SipMessage): number {
  const { headers, body } = message;
  let length = startLine(message).length + `Content-Length: ${body.length}`.length + 3 * 2;
  for (const { key, name, value } of headers) {
    if (key !== 'content-length') length += name.length + value.length + ': \r\n'.length;
  }
  return length + body.length;
}

function written(message: SipMessage): Buffer {
  let head = `${startLine(message)}\r\n`;
  for (const { key, name, value } of message.headers) {
    if (key !== 'content-length') head += `${name}: ${value}\r\n`;
  }
  head += `Content-Length: ${message.body.length}\r\n\r\n`;
  // Not from Node's pool: a transaction keeps these bytes for half a minute, and would keep 8 KiB of others' with them.
  const bytes = Buffer.allocUnsafeSlow(head.length + message.body.length);
  bytes.write(head, 'latin1');
  bytes.set(message.body, head.length);
  return bytes;
}

function startLine(message: SipMessage): string {
  return message.kind === 'request'
    ? `${message.method} ${message.uri} SIP/${message.version}`
    : `SIP/2.0 ${message.status} ${message.reason}`;
}
