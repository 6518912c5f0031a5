import type { Clock } from '../base/clock.ts';
import { KeyReader } from '../incall/key-reader.ts';
import type { KeySaying } from '../incall/key-reader.ts';
import type { StarCodes } from '../incall/star-codes.ts';
import type { Leg } from './call.ts';

interface Typing {
  readonly reader: KeyReader;
  timer: NodeJS.Timeout | undefined;
}

/** Keys that come in INFO, read as those in packets are (media/key-watch.ts); here each has its answer, so none is lost or comes twice. */
export class InfoKeys {
  readonly #codes: StarCodes;
  readonly #clock: Clock;
  readonly #hear: (saying: KeySaying, leg: Leg) => void;
  readonly #typing = new WeakMap<Leg, Typing>();

  constructor(codes: StarCodes, clock: Clock, hear: (saying: KeySaying, leg: Leg) => void) {
    this.#codes = codes;
    this.#clock = clock;
    this.#hear = hear;
  }

  /** @returns whether the key is for us alone, and must not be passed on. */
  press(leg: Leg, key: string): boolean {
    const typing = this.#typing.get(leg) ?? {
      reader: new KeyReader(this.#codes),
      timer: undefined,
    };
    this.#typing.set(leg, typing);
    this.#elapse(leg, typing);
    const { isOurs, saying } = typing.reader.press(key, this.#clock.now());
    if (saying !== undefined) this.#hear(saying, leg);
    this.#wait(leg, typing);
    return isOurs;
  }

  #elapse(leg: Leg, typing: Typing): void {
    const saying = typing.reader.elapse(this.#clock.now());
    if (saying !== undefined) this.#hear(saying, leg);
  }

  #wait(leg: Leg, typing: Typing): void {
    clearTimeout(typing.timer);
    const deadline = typing.reader.deadline();
    if (deadline === undefined) return;
    const again = (): void => {
      this.#elapse(leg, typing);
      this.#wait(leg, typing);
    };
    typing.timer = setTimeout(again, Math.max(1, deadline.at - this.#clock.now()));
    typing.timer.unref();
  }
}
