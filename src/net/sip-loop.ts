import type { Buffer } from 'node:buffer';
import type { Clock } from '../base/clock.ts';
import type { Log } from '../base/log.ts';
import type { Instant } from '../base/units.ts';
import type { SipCore } from '../sip/core.ts';
import type { CoreEvent, Effect } from '../sip/effect.ts';
import { isReliable, type Flow } from '../sip/transport.ts';
import type { SipStreams } from './sip-port.ts';
import type { SipUdp } from './sip-udp.ts';
import type { Wire } from './wire.ts';

export interface SipLoopOptions {
  readonly core: SipCore;
  readonly udp: SipUdp;
  readonly streams: SipStreams;
  readonly wire: Wire;
  readonly clock: Clock;
  readonly log: Log;
}

/** Drives a core: events in, effects done, and the one timer for its deadline. */
export class SipLoop {
  readonly #options: SipLoopOptions;
  #timer: NodeJS.Timeout | undefined;
  /** When the timer runs: at the deadline or before, never after. */
  #timerAt: Instant | undefined;
  /** Nothing is done any more. */
  #stopped = false;

  constructor(options: SipLoopOptions) {
    this.#options = options;
  }

  handle(event: CoreEvent): void {
    if (this.#stopped) return;
    const { core, clock } = this.#options;
    for (const effect of core.handle(event, clock.now())) this.#run(effect);
    this.#arm();
  }

  stop(): void {
    clearTimeout(this.#timer);
    this.#stopped = true;
  }

  #run(effect: Effect): void {
    const { udp, streams, wire, log } = this.#options;
    switch (effect.kind) {
      case 'send':
        return this.#send(effect.flow, effect.bytes);
      case 'close':
        if (isReliable(effect.flow.transport)) {
          streams[effect.flow.transport]?.hangUp(effect.flow.remote);
        }
        return undefined;
      case 'probe':
        return udp.probe(effect.remote);
      case 'frame':
        return wire.send(effect.app, effect.notice);
      case 'close-app':
        return wire.hangUp(effect.app);
      case 'log':
        return log[effect.level](effect.event, effect.facts);
    }
  }

  #send({ transport, remote }: Flow, bytes: Buffer): void {
    const { udp, streams } = this.#options;
    if (!isReliable(transport)) udp.send(remote, bytes);
    else streams[transport]?.send(remote, bytes);
  }

  /** A timer that is early does no harm; most deadlines move back, and setting a timer costs more than one in vain. */
  #arm(): void {
    const deadline = this.#options.core.deadline();
    if (deadline === undefined) return;
    if (this.#timerAt !== undefined && this.#timerAt <= deadline.at) return;
    clearTimeout(this.#timer);
    this.#timerAt = deadline.at;
    const delayMs = Math.max(0, Math.ceil(deadline.at - this.#options.clock.now()));
    this.#timer = setTimeout(() => this.#due(), delayMs);
  }

  #due(): void {
    this.#timerAt = undefined;
    this.handle({ kind: 'timer' });
  }
}
