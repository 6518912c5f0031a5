import { fail, ok, type Result } from '../base/result.ts';
import { contactOf, freeHeaders } from './command.ts';
import type { Environment } from './environment.ts';
import { isToken } from './grammar.ts';
import { headersNamed, headerValue, type Header, type SipResponse } from './message.ts';
import { parseNameAddr } from './name-addr.ts';
import { CONTACT_METHODS } from './new-request.ts';
import { responseTo } from './response.ts';
import type { ServerRequest } from './server-request.ts';

/** The wire protocol's text. Reliable provisional responses (RFC 3262) are not sent yet. */
const NO_100REL = 'Remote endpoint does not support 100rel';

/**
 * What goes to the network for an application's answer (RFC 3261 §8.2.6). Of its own headers, those that name the
 * transaction are replaced; a `tag` on the To of its first answer is taken over.
 * @returns the response, or the wire protocol's text of what is wrong.
 */
export function composeAnswer(
  env: Environment,
  request: ServerRequest,
  given: SipResponse,
): Result<SipResponse, string> {
  if (given.status < 200 && wants100rel(given)) return fail(NO_100REL);
  const free = freeHeaders(env, given);
  if (!free.ok) return free;
  if (!request.heard) request.tag = tagOf(given) ?? request.tag;
  const { status, reason, body } = given;
  const headers = [...contactFor(env, request, given), ...free.value];
  return ok(
    responseTo(request.incoming.message, { status, reason, tag: request.tag, headers, body }),
  );
}

/** A Contact where a dialog may come of the answer (§12.1.1), or where the application wrote one, as in a 302. */
function contactFor(
  env: Environment,
  { incoming }: ServerRequest,
  { status, headers }: SipResponse,
): readonly Header[] {
  const lasting = status > 100 && status < 300 && CONTACT_METHODS.has(incoming.message.method);
  const given = headerValue(headers, 'contact') !== undefined;
  return lasting || given ? [contactOf(env, headers, incoming.flow.transport)] : [];
}

const wants100rel = ({ headers }: SipResponse): boolean =>
  headersNamed(headers, 'require').some(({ value }) => value.toLowerCase().includes('100rel'));

/** The tag that an application puts on the To of its first answer. */
function tagOf({ headers }: SipResponse): string | undefined {
  const to = parseNameAddr(headerValue(headers, 'to') ?? '');
  const tag = to.ok ? (to.value.params.get('tag') ?? '') : '';
  return isToken(tag) ? tag : undefined;
}
