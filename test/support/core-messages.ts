import { writeSip, type SipText } from './sip-text.ts';

/** Messages of a scripted phone at 192.0.2.7:5062, as the core's tests need them. */
export interface RequestParts {
  readonly branch?: string;
  readonly callId?: string;
  readonly sequence?: number;
  readonly fromTag?: string;
  readonly toTag?: string;
  readonly headers?: readonly string[];
  readonly contact?: string;
  readonly transport?: 'UDP' | 'TCP' | 'WS';
  readonly body?: string;
}

let branches = 0;

const DEFAULTS = {
  callId: 'call-1@phone',
  sequence: 1,
  fromTag: 'ft',
  contact: '<sip:alice@192.0.2.7:5062>',
  transport: 'UDP',
  headers: [],
  body: '',
} as const;

/** @param parts an empty `contact` leaves the header out. */
export function request(method: string, parts: RequestParts = {}): string {
  const all = { branch: `z9hG4bKt${++branches}`, ...DEFAULTS, ...parts };
  const to = all.toTag === undefined ? '' : `;tag=${all.toTag}`;
  return writeSip(
    [
      `${method} sip:bob@192.0.2.1 SIP/2.0`,
      `Via: SIP/2.0/${all.transport} 192.0.2.7:5062;rport;branch=${all.branch}`,
      'Max-Forwards: 70',
      `From: "Alice" <sip:alice@test>;tag=${all.fromTag}`,
      `To: <sip:bob@test>${to}`,
      `Call-ID: ${all.callId}`,
      `CSeq: ${all.sequence} ${method}`,
      ...(all.contact === '' ? [] : [`Contact: ${all.contact}`]),
      ...all.headers,
    ],
    all.body,
  );
}

/** What drachtio-srf sends as an answer: most headers are informational. */
export const appAnswer = (status: string, headers: readonly string[] = [], body = ''): string =>
  writeSip([`SIP/2.0 ${status}`, 'cseq: 1 INVITE', ...headers], body);

/** What drachtio-srf sends as a request. */
export const appRequest = (
  method: string,
  uri: string,
  headers: readonly string[] = [],
  body = '',
): string => writeSip([`${method} ${uri} SIP/2.0`, ...headers], body);

/** The tag our side put on. */
export const toTagOf = (message: SipText): string =>
  /;tag=([^;]+)/.exec(message.get('to'))?.[1] ?? '';
