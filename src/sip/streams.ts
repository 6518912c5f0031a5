import { Buffer } from 'node:buffer';
import type { Environment } from './environment.ts';
import type { Framed } from './stream-framer.ts';
import { Stream } from './stream.ts';
import { flowKey, isReliable, type Flow } from './transport.ts';

/** A message, or what it began like when the stream broke. */
export type Received = Exclude<Framed, { readonly kind: 'ping' }>;

const PING = Buffer.from('\r\n\r\n');
const PONG = Buffer.from('\r\n');
/** The top-level domain that never resolves (RFC 6761 §6.4): a phone that can't be connected to writes it. */
const UNREACHABLE_HOST = /\.invalid$/i;

/** The streams that are up, whoever opened them. */
export class Streams {
  readonly #env: Environment;
  readonly #isWanted: (flow: Flow) => boolean;
  readonly #byKey = new Map<string, Stream>();
  /** By the name in the Contact of a phone that can only be reached on its own connection: the latest of that name. */
  readonly #byAlias = new Map<string, Stream>();

  /** @param isWanted whether a dialog's requests go this way. */
  constructor(env: Environment, isWanted: (flow: Flow) => boolean) {
    this.#env = env;
    this.#isWanted = isWanted;
  }

  opened(flow: Flow): void {
    this.closed(flow);
    this.#byKey.set(flowKey(flow), new Stream(this.#env, flow, this.#isWanted));
  }

  closed(flow: Flow): void {
    const stream = this.#byKey.get(flowKey(flow));
    if (stream === undefined) return;
    stream.stop();
    this.#byKey.delete(flowKey(flow));
    this.#forgetAlias(stream);
  }

  /** Whether an answer can go this way: always over UDP. */
  isUp(flow: Flow): boolean {
    return !isReliable(flow.transport) || this.#byKey.has(flowKey(flow));
  }

  /**
   * The connection that a flow read from a URI means: an `.invalid` host that of its phone, and `ws` also the secure one,
   * since the URI parameter is the same for both (RFC 7118 §10.1.1).
   */
  connectionFor(flow: Flow): Flow {
    const known = this.#byAlias.get(flow.remote.address.toLowerCase());
    if (known !== undefined) return known.flow;
    const secure: Flow = { ...flow, transport: 'wss' };
    const isSecure = flow.transport === 'ws' && !this.isUp(flow) && this.isUp(secure);
    return isSecure ? secure : flow;
  }

  /** A message from this stream names its peer so. One name a stream: the last. */
  named(flow: Flow, contactHost: string): void {
    const stream = this.#byKey.get(flowKey(flow));
    const alias = contactHost.toLowerCase();
    if (stream === undefined || stream.alias === alias || !UNREACHABLE_HOST.test(alias)) return;
    this.#forgetAlias(stream);
    stream.alias = alias;
    this.#byAlias.set(alias, stream);
  }

  /** @returns the messages that are complete, and at last why there will be no more. Answers pings. */
  read(flow: Flow, bytes: Buffer): readonly Exclude<Framed, { kind: 'ping' }>[] {
    const stream = this.#byKey.get(flowKey(flow));
    const found: Exclude<Framed, { kind: 'ping' }>[] = [];
    for (const framed of stream?.push(bytes) ?? []) {
      if (framed.kind === 'ping') this.#pong(flow);
      else found.push(framed);
    }
    return found;
  }

  /** A whole message came. @returns false when it was a ping, which is answered. */
  take(flow: Flow, message: Buffer): boolean {
    this.#byKey.get(flowKey(flow))?.heard();
    const isPing = message.equals(PING);
    if (isPing) this.#pong(flow);
    return !isPing;
  }

  /** It can't be read any more. */
  giveUp(flow: Flow): void {
    this.#env.count('closed-bad-stream');
    this.#env.close(flow);
  }

  #pong(flow: Flow): void {
    this.#env.count('keep-alives');
    this.#env.send(flow, PONG);
  }

  #forgetAlias(stream: Stream): void {
    if (stream.alias === undefined) return;
    if (this.#byAlias.get(stream.alias) === stream) this.#byAlias.delete(stream.alias);
    stream.alias = undefined;
  }
}
