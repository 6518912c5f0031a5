import type { SipMessage } from './sip-application.ts';
import { headerOf } from './sip-messages.ts';

type Headers = Pick<SipMessage, 'headers'>;

/** Hops of a request that does not say how many it may make (RFC 3261 §8.1.1.6, §16.6 step 3). */
const USUAL = 70;

/** What the header may be (RFC 3261 §20.22); anything else counts as none. */
const COUNT = /^\d{1,3}$/;

/** No hop is left: a request that we would pass on is answered 483 (RFC 3261 §16.3 step 3). */
export const isExhausted = (request: Headers): boolean => forwardsOf(request) === 0;

/**
 * The header of the request on the other leg: one hop fewer (RFC 7332). Nothing else that a B2BUA passes on would ever end a
 * call that comes back to where it has been.
 */
export const oneHopFewer = (request: Headers): { readonly 'Max-Forwards': string } => ({
  'Max-Forwards': String(forwardsOf(request) - 1),
});

function forwardsOf(request: Headers): number {
  const value = headerOf(request, 'Max-Forwards')?.trim() ?? '';
  return COUNT.test(value) ? Number(value) : USUAL;
}
