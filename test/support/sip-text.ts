/** A SIP message as a test sees it: written and read without the code under test. */
export interface SipText {
  readonly start: string;
  /** 0 for a request. */
  readonly status: number;
  /** '' for a response. */
  readonly method: string;
  readonly body: string;
  /** The first value of a header, or ''. */
  get(name: string): string;
  all(name: string): readonly string[];
}

export function readSip(text: string): SipText {
  const end = text.indexOf('\r\n\r\n');
  const [start = '', ...lines] = text.slice(0, end).split('\r\n');
  const headers = lines.map((line): readonly [string, string] => {
    const colon = line.indexOf(':');
    return [line.slice(0, colon).trim().toLowerCase(), line.slice(colon + 1).trim()];
  });
  const all = (name: string): readonly string[] =>
    headers.filter(([key]) => key === name.toLowerCase()).map(([, value]) => value);
  const response = start.startsWith('SIP/2.0 ');
  return {
    start,
    status: response ? Number(start.slice(8, 11)) : 0,
    method: response ? '' : (start.split(' ')[0] ?? ''),
    body: text.slice(end + 4),
    get: (name) => all(name)[0] ?? '',
    all,
  };
}

/** A message from its lines; Content-Length is added. */
export function writeSip(lines: readonly string[], body = ''): string {
  const length = Buffer.byteLength(body);
  return [...lines, `Content-Length: ${length}`, '', body].join('\r\n');
}

/** `tag` of a From or To. */
export const tagOf = (value: string): string => /;tag=([^;]+)/.exec(value)?.[1] ?? '';

/** The URI in angle brackets. */
export const uriIn = (value: string): string => /<([^>]*)>/.exec(value)?.[1] ?? value;

/** The answer to a request, its To tagged. */
export function answerTo(
  request: SipText,
  status: string,
  { tag = '', headers = [], body = '' }: AnswerParts = {},
): string {
  const to = request.get('to');
  return writeSip(
    [
      `SIP/2.0 ${status}`,
      ...request.all('via').map((via) => `Via: ${via}`),
      ...request.all('record-route').map((route) => `Record-Route: ${route}`),
      `From: ${request.get('from')}`,
      `To: ${tag === '' || to.includes(';tag=') ? to : `${to};tag=${tag}`}`,
      `Call-ID: ${request.get('call-id')}`,
      `CSeq: ${request.get('cseq')}`,
      ...headers,
      ...(body === '' ? [] : ['Content-Type: application/sdp']),
    ],
    body,
  );
}

export interface AnswerParts {
  readonly tag?: string;
  readonly headers?: readonly string[];
  readonly body?: string;
}
