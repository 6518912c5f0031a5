import { Buffer } from 'node:buffer';
import type { Environment } from './environment.ts';
import { StreamFramer } from './stream-framer.ts';
import { flowKey, isReliable, type Flow } from './transport.ts';

const PONG = Buffer.from('\r\n');

/** The streams that are up, whoever opened them, with what was read of each. */
export class Streams {
  readonly #env: Environment;
  readonly #framers = new Map<string, StreamFramer>();

  constructor(env: Environment) {
    this.#env = env;
  }

  opened(flow: Flow): void {
    this.#framers.set(flowKey(flow), new StreamFramer());
  }

  closed(flow: Flow): void {
    this.#framers.delete(flowKey(flow));
  }

  /** Whether an answer can go this way: always over UDP. */
  isUp(flow: Flow): boolean {
    return !isReliable(flow.transport) || this.#framers.has(flowKey(flow));
  }

  /** @returns the messages that are complete. Answers pings, closes a stream that can't be read. */
  read(flow: Flow, bytes: Buffer): readonly Buffer[] {
    const messages: Buffer[] = [];
    for (const framed of this.#framers.get(flowKey(flow))?.push(bytes) ?? []) {
      if (framed.kind === 'message') messages.push(framed.bytes);
      else if (framed.kind === 'ping') this.#pong(flow);
      else this.#giveUp(flow);
    }
    return messages;
  }

  #pong(flow: Flow): void {
    this.#env.count('keep-alives');
    this.#env.send(flow, PONG);
  }

  #giveUp(flow: Flow): void {
    this.#env.count('closed-bad-stream');
    this.#env.close(flow);
  }
}
