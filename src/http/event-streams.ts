import { Readable } from 'node:stream';
import type { FastifyReply } from 'fastify';
import type { HttpCounts } from './http-counts.ts';
import { Slots } from './slots.ts';

/** Of one account: a few windows on a few devices. In all: each is a socket and a timer. */
export const ACCOUNT_STREAMS_MAX = 8;
export const STREAMS_MAX = 512;
/** What waits for a reader that does not keep up. Beyond, the stream ends; a browser comes again and reads the list anew. */
export const WAITING_BYTES_MAX = 262_144;
/** Shorter than what proxies, and our own server, take for the end of a connection. */
const HEARTBEAT_MS = 15_000;

/** Server-sent events to one reader. */
export interface EventStream {
  send(event: string, value: unknown): void;
  /** Called once, when it is over for whatever reason. */
  onClose(work: () => void): void;
}

/** Opens streams of server-sent events (HTML Living Standard §9.2), with a heartbeat and an end. */
export class EventStreams {
  readonly slots: Slots = new Slots({ owner: ACCOUNT_STREAMS_MAX, total: STREAMS_MAX });
  readonly #counts: HttpCounts;

  constructor(counts: HttpCounts) {
    this.#counts = counts;
  }

  /**
   * Answers a request with a stream.
   * @param lifeMs until the reader's session ends. @throws MidcallError `busy`.
   */
  open(reply: FastifyReply, owner: string, lifeMs: number): EventStream {
    const release = this.slots.take(owner);
    const text = new Readable({ read: () => {} });
    const write = (chunk: string): void => {
      if (text.destroyed) return;
      if (text.readableLength + reply.raw.writableLength > WAITING_BYTES_MAX) {
        this.#counts.slowReaders += 1;
        text.destroy();
        reply.raw.destroy();
      } else text.push(chunk);
    };
    const heartbeat = setInterval(() => write(':\n\n'), HEARTBEAT_MS);
    const end = setTimeout(() => text.push(null), lifeMs);
    reply.raw.once('close', () => {
      clearInterval(heartbeat);
      clearTimeout(end);
      release();
    });
    write('retry: 1000\n\n');
    void reply
      .headers({ 'content-type': 'text/event-stream', 'cache-control': 'no-store' })
      .send(text);
    return {
      send: (event, value) => write(`event: ${event}\ndata: ${JSON.stringify(value)}\n\n`),
      onClose: (work) => reply.raw.once('close', work),
    };
  }
}
