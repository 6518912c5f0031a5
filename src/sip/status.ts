/** The answers this server gives by itself, with the RFC's phrases (RFC 3261 §21). */
export const REASON_PHRASE = {
  100: 'Trying',
  200: 'OK',
  400: 'Bad Request',
  405: 'Method Not Allowed',
  406: 'Not Acceptable',
  408: 'Request Timeout',
  415: 'Unsupported Media Type',
  416: 'Unsupported URI Scheme',
  420: 'Bad Extension',
  422: 'Session Interval Too Small',
  481: 'Call/Transaction Does Not Exist',
  482: 'Loop Detected',
  487: 'Request Terminated',
  491: 'Request Pending',
  500: 'Server Internal Error',
  501: 'Not Implemented',
  503: 'Service Unavailable',
  504: 'Server Time-out',
  505: 'Version Not Supported',
  513: 'Message Too Large',
} as const;

export type Status = keyof typeof REASON_PHRASE;

/** The classes that the transaction tables tell apart. */
export type StatusClass = '1xx' | '2xx' | '3xx-6xx';

export function statusClass(status: number): StatusClass {
  if (status < 200) return '1xx';
  return status < 300 ? '2xx' : '3xx-6xx';
}
