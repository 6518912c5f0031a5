import { createSocket, type Socket } from 'node:dgram';
import { once } from 'node:events';
import { bdecode, bencode, type Bencoded } from './bencode.ts';

/** An answer takes a millisecond; while rtpengine starts there is none. */
const ANSWER_MS = 300;
const TRIES = 30;

export type NgMessage = Readonly<Record<string, Bencoded>>;

/** rtpengine's ng protocol: a cookie, a space, a bencoded dictionary, over UDP; the answer has the same cookie. */
export class NgClient {
  readonly #socket: Socket = createSocket('udp4');
  readonly #port: number;
  #cookies = 0;

  constructor(port: number) {
    this.#port = port;
  }

  /** Asks until there is an answer. @throws Error when there is none, or it says that it is not ok. */
  async ask(message: NgMessage, signal: AbortSignal): Promise<NgMessage> {
    const cookie = `bench-${this.#cookies++}`;
    for (let tries = 0; tries < TRIES; tries++) {
      this.#socket.send(`${cookie} ${bencode(message)}`, this.#port, '127.0.0.1');
      const answer = await this.#answerTo(cookie, signal);
      if (answer === undefined) continue;
      if (answer['result'] === 'ok' || answer['result'] === 'pong') return answer;
      throw new Error(`rtpengine: ${JSON.stringify(answer)}`);
    }
    throw new Error('rtpengine does not answer');
  }

  close(): void {
    this.#socket.close();
  }

  /** @returns undefined when none came in time. */
  async #answerTo(cookie: string, signal: AbortSignal): Promise<NgMessage | undefined> {
    const patience = AbortSignal.any([signal, AbortSignal.timeout(ANSWER_MS)]);
    try {
      for (;;) {
        const [bytes] = (await once(this.#socket, 'message', { signal: patience })) as [Buffer];
        const text = bytes.toString('utf8');
        if (text.startsWith(`${cookie} `))
          return dictionary(bdecode(text.slice(cookie.length + 1)));
      }
    } catch (cause) {
      signal.throwIfAborted();
      if (patience.aborted) return undefined;
      throw cause;
    }
  }
}

function dictionary(value: Bencoded): NgMessage {
  if (typeof value !== 'object' || Array.isArray(value))
    throw new Error('rtpengine: no dictionary');
  // What is left of the type: neither number, nor string, nor list.
  return value as NgMessage;
}
