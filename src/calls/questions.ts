import { randomHex } from '../base/clock.ts';
import type { Random } from '../base/clock.ts';
import type { Command } from '../incall/commands.ts';
import type { InCallEvent } from '../incall/events.ts';
import type { Party } from '../transfers/ports.ts';

const ID_BYTES = 8;
/** A phone that rings for a new line is waited for; what takes longer has been lost. */
export const ANSWER_TIMEOUT_MS = 120_000;
/** Commands of people who wait for their answer. Beyond, they are told to try again: nobody types that fast. */
export const QUESTIONS_MAX = 1_000;

type WithoutId<C> = C extends Command ? Omit<C, 'id'> : never;
/** A command before it has an id. */
export type Question = WithoutId<Command>;

interface Waiting {
  readonly answer: (event: InCallEvent) => void;
  readonly timer: NodeJS.Timeout;
}

/**
 * Commands that the platform says for a phone that can't say them itself: of a typed text, of a video button. Every command is
 * answered by exactly one event with its id (docs/in-call-protocol.md §2), and that event comes back here instead of going to the phone.
 */
export class Questions {
  readonly #command: (command: Command, from: Party) => void;
  readonly #random: Random;
  readonly #waiting = new Map<string, Waiting>();
  /** Asked while there were too many. */
  #refused = 0;

  constructor(command: (command: Command, from: Party) => void, random: Random) {
    this.#command = command;
    this.#random = random;
  }

  get refused(): number {
    return this.#refused;
  }

  /** @returns the answer; undefined when there is none in time, or too many wait. */
  ask(question: Question, from: Party): Promise<InCallEvent | undefined> {
    if (this.#waiting.size >= QUESTIONS_MAX) {
      this.#refused += 1;
      return Promise.resolve(undefined);
    }
    const id = randomHex(this.#random, ID_BYTES);
    return new Promise((resolve) => {
      const settle = (event: InCallEvent | undefined): void => {
        clearTimeout(timer);
        this.#waiting.delete(id);
        resolve(event);
      };
      const timer = setTimeout(() => settle(undefined), ANSWER_TIMEOUT_MS);
      timer.unref();
      this.#waiting.set(id, { answer: settle, timer });
      this.#command({ ...question, id }, from);
    });
  }

  /** Says what needs no answer. */
  say(question: Question, from: Party): void {
    this.#command({ ...question, id: randomHex(this.#random, ID_BYTES) }, from);
  }

  /** @returns whether the event answers a question of ours. */
  take(event: InCallEvent): boolean {
    const re = 're' in event ? event.re : undefined;
    const waiting = re === undefined ? undefined : this.#waiting.get(re);
    waiting?.answer(event);
    return waiting !== undefined;
  }
}
