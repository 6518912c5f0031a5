import { header, type Header, type SipRequest, type SipResponse } from './message.ts';
import { lists, TIMER } from './option-tags.ts';
import {
  minSe,
  minSeOf,
  SESSION_SECONDS_MIN,
  sessionExpires,
  sessionExpiresOf,
  type RefresherRole,
  type SessionExpires,
} from './session-expires.ts';

/** The requests that refresh a session (RFC 4028 §4). */
export const REFRESHING: ReadonlySet<string> = new Set(['INVITE', 'UPDATE']);

/** What both sides of a dialog have agreed (RFC 4028). */
export interface SessionAgreement {
  /** The session ends this long after its last refresh. */
  readonly seconds: number;
  readonly refresher: 'us' | 'them';
}

/**
 * Who refreshes, by whether the client supports timers and whom it names: RFC 4028 §9, table 2. A client without
 * timers can't (the table has no such cells); one that leaves the choice to us asked for it, so it may do it.
 */
export const SERVER_CHOICE: Readonly<
  Record<'timer' | 'no-timer', Readonly<Record<RefresherRole | 'nobody', RefresherRole>>>
> = {
  timer: { nobody: 'uac', uac: 'uac', uas: 'uas' },
  'no-timer': { nobody: 'uas', uac: 'uas', uas: 'uas' },
};

/** Of a server's 2xx: what it says, and what then counts. */
export interface ServerAgreement extends SessionAgreement {
  readonly headers: readonly Header[];
}

/**
 * What our 2xx agrees to (RFC 4028 §9). A client that asks for a timer gets one, no longer than it wants unless that is
 * too short for anybody (erratum 1687). One that does not ask is refreshed by us if the application wants a timer or one is running.
 * @param answer the application's 2xx: its Session-Expires is a wish.
 * @param running what was agreed before.
 */
export function agreeAsServer(
  request: SipRequest,
  answer: SipResponse,
  running: SessionAgreement | undefined,
): ServerAgreement | undefined {
  const asked = sessionExpiresOf(request.headers);
  const wish = sessionExpiresOf(answer.headers);
  const wanted = (wish ?? asked ?? running)?.seconds;
  if (wanted === undefined) return undefined;
  const floor = Math.max(wanted, minSeOf(request.headers));
  const most = asked === undefined ? floor : Math.min(floor, asked.seconds);
  const seconds = Math.max(most, SESSION_SECONDS_MIN);
  const able = lists(request.headers, 'supported', TIMER);
  const named = asked === undefined ? 'uas' : namedBy(asked, wish);
  return said(seconds, SERVER_CHOICE[able ? 'timer' : 'no-timer'][named], able);
}

function said(seconds: number, refresher: RefresherRole, able: boolean): ServerAgreement {
  const required = able ? [header('Require', TIMER)] : [];
  return {
    seconds,
    refresher: refresher === 'uas' ? 'us' : 'them',
    headers: [sessionExpires(seconds, refresher), ...required],
  };
}

/** The client's word goes before the application's. */
const namedBy = (
  asked: SessionExpires,
  wish: SessionExpires | undefined,
): RefresherRole | 'nobody' => asked.refresher ?? wish?.refresher ?? 'nobody';

/**
 * What a 2xx to our request agrees to (RFC 4028 §7.2). A server that does not know timers says nothing: if we wanted
 * one, we go on as if it had said "uac". That needs nothing of it but an answer.
 */
export function agreeAsClient(
  request: SipRequest,
  response: SipResponse,
): SessionAgreement | undefined {
  const said = sessionExpiresOf(response.headers);
  const asked = sessionExpiresOf(request.headers);
  if (said === undefined) return asked && { seconds: asked.seconds, refresher: 'us' };
  const seconds = Math.max(said.seconds, SESSION_SECONDS_MIN);
  return { seconds, refresher: said.refresher === 'uas' ? 'them' : 'us' };
}

/**
 * What a request that refreshes a running session says of it (RFC 4028 §7.4): no less than the peer takes.
 * @param floor the shortest session that the peer takes, seconds, if it ever said so.
 */
export function refreshHeaders(
  running: SessionAgreement,
  given: readonly Header[],
  floor: number | undefined,
): readonly Header[] {
  const supported = lists(given, 'supported', TIMER) ? [] : [header('Supported', TIMER)];
  const refresher = running.refresher === 'us' ? 'uac' : 'uas';
  const least = floor === undefined ? [] : [minSe(floor)];
  const seconds = Math.max(running.seconds, floor ?? 0);
  return [...supported, sessionExpires(seconds, refresher), ...least];
}
