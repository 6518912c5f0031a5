import http from 'node:http';
import https from 'node:https';
import { Client } from 'minio';
import { S3_IDLE_MS, type S3Settings } from './s3-settings.ts';

/** What the server has of an upload. */
export interface ListedPart {
  readonly part: number;
  /** Hex MD5 of the part, from servers that do not encrypt. */
  readonly etag: string;
  readonly size: number;
}

/** The client of `minio`, with the one call we need that it keeps to itself. */
export class S3Client extends Client {
  partsOf(bucket: string, key: string, uploadId: string): Promise<readonly ListedPart[]> {
    return this.listParts(bucket, key, uploadId);
  }
}

/** A client that tries once and never waits for ever; who uses it decides what to try again. */
export function s3Client(settings: S3Settings): S3Client {
  const { host, port, secure, region, accessKey, secretKey, idleMs = S3_IDLE_MS } = settings;
  const transport = secure ? https : http;
  return new S3Client({
    endPoint: host,
    port,
    useSSL: secure,
    region,
    accessKey,
    secretKey,
    transportAgent: new transport.Agent({ keepAlive: true }),
    transport: { request: patientRequest(transport.request, idleMs) },
    retryOptions: { disableRetry: true },
  });
}

/** Statuses that the library rejects without reading the body: the connection would never be free again. */
const UNREAD: ReadonlySet<number> = new Set([408, 429, 499, 500, 502, 503, 504, 520]);

type Request = typeof http.request;
type Answered = (response: http.IncomingMessage) => void;

/** The library has no time limit at all: a server that stops in mid-answer would be waited for until the process ends. */
function patientRequest(send: Request, idleMs: number): Request {
  return (options: unknown, answered: unknown): http.ClientRequest => {
    let response: http.IncomingMessage | undefined;
    const request = send(options as http.RequestOptions, (answer) => {
      response = answer;
      if (UNREAD.has(answer.statusCode ?? 0)) answer.resume();
      (answered as Answered)(answer);
    });
    request.setTimeout(idleMs, () => {
      // What is here and was not taken yet is the reader's pause, not the server's.
      if ((response?.readableLength ?? 0) > 0) request.setTimeout(idleMs);
      else request.destroy(new Error(`nothing moved for ${idleMs} ms`));
    });
    return request;
  };
}

/**
 * @returns the server's word for what is wrong, such as `NoSuchBucket`, or Node's, such as `ECONNREFUSED`. Not by `instanceof`:
 * errors cross realms.
 */
export const codeOf = (error: unknown): string | undefined =>
  typeof error === 'object' && error !== null && 'code' in error && typeof error.code === 'string'
    ? error.code
    : undefined;
