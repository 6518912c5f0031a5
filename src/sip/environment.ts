import type { Buffer } from 'node:buffer';
import { sameAddress, type Address } from '../base/address.ts';
import { randomHex, type Random } from '../base/clock.ts';
import { after, instant, type Instant, type Wallclock } from '../base/units.ts';
import { newCounts, type Counter, type Counts } from './counters.ts';
import type { AppId, Effect } from './effect.ts';
import { TimerQueue, type Timed, type Timer } from './timer-queue.ts';
import type { TimerName } from './timers.ts';
import { hostPort, TRANSPORT_NAMES, type Flow, type Transport } from './transport.ts';
import { MAGIC_COOKIE } from './via.ts';
import type { Notice } from './wire-frame.ts';

export type Ports = Readonly<Partial<Record<Transport, number>>>;

export interface EnvironmentOptions {
  /** What we write in Via and Contact: where peers reach us, over UDP and TCP alike. */
  readonly local: Address;
  /** Our ports of the other transports, of those that we speak. */
  readonly ports?: Ports;
  readonly random: Random;
  /** The calendar when the monotonic clock read `at`: for the times that people read in the wire protocol. */
  readonly epoch: { readonly at: Instant; readonly wallclock: Wallclock };
}

/** Random bytes of a tag: RFC 3261 §19.3 asks for at least 32 bits. */
const TAG_BYTES = 6;
/** Random bytes of a branch and of a Call-ID: nobody shall guess a transaction. */
const BRANCH_BYTES = 8;
const CALL_ID_BYTES = 16;

/** What every part of the server shares: the time of this event, timers, chance, counters, and the way out. */
export class Environment {
  readonly local: Address;
  /** Where peers reach us, by transport; only those that we speak. */
  readonly #ports: Ports;
  readonly timers: TimerQueue = new TimerQueue();
  /** The To tag of all answers given without keeping state: the same for each copy of a request (RFC 3261 §8.2.7). */
  readonly statelessTag: string;
  /** When the event being handled happened. */
  #now: Instant = instant(0);
  /** What is to be done about it, so far. */
  #effects: Effect[] = [];
  readonly #counts: Record<Counter, number> = newCounts();
  readonly #random: Random;
  /** Milliseconds from the monotonic clock to the calendar. */
  readonly #calendarMs: number;
  /** Makes this process's identifiers differ from those of its last run. */
  readonly #idPrefix: string;
  /** The second of the day that was written last: some hundred frames have the same. */
  #clock = { second: 0, text: clockText(0) };
  /** Identifiers given out. */
  #ids = 0;

  constructor({ local, ports, random, epoch }: EnvironmentOptions) {
    this.local = local;
    this.#ports = { udp: local.port, tcp: local.port, ...ports };
    this.#random = random;
    this.#calendarMs = epoch.wallclock - epoch.at;
    this.#idPrefix = randomHex(random, 6);
    this.statelessTag = this.newTag();
  }

  get now(): Instant {
    return this.#now;
  }

  get counts(): Counts {
    return this.#counts;
  }

  /** Whether messages can go this way at all. */
  speaks(transport: Transport): boolean {
    return this.#ports[transport] !== undefined;
  }

  /** Our address as peers of this transport see it. */
  localOf(transport: Transport): Address {
    return { address: this.local.address, port: this.#ports[transport] ?? this.local.port };
  }

  isOurs({ transport, remote }: Flow): boolean {
    return sameAddress(remote, this.localOf(transport));
  }

  /** Every transport that we speak: `tcp/192.0.2.1:5060,udp/192.0.2.1:5060`. */
  hostPorts(): string {
    const spoken = TRANSPORT_NAMES.filter((name) => this.speaks(name));
    return spoken.map((name) => `${name}/${hostPort(this.localOf(name))}`).join(',');
  }

  begin(now: Instant): void {
    this.#now = now;
  }

  /** All effects since the last call, in order. */
  take(): readonly Effect[] {
    const effects = this.#effects;
    this.#effects = [];
    return effects;
  }

  send(flow: Flow, bytes: Buffer): void {
    this.#effects.push({ kind: 'send', flow, bytes });
  }

  close(flow: Flow): void {
    this.#effects.push({ kind: 'close', flow });
  }

  probe(remote: Address): void {
    this.#effects.push({ kind: 'probe', remote });
  }

  frame(app: AppId, notice: Notice): void {
    this.#effects.push({ kind: 'frame', app, notice });
  }

  closeApp(app: AppId): void {
    this.#effects.push({ kind: 'close-app', app });
  }

  log(event: string, facts: Readonly<Record<string, string | number>>): void {
    this.#effects.push({ kind: 'log', level: 'info', event, facts });
  }

  warn(event: string, facts: Readonly<Record<string, string | number>>): void {
    this.#effects.push({ kind: 'log', level: 'warn', event, facts });
  }

  count(counter: Counter): void {
    this.#counts[counter]++;
  }

  startTimer(name: TimerName, ms: number, owner: Timed): Timer {
    return this.timers.add(after(this.#now, ms), name, owner);
  }

  /** Unique, not secret: for transactions and frames of the wire protocol. */
  newId(): string {
    return `${this.#idPrefix}-${(++this.#ids).toString(36)}`;
  }

  newTag(): string {
    return randomHex(this.#random, TAG_BYTES);
  }

  newBranch(): string {
    return MAGIC_COOKIE + randomHex(this.#random, BRANCH_BYTES);
  }

  newCallId(): string {
    return randomHex(this.#random, CALL_ID_BYTES);
  }

  /** 0 to `max`, about evenly; `max` below 256: for waiting times, not for secrets. */
  newNumber(max: number): number {
    return (this.#random.bytes(1)[0] ?? 0) % (max + 1);
  }

  /** `hh:mm:ss.uuuuuu`, UTC: the wire protocol's time token. */
  timeOfDay(): string {
    const ms = this.#now + this.#calendarMs;
    const dayMs = ((ms % 86_400_000) + 86_400_000) % 86_400_000;
    const micros = Math.floor((dayMs % 1_000) * 1_000);
    const second = Math.floor(dayMs / 1_000);
    if (this.#clock.second !== second) this.#clock = { second, text: clockText(second) };
    return `${this.#clock.text}.${String(micros).padStart(6, '0')}`;
  }
}

/** `hh:mm:ss` of a second of the day. */
function clockText(second: number): string {
  const parts = [Math.floor(second / 3_600), Math.floor(second / 60) % 60, second % 60];
  return parts.map((part) => String(part).padStart(2, '0')).join(':');
}
