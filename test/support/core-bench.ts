import { instant, wallclock, type Instant } from '../../src/base/units.ts';
import { SipCore } from '../../src/sip/core.ts';
import type { CoreEvent, Effect } from '../../src/sip/effect.ts';
import type { Ports } from '../../src/sip/environment.ts';
import type { Limits } from '../../src/sip/stack.ts';
import type { Flow, Transport } from '../../src/sip/transport.ts';
import { FrameReader, writeFrame, writeNotice } from '../../src/sip/wire-frame.ts';
import { SeededRandom } from './seeded-random.ts';
import { readSip, type SipText } from './sip-text.ts';

/** Something the core sent to the network. */
export interface SentMessage {
  readonly at: number;
  readonly flow: Flow;
  readonly text: string;
  readonly message: SipText;
}

/** A frame the core sent to the application. */
export interface SentFrame {
  readonly app: number;
  readonly tokens: readonly string[];
  readonly message: SipText | undefined;
}

export const APP = 1;
const VERBS = ['invite', 'register', 'options', 'info', 'message', 'bye', 'update', 'prack'];
export const phoneAt = (port: number, transport: Transport = 'udp'): Flow => ({
  transport,
  remote: { address: '192.0.2.7', port },
});
export const PHONE = phoneAt(5062);

/** A core with a clock in the test's hand, a scripted application, and all that it did since the last look. */
export class CoreBench {
  readonly core: SipCore;
  /** Every effect, in order. */
  readonly effects: Effect[] = [];
  nowMs = 1_000;
  /** Effects already looked at. */
  #seen = 0;
  #requests = 0;

  constructor(limits: Partial<Limits> = {}, ports: Ports = {}) {
    this.core = new SipCore({
      local: { address: '192.0.2.1', port: 5060 },
      ports,
      random: new SeededRandom(1),
      epoch: { at: this.now, wallclock: wallclock(Date.UTC(2024, 0, 2, 3, 4, 5, 678)) },
      secret: 'cymru',
      limits,
    });
  }

  /** With an application that wants everything. */
  static withApp(limits: Partial<Limits> = {}, ports: Ports = {}): CoreBench {
    const bench = new CoreBench(limits, ports);
    bench.connect(APP);
    return bench;
  }

  connect(app: number): void {
    this.handle({ kind: 'app-opened', app });
    this.command(['authenticate', 'cymru', ''], '', app);
    for (const verb of VERBS) this.command(['route', verb], '', app);
    this.look();
  }

  get now(): Instant {
    return instant(this.nowMs);
  }

  handle(event: CoreEvent): void {
    this.effects.push(...this.core.handle(event, this.now));
  }

  /** Bytes of a phone. */
  network(text: string | Buffer, flow: Flow = PHONE): void {
    const bytes = typeof text === 'string' ? Buffer.from(text) : text;
    if (flow.transport === 'udp') this.handle({ kind: 'datagram', source: flow.remote, bytes });
    else this.handle({ kind: 'bytes', flow, bytes });
  }

  /** A frame of the application. @returns its id. */
  command(tokens: readonly string[], message = '', app: number = APP): string {
    const id = `r${++this.#requests}`;
    const body = message === '' ? undefined : Buffer.from(message);
    this.handle({ kind: 'app-bytes', app, bytes: writeFrame([id, ...tokens], body) });
    return id;
  }

  /** Runs every timer due in that time, each at its own moment. */
  advance(ms: number): void {
    const end = this.nowMs + ms;
    for (let due = this.core.deadline(); due !== undefined && due.at <= end;) {
      this.nowMs = Math.max(this.nowMs, due.at);
      this.handle({ kind: 'timer' });
      due = this.core.deadline();
    }
    this.nowMs = end;
  }

  /** What was sent to the network since the last look. */
  sent(): readonly SentMessage[] {
    return this.look().sent;
  }

  /** What was sent to applications since the last look. */
  frames(): readonly SentFrame[] {
    return this.look().frames;
  }

  look(): { readonly sent: readonly SentMessage[]; readonly frames: readonly SentFrame[] } {
    const fresh = this.effects.slice(this.#seen);
    this.#seen = this.effects.length;
    return { sent: fresh.flatMap((each) => this.#sentOf(each)), frames: fresh.flatMap(frameOf) };
  }

  #sentOf(effect: Effect): readonly SentMessage[] {
    if (effect.kind !== 'send') return [];
    const text = effect.bytes.toString();
    return [{ at: this.nowMs, flow: effect.flow, text, message: readSip(text) }];
  }
}

function frameOf(effect: Effect): readonly SentFrame[] {
  if (effect.kind !== 'frame') return [];
  return new FrameReader().push(writeNotice(effect.notice)).map(({ tokens, message }) => ({
    app: effect.app,
    tokens,
    message: message === undefined ? undefined : readSip(message.toString()),
  }));
}
