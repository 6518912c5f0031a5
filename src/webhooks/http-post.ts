import { request as httpRequest, type ClientRequest, type IncomingMessage } from 'node:http';
import { request as httpsRequest } from 'node:https';
import type { Answer } from './schedule.ts';

/** Nobody reads what a receiver answers; one that says more is cut off. */
export const ANSWER_BYTES_MAX = 65_536;

export interface Posting {
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
  readonly signal: AbortSignal;
}

/** One request on a connection of its own: there are few, and one that was kept may be dead. Follows no redirect. Never rejects. */
export function httpPost({ url, headers, body, signal }: Posting): Promise<Answer> {
  const send = new URL(url).protocol === 'https:' ? httpsRequest : httpRequest;
  return new Promise((resolve) => {
    let answer: Answer | undefined;
    const length = String(Buffer.byteLength(body));
    const request = send(url, {
      method: 'POST',
      agent: false,
      headers: { ...headers, 'content-length': length },
      signal,
    });
    request.on('response', (response) => {
      answer = { status: response.statusCode ?? 0 };
      drain(request, response);
    });
    request.on('error', (cause) => (answer ??= { failure: codeOf(cause) }));
    request.on('close', () => resolve(answer ?? { failure: 'closed' }));
    request.end(body);
  });
}

/** The status is known: whatever happens to the rest, it counts. */
function drain(request: ClientRequest, response: IncomingMessage): void {
  let bytes = 0;
  response.on('error', () => {});
  response.on('data', (chunk: Buffer) => {
    bytes += chunk.length;
    if (bytes > ANSWER_BYTES_MAX) request.destroy();
  });
}

const codeOf = (cause: NodeJS.ErrnoException): string => cause.code ?? cause.name;
