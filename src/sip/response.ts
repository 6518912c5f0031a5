import {
  header,
  headersNamed,
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

/** A response to a request: RFC 3261 §8.2.6, and Record-Route where a dialog may come of it (§12.1.1). */
export function responseTo(request: SipRequest, options: ResponseOptions): SipResponse {
  const { headers } = request;
  const dialogForming = options.status > 100 && options.status < 300;
  return {
    kind: 'response',
    status: options.status,
    reason: options.reason,
    body: options.body ?? NO_BODY,
    headers: [
      ...headersNamed(headers, 'via'),
      ...(dialogForming ? headersNamed(headers, 'record-route') : []),
      ...headersNamed(headers, 'from').slice(0, 1),
      ...headersNamed(headers, 'to')
        .slice(0, 1)
        .map((to) => tagged(to, options.tag)),
      ...headersNamed(headers, 'call-id').slice(0, 1),
      ...headersNamed(headers, 'cseq').slice(0, 1),
      ...(options.headers ?? []),
    ],
  };
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
