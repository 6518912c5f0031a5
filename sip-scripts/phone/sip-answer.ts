import type { Core } from 'sip.js';

/** The final response to a request, as the driver sees it. */
export interface SipAnswer {
  readonly status: number;
  readonly phrase: string;
  /** The Reason header (RFC 3326): which field was wrong, for one. */
  readonly reason?: string;
  readonly body?: string;
  readonly contact?: string;
  readonly recvInfo?: string;
}

/** A delegate for sip.js that resolves with the final response, whichever it is. */
export function finalAnswer(resolve: (answer: SipAnswer) => void): Core.OutgoingRequestDelegate {
  const settle = (response: Core.IncomingResponse): void => resolve(readAnswer(response));
  return { onAccept: settle, onRedirect: settle, onReject: settle };
}

function readAnswer({ message }: Core.IncomingResponse): SipAnswer {
  const reason = message.getHeader('reason');
  const contact = message.getHeader('contact');
  const recvInfo = message.getHeader('recv-info');
  return {
    status: message.statusCode ?? 0,
    phrase: message.reasonPhrase ?? '',
    ...(reason === undefined ? {} : { reason }),
    ...(message.body ? { body: message.body } : {}),
    ...(contact === undefined ? {} : { contact }),
    ...(recvInfo === undefined ? {} : { recvInfo }),
  };
}
