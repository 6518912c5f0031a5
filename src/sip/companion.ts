import {
  header,
  headersNamed,
  NO_BODY,
  type Header,
  type SipRequest,
  type SipResponse,
} from './message.ts';

/** What ACK (to a refusal) and CANCEL share with their INVITE, so that each hop can match them to it. */
function companion(
  invite: SipRequest,
  method: 'ACK' | 'CANCEL',
  to: readonly Header[],
): SipRequest {
  const { headers } = invite;
  const sequence = headersNamed(headers, 'cseq')[0]?.value.split(' ')[0] ?? '';
  return {
    kind: 'request',
    method,
    uri: invite.uri,
    version: '2.0',
    body: NO_BODY,
    headers: [
      ...headersNamed(headers, 'via').slice(0, 1),
      ...headersNamed(headers, 'route'),
      header('Max-Forwards', '70'),
      ...headersNamed(headers, 'from'),
      ...to,
      ...headersNamed(headers, 'call-id'),
      header('CSeq', `${sequence} ${method}`),
    ],
  };
}

/** The ACK to a refusal (300 to 699) of our INVITE: same branch, the response's To (RFC 3261 §17.1.1.3). */
export function ackTo(invite: SipRequest, response: SipResponse): SipRequest {
  return companion(invite, 'ACK', headersNamed(response.headers, 'to'));
}

/**
 * The CANCEL of our INVITE: same branch, Request-URI, Route and CSeq number (RFC 3261 §9.1).
 * @param extra what the application adds, such as Reason (RFC 3326).
 */
export function cancelOf(invite: SipRequest, extra: readonly Header[]): SipRequest {
  const cancel = companion(invite, 'CANCEL', headersNamed(invite.headers, 'to'));
  return { ...cancel, headers: [...cancel.headers, ...extra] };
}
