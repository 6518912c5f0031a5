import { numberOf } from '../incall/number.ts';
import type { SipMessage } from './sip-application.ts';
import { headerOf } from './sip-messages.ts';
import type { Trunk } from './trunks/trunk.ts';

/** Who calls, proven by digest or vouched for by a trunk, and what may be said of it. */
export interface Caller {
  /** Subscriber, or number outside, normalised. */
  readonly number: string;
  /** Display name, without quotes. */
  readonly name: string;
  /** Asked for by RFC 3323: the other side shall not learn who calls. */
  readonly isPrivate: boolean;
  /** Where it comes from; undefined for a subscriber. */
  readonly trunk: Trunk | undefined;
}

type Headers = Pick<SipMessage, 'headers'>;

/** RFC 3323 §4.2 and RFC 3325 §9.3: any of them hides the caller. */
const PRIVATE = new Set(['id', 'user', 'header']);
/** Who an anonymous caller says to be (RFC 3323 §4.1.1.3). */
const ANONYMOUS = '"Anonymous" <sip:anonymous@anonymous.invalid>';
/** A header that is longer asserts nothing. */
const ASSERTED_CHARACTERS_MAX = 1_024;

export const wantsPrivacy = (request: Headers): boolean =>
  headerOf(request, 'Privacy')
    ?.split(/[;,]/)
    .some((value) => PRIVATE.has(value.trim().toLowerCase())) === true;

/**
 * The number in P-Asserted-Identity (RFC 3325 §9.1): a SIP URI, a tel URI, or one of each; the first that names somebody counts.
 * To be asked of requests from trunks only: anybody can write the header.
 */
export function assertedNumber(request: Pick<SipMessage, 'has' | 'get'>): string | undefined {
  if (!request.has('P-Asserted-Identity')) return undefined;
  const value = request.get('P-Asserted-Identity');
  if (value.length > ASSERTED_CHARACTERS_MAX) return undefined;
  const uris = value.matchAll(/<([^<>]*)>|(?:^|,)\s*((?:sips?|tel):[^\s,<>;]+)/gi);
  for (const [, bracketed, bare] of uris) {
    const number = partyOf(bracketed ?? bare ?? '');
    if (number !== undefined) return number;
  }
  return undefined;
}

/** Whom a URI names. Operators add parameters to the number itself: `sip:+4930123;npdi@host` (RFC 3261 §19.1.6). */
export const partyOf = (uri: string): string | undefined =>
  numberOf(uri.replace(/;[^@<>]*(?=@)/, ''));

/** A display name that can be put in quotes again. */
export const displayName = (name: string | undefined): string =>
  (name ?? '').replace(/["\\\r\n]/g, '').trim();

/**
 * The headers that say who calls. A trunk is told by P-Asserted-Identity, with the caller's wish for privacy (RFC 3325 §5); a phone
 * is told by From only.
 */
export function identityHeaders(
  caller: Caller,
  domain: string,
  towards: 'phone' | 'trunk',
): Record<string, string> {
  const address = `<sip:${caller.number}@${domain}>`;
  const named = caller.name === '' ? address : `"${caller.name}" ${address}`;
  const from = { From: caller.isPrivate ? ANONYMOUS : named };
  if (towards === 'phone' || caller.number === UNKNOWN_CALLER) return from;
  const privacy = caller.isPrivate ? { Privacy: 'id' } : {};
  return { ...from, 'P-Asserted-Identity': address, ...privacy };
}

/** A caller from outside of whom nothing is known. */
export const UNKNOWN_CALLER = 'anonymous';
