import { Buffer } from 'node:buffer';
import { headerName, type HeaderName } from './header-name.ts';

/**
 * SIP messages as values (RFC 3261 §7). All text is Latin-1, one character a byte, so a message passed on has the
 * very bytes that came, whatever character set its author meant. The body is bytes.
 */
export interface Header extends HeaderName {
  readonly value: string;
}

export interface SipRequest {
  readonly kind: 'request';
  readonly method: string;
  /** The Request-URI, as written. */
  readonly uri: string;
  /** `2.0`, or what the peer claims: then the answer is 505. */
  readonly version: string;
  readonly headers: readonly Header[];
  readonly body: Buffer;
}

export interface SipResponse {
  readonly kind: 'response';
  readonly status: number;
  readonly reason: string;
  readonly headers: readonly Header[];
  readonly body: Buffer;
}

export type SipMessage = SipRequest | SipResponse;

export const NO_BODY: Buffer = Buffer.alloc(0);

export function header(written: string, value: string): Header {
  const { key, name } = headerName(written);
  return { key, name, value };
}

/** The first value of that name. @param key lower case, long form. */
export function headerValue(headers: readonly Header[], key: string): string | undefined {
  for (const each of headers) if (each.key === key) return each.value;
  return undefined;
}

/** All headers of that name, in their order. */
export function headersNamed(headers: readonly Header[], key: string): readonly Header[] {
  return headers.filter((each) => each.key === key);
}

/** The headers with the first one of that name changed. */
export function withFirst(
  headers: readonly Header[],
  key: string,
  value: string,
): readonly Header[] {
  const at = headers.findIndex((each) => each.key === key);
  const found = headers[at];
  return found === undefined ? headers : headers.with(at, { ...found, value });
}
