import type { Buffer } from 'node:buffer';
import { after, type Instant } from '../base/units.ts';
import type { Environment } from './environment.ts';
import { StreamFramer, type Framed } from './stream-framer.ts';
import type { Timed, Timer } from './timer-queue.ts';
import type { TimerName } from './timers.ts';
import type { Flow } from './transport.ts';

/** A message has this long to come, ms, and a new connection has it to say something: slow-loris takes for ever. */
export const SLOW_MS_MAX = 30_000;
/** A connection may be silent for this long, ms: a phone that registers every hour stays, with five minutes to spare. */
export const IDLE_MS_MAX = 3_900_000;
/** A call keeps its silent connection; so often it is looked whether it is still on, ms. */
export const WANTED_MS = 300_000;

/** One connection that is up: what was read of it, and how long it may be silent. */
export class Stream implements Timed {
  readonly flow: Flow;
  /** The name that the peer's Contact uses for this connection: an `.invalid` one (RFC 7118 §5.3). */
  alias: string | undefined;
  readonly #env: Environment;
  /** Whether a dialog needs it, however silent it is. */
  readonly #isWanted: (flow: Flow) => boolean;
  readonly #framer = new StreamFramer();
  /** When something whole came last. */
  #heardAt: Instant;
  #idle: Timer;
  /** Runs while half a message, or nothing at all, has come. */
  #slow: Timer | undefined;

  constructor(env: Environment, flow: Flow, isWanted: (flow: Flow) => boolean) {
    this.#env = env;
    this.#isWanted = isWanted;
    this.flow = flow;
    this.#heardAt = env.now;
    this.#idle = env.startTimer('stream-idle', IDLE_MS_MAX, this);
    this.#slow = env.startTimer('stream-slow', SLOW_MS_MAX, this);
  }

  /** Some bytes, cut anywhere. */
  push(bytes: Buffer): readonly Framed[] {
    const found = this.#framer.push(bytes);
    if (found.length > 0) this.heard();
    if (this.#framer.isPartial) this.#slow ??= this.#startSlow();
    return found;
  }

  /** Something whole came: the peer is neither idle nor slow. The idle timer is moved when it is due, not each time. */
  heard(): void {
    this.#heardAt = this.#env.now;
    if (this.#slow !== undefined) this.#env.timers.cancel(this.#slow);
    this.#slow = undefined;
  }

  stop(): void {
    this.#env.timers.cancel(this.#idle);
    if (this.#slow !== undefined) this.#env.timers.cancel(this.#slow);
  }

  due(timer: TimerName): void {
    if (timer === 'stream-slow') return this.#close('closed-slow-stream');
    const restMs = after(this.#heardAt, IDLE_MS_MAX) - this.#env.now;
    const isOver = restMs <= 0;
    if (isOver && !this.#isWanted(this.flow)) return this.#close('closed-idle-stream');
    this.#idle = this.#env.startTimer('stream-idle', isOver ? WANTED_MS : restMs, this);
  }

  #startSlow(): Timer {
    return this.#env.startTimer('stream-slow', SLOW_MS_MAX, this);
  }

  /** The transport says when it is closed: until then the stream is up. */
  #close(counter: 'closed-slow-stream' | 'closed-idle-stream'): void {
    this.stop();
    this.#env.count(counter);
    this.#env.close(this.flow);
  }
}
