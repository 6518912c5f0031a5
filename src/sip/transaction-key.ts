import type { Envelope } from './envelope.ts';
import { MAGIC_COOKIE, writeVia } from './via.ts';

// Keys to look up by. They hang on to the text of the message: who keeps one for long needs a text of its own (`ownText`).

/** A response belongs to the request with its branch and CSeq method (RFC 3261 §17.1.3). */
export const clientKey = (branch: string, method: string): string => `c ${method} ${branch}`;

/**
 * A request belongs to the transaction with its branch, sent-by and method, ACK to that of its INVITE (RFC 3261
 * §17.2.3). A branch without the magic cookie, or with nothing behind it, is not unique: then Call-ID, CSeq, From tag
 * and the whole Via count.
 * @param method that of the request, or INVITE to find what a CANCEL is for.
 */
export function serverKey(envelope: Envelope, method: string): string {
  const { via } = envelope;
  const matched = method === 'ACK' ? 'INVITE' : method;
  const branch = via.params.get('branch') ?? '';
  if (branch.startsWith(MAGIC_COOKIE) && branch.length > MAGIC_COOKIE.length)
    return `s ${matched} ${branch} ${via.host}:${via.port ?? ''}`;
  const { callId, sequence, fromTag } = envelope;
  return `o ${matched} ${callId} ${sequence} ${fromTag} ${writeVia(via)}`;
}

/** The same in all copies of one request, whichever way they came (RFC 3261 §8.2.2.2). */
export const mergeKey = ({ callId, sequence, fromTag }: Envelope): string =>
  `${callId} ${sequence} ${fromTag}`;
