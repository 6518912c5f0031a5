import { Readable } from 'node:stream';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { MidcallError } from '../base/errors.ts';
import { followedContent } from '../recording/followed-content.ts';
import type { TransferRecord } from '../transfers/record.ts';
import type { Stored } from '../transfers/stored.ts';
import { isTerminal } from '../transfers/tables.ts';
import { matchesEtag, parseRange, type RangeAnswer } from './byte-range.ts';
import type { HttpPorts } from './http-ports.ts';
import { HttpProblem } from './problem.ts';
import { Slots } from './slots.ts';
import { nameOfKey } from './transfer-view.ts';
import { isComingIn, TransferGrowth } from './transfer-watch.ts';

/** Downloads at a time: of one account, a browser's six and some; in all, each holds 64 KiB and a file. */
export const ACCOUNT_DOWNLOADS_MAX = 16;
export const DOWNLOADS_MAX = 512;
/** A transfer takes seconds to minutes. */
const ELSEWHERE_RETRY_SECONDS = 5;
/** Whatever it is, no browser may run it in our name. */
const GUARDS = {
  'content-security-policy': "default-src 'none'; sandbox",
  'cross-origin-resource-policy': 'same-origin',
} as const;

type Ports = Pick<HttpPorts, 'objects' | 'transfers' | 'watch' | 'settings'>;

/** Serves what transfers stored, or are storing. */
export class Content {
  readonly #ports: Ports;
  readonly slots: Slots = new Slots({ owner: ACCOUNT_DOWNLOADS_MAX, total: DOWNLOADS_MAX });

  constructor(ports: Ports) {
    this.#ports = ports;
  }

  /** Answers GET or HEAD. @throws HttpProblem, MidcallError `not-ready`, `unknown-prompt`, `busy`. */
  async send(
    record: TransferRecord,
    request: FastifyRequest,
    reply: FastifyReply,
  ): Promise<unknown> {
    const { object } = record;
    void reply.headers(GUARDS);
    if (object !== undefined && isTerminal(record.ingest))
      return this.#sendObject({ account: record.account, object }, request, reply);
    if (isTerminal(record.ingest)) throw new MidcallError('unknown-prompt', 'nothing was stored');
    return this.#follow(record, request, reply);
  }

  #sendObject(
    { account, object }: Pick<Stored, 'account' | 'object'>,
    request: FastifyRequest,
    reply: FastifyReply,
  ): unknown {
    const etag = `"${object.sha256}"`;
    void reply.headers({
      etag,
      'accept-ranges': 'bytes',
      'cache-control': 'private, no-cache',
      'content-type': object.contentType,
      'content-disposition': attachment(nameOfKey(object.key)),
    });
    if (isUnchanged(request, etag)) return reply.code(304).send();
    const range = rangeOf(request, etag, object.size);
    if (range.kind === 'unsatisfiable')
      throw new HttpProblem('range-not-satisfiable', `there are ${object.size} bytes`, {
        'content-range': `bytes */${object.size}`,
      });
    const { start, end } = range.kind === 'part' ? range : { start: 0, end: object.size - 1 };
    void reply.header('content-length', end - start + 1);
    if (range.kind === 'part')
      void reply.code(206).header('content-range', `bytes ${start}-${end}/${object.size}`);
    if (request.method === 'HEAD' || object.size === 0) return reply.send();
    const release = this.slots.take(account);
    return reply.send(
      streamOf(this.#ports.objects.read(object.key, { start, end }), reply, release),
    );
  }

  /** From the first byte, and then along with the sender. */
  async #follow(
    record: TransferRecord,
    request: FastifyRequest,
    reply: FastifyReply,
  ): Promise<unknown> {
    const { transfers, watch, settings } = this.#ports;
    const growth = new TransferGrowth(record.id, transfers, watch);
    const isHere = isComingIn(transfers.liveRecord(record.id) ?? record);
    const content = isHere
      ? await followedContent(settings.spoolFolder, record.id, growth)
      : undefined;
    if (content === undefined) {
      growth.close();
      throw notReady(record, settings.node);
    }
    void reply.headers({
      'accept-ranges': 'none',
      'cache-control': 'no-store',
      'content-type': content.contentType,
      'content-disposition': attachment(content.name),
    });
    if (request.method === 'HEAD') {
      growth.close();
      return reply.send();
    }
    const release = this.#takeFor(record.account, growth);
    return reply.send(streamOf(content.bytes, reply, release));
  }

  #takeFor(account: string, growth: TransferGrowth): () => void {
    try {
      const release = this.slots.take(account);
      return () => {
        growth.close();
        release();
      };
    } catch (cause) {
      growth.close();
      throw cause;
    }
  }
}

/** What comes in at another node can be had there; from any, when it is over. */
function notReady({ node, ingest }: TransferRecord, own: string): MidcallError {
  const isElsewhere = node !== own && isComingIn({ ingest });
  return isElsewhere
    ? new MidcallError('not-ready', `it comes in at node ${node}; any has it when it is over`, {
        facts: { node, retryAfter: ELSEWHERE_RETRY_SECONDS },
      })
    : new MidcallError('not-ready', 'nothing can be told of it yet', { facts: { retryAfter: 1 } });
}

/** @param release is called once nobody reads any more. */
function streamOf(
  bytes: AsyncIterable<Uint8Array>,
  reply: FastifyReply,
  release: () => void,
): Readable {
  reply.raw.once('close', release);
  // The head goes out at once: the first bytes may take their time.
  reply.raw.once('pipe', () => reply.raw.flushHeaders());
  return Readable.from(bytes, { objectMode: false });
}

/** @throws HttpProblem `precondition-failed`. @returns whether the client has it already. */
function isUnchanged({ headers }: FastifyRequest, etag: string): boolean {
  const match = headers['if-match'];
  if (match !== undefined && !matchesEtag(match, etag, false))
    throw new HttpProblem('precondition-failed', 'it is not what you have');
  const none = headers['if-none-match'];
  return none !== undefined && matchesEtag(none, etag, true);
}

/** A range of something else than the client began with is of no use (If-Range, RFC 9110 §13.1.5); a date never is our tag. */
function rangeOf({ headers, method }: FastifyRequest, etag: string, size: number): RangeAnswer {
  const condition = headers['if-range'];
  if (method === 'HEAD' || (condition !== undefined && condition !== etag))
    return { kind: 'whole' };
  return parseRange(headers.range, size);
}

/** RFC 6266. Names of objects are letters, digits, dots, dashes and underscores. */
const attachment = (name: string): string => `attachment; filename="${name}"`;
