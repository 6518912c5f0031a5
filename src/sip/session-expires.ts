import { parseCount } from './grammar.ts';
import { header, headerValue, type Header } from './message.ts';
import { lists, TIMER } from './option-tags.ts';
import { parseParams } from './params.ts';

/** No session may be shorter (RFC 4028 §4), seconds: refreshing more often would be an attack on all proxies between. */
export const SESSION_SECONDS_MIN = 90;

/** Longer ones are as good as none, seconds; 2^31 ms, the longest that Node's timers can wait, are a bit more. */
export const SESSION_SECONDS_MAX = 2_000_000;

/** Who repeats, seen from the transaction in which it is agreed. */
export type RefresherRole = 'uac' | 'uas';

/** `Session-Expires: 1800;refresher=uac` (RFC 4028 §4). */
export interface SessionExpires {
  readonly seconds: number;
  readonly refresher: RefresherRole | undefined;
}

/** @returns undefined when it is absent or unreadable: then there is no session timer. */
export function sessionExpiresOf(headers: readonly Header[]): SessionExpires | undefined {
  const value = headerValue(headers, 'session-expires') ?? '';
  const end = value.includes(';') ? value.indexOf(';') : value.length;
  const seconds = parseCount(value.slice(0, end).trim(), SESSION_SECONDS_MAX);
  const params = parseParams(value, end);
  if (seconds === undefined || !params.ok) return undefined;
  const role = params.value.get('refresher')?.toLowerCase();
  return { seconds, refresher: role === 'uac' || role === 'uas' ? role : undefined };
}

export const sessionExpires = (seconds: number, refresher: RefresherRole): Header =>
  header('Session-Expires', `${seconds};refresher=${refresher}`);

/** The shortest session that the sender and its proxies take, seconds: 90 when they do not say (RFC 4028 §5). */
export function minSeOf(headers: readonly Header[]): number {
  const value = headerValue(headers, 'min-se')?.split(';', 1)[0]?.trim() ?? '';
  return Math.max(parseCount(value, SESSION_SECONDS_MAX) ?? 0, SESSION_SECONDS_MIN);
}

/**
 * Whether the session asked for is shorter than any may be: the answer is 422 (RFC 4028 §9). A client without timers
 * could not make more of it than that the call failed (§8.1, erratum 1687): a proxy asked, and gets more.
 */
export function isTooShort(headers: readonly Header[]): boolean {
  const asked = sessionExpiresOf(headers);
  const understands = lists(headers, 'supported', TIMER);
  return understands && asked !== undefined && asked.seconds < SESSION_SECONDS_MIN;
}

export const minSe = (seconds: number): Header => header('Min-SE', String(seconds));
