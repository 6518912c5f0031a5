/** Bodies longer than this are no key. */
const BODY_CHARACTERS_MAX = 256;
const KEY = /^[0-9A-D*#]$/;
/** Some phones write the numbers of the events (RFC 4733 §3.2). */
const NUMBERED: Readonly<Record<string, string>> = { 10: '*', 11: '#' };
const SIGNAL = /^[ \t]*Signal[ \t]*=[ \t]*(\S{1,2})[ \t]*\r?$/im;

/**
 * The key in an INFO of the old kind (without Info-Package). No RFC says how; everybody writes `application/dtmf-relay` with lines
 * `Signal=5` and `Duration=160`, or `application/dtmf` with the key alone.
 * @param contentType in lower case. @returns undefined when it is no key.
 */
export function keyOfInfo(contentType: string | undefined, body: string): string | undefined {
  if (body.length > BODY_CHARACTERS_MAX) return undefined;
  const signal = signalOf(contentType, body)?.toUpperCase();
  const key = signal === undefined ? undefined : (NUMBERED[signal] ?? signal);
  return key !== undefined && KEY.test(key) ? key : undefined;
}

function signalOf(contentType: string | undefined, body: string): string | undefined {
  if (contentType === 'application/dtmf-relay') return SIGNAL.exec(body)?.[1];
  return contentType === 'application/dtmf' ? body.trim() : undefined;
}
