import {
  header,
  headerValue,
  NO_BODY,
  type Header,
  type SipRequest,
  type SipResponse,
} from './message.ts';
import { REASON_PHRASE, type Status } from './status.ts';
import type { Buffer } from 'node:buffer';

export interface ResponseOptions {
  readonly status: number;
  readonly reason: string;
  /** Our tag for a To that has none; '' for a 100, which needs none. */
  readonly tag: string;
  readonly headers?: readonly Header[];
  readonly body?: Buffer;
}

/** What a response repeats of its request (RFC 3261 §8.2.6.2): all Vias, and of these the first. */
const REPEATED: ReadonlySet<string> = new Set(['from', 'to', 'call-id', 'cseq']);
const WAY_BACK: ReadonlySet<string> = new Set(['via']);
/** Where a dialog may come of it, also how to reach it (§12.1.1). */
const WAYS: ReadonlySet<string> = new Set(['via', 'record-route']);

/** A response to a request: RFC 3261 §8.2.6. */
export function responseTo(request: SipRequest, options: ResponseOptions): SipResponse {
  const { status, reason, tag, body = NO_BODY } = options;
  const ways = status > 100 && status < 300 ? WAYS : WAY_BACK;
  const headers: Header[] = [];
  for (const each of request.headers) {
    const { key } = each;
    const isNew = REPEATED.has(key) && headerValue(headers, key) === undefined;
    if (isNew || ways.has(key)) headers.push(key === 'to' ? tagged(each, tag) : each);
  }
  headers.push(...(options.headers ?? []));
  return { kind: 'response', status, reason, headers, body };
}

/** One of the answers this server gives by itself. @param reason instead of the RFC's phrase. */
export function ownResponse(
  request: SipRequest,
  status: Status,
  tag: string,
  reason: string = REASON_PHRASE[status],
): SipResponse {
  return responseTo(request, { status, reason, tag });
}

/** A tag on a To without one. Only a parameter of the header counts: the URI may have one of that name too. */
function tagged(to: Header, tag: string): Header {
  const afterUri = to.value.slice(to.value.lastIndexOf('>') + 1);
  const present = /;[ \t]*tag[ \t]*=/i.test(afterUri);
  return tag === '' || present ? to : header('To', `${to.value};tag=${tag}`);
}
