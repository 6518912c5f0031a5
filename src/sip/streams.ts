import { Buffer } from 'node:buffer';
import type { Environment } from './environment.ts';
import { StreamFramer, type Framed } from './stream-framer.ts';
import { flowKey, isReliable, type Flow } from './transport.ts';

/** A message, or what it began like when the stream broke. */
export type Received = Exclude<Framed, { readonly kind: 'ping' }>;

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

  /** @returns what is to be read or refused. Answers pings. */
  read(flow: Flow, bytes: Buffer): readonly Received[] {
    const messages: Received[] = [];
    for (const framed of this.#framers.get(flowKey(flow))?.push(bytes) ?? []) {
      if (framed.kind === 'ping') this.#pong(flow);
      else messages.push(framed);
    }
    return messages;
  }

  #pong(flow: Flow): void {
    this.#env.count('keep-alives');
    this.#env.send(flow, PONG);
  }

  /** Nothing more can be read here. */
  giveUp(flow: Flow): void {
    this.#env.count('closed-bad-stream');
    this.#env.close(flow);
  }
}
