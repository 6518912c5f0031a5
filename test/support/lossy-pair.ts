import { instant, wallclock } from '../../src/base/units.ts';
import type { Address } from '../../src/base/address.ts';
import { SipCore } from '../../src/sip/core.ts';
import type { Effect } from '../../src/sip/effect.ts';
import { FrameReader, writeFrame, writeNotice, type Frame } from '../../src/sip/wire-frame.ts';
import { SeededRandom } from './seeded-random.ts';
import { readSip } from './sip-text.ts';

export const LEFT: Address = { address: '192.0.2.1', port: 5060 };
export const RIGHT: Address = { address: '192.0.2.2', port: 5060 };
/** One way, ms: 20 and up to 80 more, so that datagrams also overtake each other. */
const DELAY_MS = 20;
const JITTER_MS = 80;
const LOSS_PERCENT = 30;

interface InFlight {
  readonly at: number;
  readonly to: number;
  readonly from: Address;
  readonly bytes: Buffer;
}

/** Two cores on a network that loses, delays and reorders; each with an application. */
export class LossyPair {
  readonly frames: Frame[][] = [[], []];
  readonly cores: readonly SipCore[];
  readonly #random: SeededRandom;
  readonly #readers = [new FrameReader(), new FrameReader()];
  #flying: InFlight[] = [];
  nowMs = 0;
  /** Nothing arrives any more. */
  cutOff = false;
  dropped = 0;

  constructor(seed: number) {
    this.#random = new SeededRandom(seed);
    this.cores = [LEFT, RIGHT].map(
      (local, side) =>
        new SipCore({
          local,
          random: new SeededRandom(seed * 2 + side),
          epoch: { at: instant(0), wallclock: wallclock(0) },
          secret: 's',
        }),
    );
    for (const side of [0, 1]) {
      this.#do(side, this.#core(side).handle({ kind: 'app-opened', app: 1 }, instant(0)));
      this.command(side, ['authenticate', 's', '']);
      for (const verb of ['invite', 'message', 'prack']) this.command(side, ['route', verb]);
    }
  }

  command(side: number, tokens: readonly string[], message = ''): void {
    const bytes = writeFrame(['id', ...tokens], message === '' ? undefined : Buffer.from(message));
    const event = { kind: 'app-bytes', app: 1, bytes } as const;
    this.#do(side, this.#core(side).handle(event, instant(this.nowMs)));
  }

  /** Runs until `done`, or until nothing more can happen, or for too long. */
  run(done: () => boolean, forMs: number): boolean {
    const end = this.nowMs + forMs;
    while (!done()) {
      const next = Math.min(...this.cores.map((core) => core.deadline()?.at ?? Infinity));
      const arrival = Math.min(...this.#flying.map(({ at }) => at), Infinity);
      const at = Math.min(next, arrival);
      if (at > end) {
        this.nowMs = end;
        return false;
      }
      this.nowMs = Math.max(at, this.nowMs);
      if (arrival <= next) this.#arrive(arrival);
      else
        this.cores.forEach((core, side) =>
          this.#do(side, core.handle({ kind: 'timer' }, instant(this.nowMs))),
        );
    }
    return true;
  }

  /** The first frame of that kind, which is then gone. */
  take(side: number, wants: (frame: Frame) => boolean): Frame | undefined {
    const frames = this.frames[side] ?? [];
    const at = frames.findIndex(wants);
    return at < 0 ? undefined : frames.splice(at, 1)[0];
  }

  #core(side: number): SipCore {
    const core = this.cores[side];
    if (core === undefined) throw new Error('no such side');
    return core;
  }

  #arrive(at: number): void {
    const due = this.#flying.filter((each) => each.at <= at);
    this.#flying = this.#flying.filter((each) => each.at > at);
    for (const { to, from, bytes } of due) {
      const event = { kind: 'datagram', source: from, bytes } as const;
      this.#do(to, this.#core(to).handle(event, instant(this.nowMs)));
    }
  }

  #do(side: number, effects: readonly Effect[]): void {
    for (const effect of effects) {
      if (effect.kind === 'frame')
        this.frames[side]?.push(...(this.#readers[side]?.push(writeNotice(effect.notice)) ?? []));
      if (effect.kind === 'send') this.#send(side, effect.bytes);
    }
  }

  #send(side: number, bytes: Buffer): void {
    if (this.#random.chance(LOSS_PERCENT) || this.cutOff) {
      this.dropped++;
      return;
    }
    const at = this.nowMs + DELAY_MS + this.#random.below(JITTER_MS);
    this.#flying.push({ at, to: 1 - side, from: side === 0 ? LEFT : RIGHT, bytes });
  }
}

export const shows =
  (start: string) =>
  ({ tokens, message }: Frame): boolean =>
    tokens[1] === 'sip' &&
    message !== undefined &&
    readSip(message.toString()).start.startsWith(start);

/** Waits for a frame and takes it. */
export function awaited(pair: LossyPair, side: number, start: string): Frame {
  let found: Frame | undefined;
  pair.run(() => (found ??= pair.take(side, shows(start))) !== undefined, 40_000);
  if (found === undefined) throw new Error(`side ${side} never saw ${start}`);
  return found;
}
