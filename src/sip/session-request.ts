import type { Dialog } from './dialog.ts';
import { headerValue, withFirst, type Header, type SipRequest } from './message.ts';
import { parseCSeq, SEQUENCE_MAX } from './cseq.ts';
import { REFRESHING, refreshHeaders } from './session-agreement.ts';
import { minSe, sessionExpires, sessionExpiresOf } from './session-expires.ts';

/** What an application's own INVITE or UPDATE says of the session that runs (RFC 4028 §7.4), unless it says it itself. */
export function sessionHeaders(dialog: Dialog, { method, headers }: SipRequest): readonly Header[] {
  const { session, minSe: floor } = dialog;
  const silent = headerValue(headers, 'session-expires') === undefined;
  if (session === undefined || !silent || !REFRESHING.has(method)) return [];
  return refreshHeaders(session.agreement, headers, floor);
}

interface LongerOptions {
  readonly via: Header;
  /** The dialog's next CSeq number; outside dialogs, one more than the last. */
  readonly sequence: number | undefined;
  readonly seconds: number;
}

/** The request that was refused with 422, with the session interval that the peer asks for (RFC 4028 §7.3). */
export function longerRequest(refused: SipRequest, options: LongerOptions): SipRequest {
  const { via, seconds } = options;
  const cseq = parseCSeq(headerValue(refused.headers, 'cseq') ?? '');
  const last = cseq.ok ? cseq.value.sequence : 0;
  const sequence = options.sequence ?? Math.min(last + 1, SEQUENCE_MAX);
  const refresher = sessionExpiresOf(refused.headers)?.refresher;
  const expires = sessionExpires(seconds, refresher ?? 'uac');
  const asked = refresher === undefined ? String(seconds) : expires.value;
  let headers = refused.headers.filter(({ key }) => key !== 'min-se');
  headers = [...withFirst(headers, 'via', via.value)];
  headers = [...withFirst(headers, 'cseq', `${sequence} ${refused.method}`)];
  headers = [...withFirst(headers, 'session-expires', asked)];
  return { ...refused, headers: [...headers, minSe(seconds)] };
}
