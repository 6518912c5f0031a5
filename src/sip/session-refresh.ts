import type { Dialog } from './dialog.ts';
import { PLACEHOLDER } from './dialog-request.ts';
import { header, NO_BODY, type SipRequest } from './message.ts';
import { refreshHeaders, type SessionAgreement } from './session-agreement.ts';

/** What the answer to a refresh means. */
export type Outcome =
  | 'refreshed'
  /** The peer does not know the dialog, or is gone (RFC 3261 §12.2.1.2): hang up. */
  | 'over'
  /** It wants to be asked less often. */
  | 'longer'
  /** It does not take UPDATE, whatever its Allow said. */
  | 'by-invite'
  /** Its request and ours met. */
  | 'glare'
  /** It is there, but wants credentials, which are the application's: good enough for our own timer. */
  | 'there'
  /** It says nothing about the session, which goes on until its time is over (RFC 4028 §10). */
  | 'later';

/** RFC 4028 §7.3, §10; RFC 3261 §12.2.1.2, §14.1. Whatever is not listed is `later`. */
const OUTCOMES: ReadonlyMap<number, Outcome> = new Map<number, Outcome>([
  [401, 'there'],
  [407, 'there'],
  [408, 'over'],
  [422, 'longer'],
  [481, 'over'],
  [491, 'glare'],
]);

/** How a peer says that it does not know a method. */
const UNKNOWN_METHOD: ReadonlySet<number> = new Set([405, 501]);

export function outcomeOf(method: string, status: number): Outcome {
  if (status < 300) return 'refreshed';
  if (method === 'UPDATE' && UNKNOWN_METHOD.has(status)) return 'by-invite';
  return OUTCOMES.get(status) ?? 'later';
}

/**
 * The refresh: an UPDATE without SDP, which disturbs nothing (RFC 4028 §7.4 recommends it), if the peer takes it;
 * otherwise a re-INVITE with the SDP that we last agreed to, to the letter: then the peer sees that nothing changes. The
 * Contact is the dialog's own, since another one would be our new address (RFC 3261 §12.2.1.2).
 */
export function refreshRequest(dialog: Dialog, running: SessionAgreement): SipRequest {
  const sdp = dialog.localSdp;
  const { localContact } = dialog;
  const contact = localContact === undefined ? [] : [header('Contact', localContact)];
  const headers = [...contact, ...refreshHeaders(running, [], dialog.minSe)];
  const base = { kind: 'request', uri: PLACEHOLDER, version: '2.0' } as const;
  if (dialog.takesUpdate || sdp === undefined) {
    return { ...base, method: 'UPDATE', headers, body: NO_BODY };
  }
  const content = header('Content-Type', 'application/sdp');
  return { ...base, method: 'INVITE', headers: [...headers, content], body: sdp };
}
