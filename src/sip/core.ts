import type { Buffer } from 'node:buffer';
import type { Deadline } from '../base/clock.ts';
import type { Instant } from '../base/units.ts';
import { Admission } from './admission.ts';
import { AppConnections } from './app-connections.ts';
import { Commands, type Said } from './commands.ts';
import type { Counts } from './counters.ts';
import { Dialogs } from './dialogs.ts';
import type { AppEvent, AppId, CoreEvent, Effect } from './effect.ts';
import { Environment, type EnvironmentOptions } from './environment.ts';
import { MESSAGE_BYTES_MAX } from './message-parser.ts';
import { Reception } from './reception.ts';
import { LIMITS, type Limits, type Stack } from './stack.ts';
import { Streams } from './streams.ts';
import type { TimerName } from './timers.ts';
import { Transactions } from './transactions.ts';
import type { Flow } from './transport.ts';
import { Uac } from './uac.ts';
import { Uas } from './uas.ts';

/** How the server copes with what it is asked. */
export interface SipQueue {
  /** How long the last message waited to be read, ms. */
  readonly waitMs: number;
  /** Which share of the new calls and registrations is taken: 0 to 1. */
  readonly admitted: number;
}

export interface SipCoreOptions extends EnvironmentOptions {
  /** What an application must say first. */
  readonly secret: string;
  readonly limits?: Partial<Limits>;
}

/**
 * A SIP server without sockets: phones on one side, applications that speak the drachtio wire protocol on the
 * other. Every event must be handled before the next; its effects must be run in their order.
 */
export class SipCore {
  readonly #env: Environment;
  readonly #stack: Stack;
  readonly #uac: Uac;
  readonly #uas: Uas;
  readonly #commands: Commands;
  readonly #reception: Reception;

  constructor(options: SipCoreOptions) {
    const env = new Environment(options);
    const apps = new AppConnections(env, options.secret);
    this.#env = env;
    this.#stack = {
      env,
      apps,
      streams: new Streams(env, (flow) => this.#stack.dialogs.use(flow, this.#stack.streams)),
      transactions: new Transactions(env),
      dialogs: new Dialogs(),
      admission: new Admission(),
      limits: { ...LIMITS, ...options.limits },
    };
    this.#uac = new Uac(this.#stack);
    this.#uas = new Uas(this.#stack, this.#uac);
    this.#commands = new Commands({ env, apps, uac: this.#uac, uas: this.#uas });
    this.#reception = new Reception(this.#stack, this.#uas);
  }

  get counts(): Counts {
    return this.#env.counts;
  }

  /** What is alive: zero of each when all calls are over and their timers have run. */
  get load(): { readonly transactions: number; readonly dialogs: number } {
    return { transactions: this.#stack.transactions.size, dialogs: this.#stack.dialogs.size };
  }

  get queue(): SipQueue {
    const { waitMs, share } = this.#stack.admission;
    return { waitMs, admitted: share };
  }

  /** @returns what is to be done, in this order. Timers due at `now` are run after the event. */
  handle(event: CoreEvent, now: Instant): readonly Effect[] {
    this.#env.begin(now);
    this.#take(event);
    this.#env.timers.run(now);
    return this.#env.take();
  }

  /** When to call again with a `timer` event, if nothing else happens before. */
  deadline(): Deadline<TimerName> | undefined {
    return this.#env.timers.next();
  }

  #take(event: CoreEvent): void {
    if ('app' in event) return this.#application(event);
    switch (event.kind) {
      case 'datagram':
        return this.#datagram({ transport: 'udp', remote: event.source }, event.bytes);
      case 'opened':
        return this.#stack.streams.opened(event.flow);
      case 'bytes':
        return this.#bytes(event.flow, event.bytes);
      case 'message':
        return this.#message(event.flow, event.bytes);
      case 'closed':
        return this.#closed(event.flow);
      case 'waited':
        return this.#waited(event.ms);
      case 'timer':
        return undefined;
    }
  }

  /** Said when it begins and when it is over, not meanwhile. */
  #waited(ms: number): void {
    const { admission, env } = this.#stack;
    const before = admission.share;
    admission.waited(ms);
    if (before === 1 && admission.share < 1)
      env.warn('sip.overloaded', { waitedMs: Math.round(ms) });
    if (before < 1 && admission.share === 1) env.log('sip.overload-over', {});
  }

  #application(event: AppEvent): void {
    switch (event.kind) {
      case 'app-opened':
        return this.#stack.apps.open(event.app);
      case 'app-bytes':
        return this.#appBytes(event.app, event.bytes);
      case 'app-frame':
        return this.#appFrame(event.app, event);
      case 'app-closed':
        return this.#appClosed(event.app);
    }
  }

  #datagram(flow: Flow, bytes: Buffer): void {
    this.#reception.receive(flow, bytes);
  }

  #bytes(flow: Flow, bytes: Buffer): void {
    for (const received of this.#stack.streams.read(flow, bytes)) {
      if (received.kind === 'message') this.#reception.receive(flow, received.bytes);
      else this.#reception.broken(flow, received);
    }
  }

  #message(flow: Flow, bytes: Buffer): void {
    if (bytes.length > MESSAGE_BYTES_MAX)
      return this.#reception.broken(flow, { why: 'message-too-long', bytes });
    if (this.#stack.streams.take(flow, bytes)) this.#reception.receive(flow, bytes);
  }

  /** Requests fail first: whether their stream was ever up decides what becomes of them. */
  #closed(flow: Flow): void {
    this.#stack.transactions.failFlow(flow);
    this.#stack.streams.closed(flow);
  }

  #appBytes(id: AppId, bytes: Buffer): void {
    const app = this.#stack.apps.get(id);
    if (app === undefined) return;
    for (const frame of app.reader.push(bytes)) this.#commands.run(app, frame);
    if (!app.reader.broken) return;
    this.#env.count('closed-bad-frame');
    this.#env.closeApp(id);
  }

  #appFrame(id: AppId, said: Said): void {
    const app = this.#stack.apps.get(id);
    if (app !== undefined) this.#commands.run(app, said);
  }

  #appClosed(id: AppId): void {
    if (this.#stack.apps.get(id) === undefined) return;
    this.#stack.apps.close(id);
    this.#env.log('sip.app-gone', { app: id });
    this.#uas.appGone(id);
    this.#uac.appGone(id);
  }
}
