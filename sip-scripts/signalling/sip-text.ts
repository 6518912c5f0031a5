/**
 * The few things a transport must see of a message it carries; sip.js does the real parsing. Works on the text of one
 * whole message (RFC 3261 §7).
 */

/** Headers with a one-letter form (RFC 3261 §7.3.3) that are looked up here. */
const COMPACT_FORMS: Readonly<Record<string, string>> = {
  via: 'v',
  'call-id': 'i',
  'content-length': 'l',
};

export const isRequest = (message: string): boolean => !message.startsWith('SIP/2.0 ');

/** The method of a request, or of the request that a response answers (from its CSeq). */
export function methodOf(message: string): string {
  if (isRequest(message)) return message.slice(0, message.indexOf(' '));
  return header(message, 'cseq')?.split(/\s+/)[1] ?? '';
}

/** The status code of a response; 0 for a request. */
export function statusOf(message: string): number {
  return isRequest(message) ? 0 : Number(message.slice(8, 11));
}

/** The Request-URI of a request. */
export const requestUri = (message: string): string => message.split(' ', 2)[1] ?? '';

/** The first value of a header, trimmed; undefined when it is not there. @param name lower case. */
export function header(message: string, name: string): string | undefined {
  const end = message.indexOf('\r\n\r\n');
  const lines = (end < 0 ? message : message.slice(0, end)).split('\r\n');
  const compact = COMPACT_FORMS[name];
  for (const line of lines.slice(1)) {
    const colon = line.indexOf(':');
    const found = line.slice(0, colon).trim().toLowerCase();
    if (colon > 0 && (found === name || found === compact)) return line.slice(colon + 1).trim();
  }
  return undefined;
}

/** The branch of the topmost Via: what names a transaction (RFC 3261 §17.1.3, §17.2.3). */
export function branchOf(message: string): string {
  const via = header(message, 'via') ?? '';
  const first = via.split(',', 1)[0] ?? '';
  return /;\s*branch\s*=\s*([^;,\s]+)/i.exec(first)?.[1] ?? '';
}

/** The host and port a request goes to without an outbound proxy: the topmost Route, else the Request-URI. */
export function nextHop(request: string): { address: string; port: number } {
  const uri = header(request, 'route') ?? requestUri(request);
  const match = /sips?:(?:[^@>;]*@)?(\[[^\]]+\]|[^:;>?\s]+)(?::(\d+))?/i.exec(uri);
  return { address: match?.[1] ?? '', port: Number(match?.[2] ?? 5060) };
}

/**
 * Leaves only the challenges sip.js can answer: it looks at the first one and knows MD5 alone, while RFC 8760 §2.4
 * has servers list their strongest first.
 */
export function keepMd5Challenges(message: string): string {
  const status = statusOf(message);
  if (status !== 401 && status !== 407) return message;
  const end = message.indexOf('\r\n\r\n');
  const lines = message.slice(0, end).split('\r\n');
  return lines.filter((line) => !isOtherChallenge(line)).join('\r\n') + message.slice(end);
}

function isOtherChallenge(line: string): boolean {
  if (!/^(www|proxy)-authenticate\s*:/i.test(line)) return false;
  const algorithm = /[\s,]algorithm\s*=\s*"?([^",\s]+)/i.exec(line)?.[1];
  return algorithm !== undefined && algorithm.toUpperCase() !== 'MD5';
}
