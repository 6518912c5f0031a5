import type { Environment } from './environment.ts';
import { header, type Header, type SipRequest } from './message.ts';
import { writeMessage } from './message-writer.ts';
import { ownResponse } from './response.ts';
import type { Status } from './status.ts';
import type { Flow } from './transport.ts';

/** Seconds: RFC 3261 §14.2 asks for 0 to 10, chosen at random, so that the two sides do not meet again. */
const RETRY_SECONDS_MAX = 10;

export interface Refused {
  readonly request: SipRequest;
  readonly flow: Flow;
  /** What is wrong, where the status' own phrase does not say it. */
  readonly reason?: string | undefined;
}

/**
 * Answers without keeping any state (RFC 3261 §8.2.7): a retransmission gets the same answer again, and its ACK, if
 * it is an INVITE, is a stray. The cheapest thing to do under attack. An ACK is never answered.
 */
export function refuse(
  env: Environment,
  { request, flow, reason }: Refused,
  status: Status,
  headers: readonly Header[] = [],
): void {
  if (request.method === 'ACK') return;
  const response = ownResponse(request, status, env.statelessTag, reason);
  env.count('responses-sent');
  env.send(flow, writeMessage({ ...response, headers: [...response.headers, ...headers] }));
}

/** Seconds at most that a peer is asked to leave a server alone that has no room: long enough for calls to end. */
const BUSY_SECONDS_MAX = 10;

/** With a 503 (RFC 3261 §21.5.4). Never 0, and not the same for all, or they all come back at once. */
export const busyFor = (env: Environment): Header =>
  header('Retry-After', String(1 + env.newNumber(BUSY_SECONDS_MAX - 1)));

/** "Come again in a while." */
export const retryAfter = (env: Environment): Header =>
  header('Retry-After', String(env.newNumber(RETRY_SECONDS_MAX)));
