import { Buffer } from 'node:buffer';
import { timingSafeEqual } from 'node:crypto';
import type { AppId } from './effect.ts';
import type { Environment } from './environment.ts';
import type { Timed, Timer } from './timer-queue.ts';
import { FrameReader } from './wire-frame.ts';

/** Connections of applications at a time: one application per core of a big machine, each reconnecting. */
export const APPS_MAX = 64;
/** An application has this long to say its secret, ms. */
export const AUTHENTICATE_MS_MAX = 5_000;

/** One application's connection: what it may do, and what it wants. */
export class AppConnection implements Timed {
  readonly id: AppId;
  readonly reader: FrameReader = new FrameReader();
  /** Verbs in lower case, as the application routed them. */
  readonly routes: Set<string> = new Set();
  readonly #env: Environment;
  /** Runs until the secret was said. */
  #patience: Timer | undefined;

  constructor(env: Environment, id: AppId) {
    this.id = id;
    this.#env = env;
    this.#patience = env.startTimer('app-unauthenticated', AUTHENTICATE_MS_MAX, this);
  }

  get authenticated(): boolean {
    return this.#patience === undefined;
  }

  authenticate(): void {
    this.stop();
    this.#patience = undefined;
  }

  /** The connection is gone. */
  stop(): void {
    if (this.#patience !== undefined) this.#env.timers.cancel(this.#patience);
  }

  due(): void {
    this.#env.count('closed-unauthenticated');
    this.#env.closeApp(this.id);
  }
}

/** The applications, and whose turn it is. */
export class AppConnections {
  readonly #env: Environment;
  readonly #secret: Buffer;
  readonly #byId = new Map<AppId, AppConnection>();
  /** Counts the requests given out: the remainder says who is next. */
  #turn = 0;

  constructor(env: Environment, secret: string) {
    this.#env = env;
    this.#secret = Buffer.from(secret);
  }

  /** At APPS_MAX the new connection is closed at once. */
  open(id: AppId): void {
    if (this.#byId.size < APPS_MAX) {
      this.#byId.set(id, new AppConnection(this.#env, id));
      return;
    }
    this.#env.count('closed-apps-full');
    this.#env.closeApp(id);
  }

  close(id: AppId): void {
    this.#byId.get(id)?.stop();
    this.#byId.delete(id);
  }

  get(id: AppId): AppConnection | undefined {
    return this.#byId.get(id);
  }

  /** In constant time, so that a stranger on this machine can't guess it byte by byte. */
  isSecret(text: string): boolean {
    const given = Buffer.from(text, 'latin1');
    return given.length === this.#secret.length && timingSafeEqual(given, this.#secret);
  }

  /** The applications that routed this method take turns. */
  pick(method: string): AppId | undefined {
    const verb = method.toLowerCase();
    const takers = [...this.#byId.values()].filter(({ routes }) => routes.has(verb));
    return takers[this.#turn++ % takers.length]?.id;
  }
}
