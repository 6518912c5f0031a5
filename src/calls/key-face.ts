import type { Clock } from '../base/clock.ts';
import type { Log } from '../base/log.ts';
import type { InCallEvent } from '../incall/events.ts';
import type { KeySaying } from '../incall/key-reader.ts';
import { SPOKEN_SAYINGS, wordsOf, written } from '../incall/prompts.ts';
import type { Words } from '../incall/prompts.ts';
import type { StarCodes } from '../incall/star-codes.ts';
import type { TextCommand } from '../incall/text-commands.ts';
import type { Party } from '../transfers/ports.ts';
import type { Leg } from './call.ts';
import type { Calls } from './calls.ts';
import { InfoKeys } from './info-keys.ts';
import type { Meanings } from './meanings.ts';
import type { Questions } from './questions.ts';
import { stackOf } from './sip-application.ts';
import type { SpokenPrompts } from './spoken-prompts.ts';

/** Commands of one phone that wait for their answer. More are not heard: nobody's fingers are so fast. */
export const COMMANDS_WAITING_MAX = 4;

/** How a phone sends its keys: as packets in its voice (RFC 4733), or in INFO. */
export type KeyWay = 'rtp' | 'info';

export interface KeySettings {
  readonly codes: StarCodes;
  readonly prompts: Pick<SpokenPrompts, 'audioOf'>;
}

export interface KeyFacePorts extends KeySettings {
  readonly questions: Pick<Questions, 'ask'>;
  readonly meanings: Meanings;
  readonly calls: Pick<Calls, 'legOf' | 'callOf'>;
  readonly clock: Clock;
  /** Sends a text. */
  readonly say: (party: Party, text: string) => void;
  readonly log: Log;
}

/** What is known of a phone's keys. */
interface Typist {
  /** By which way a command came first: a phone that sends keys both ways means each once. */
  readonly way: KeyWay;
  waiting: number;
}

/**
 * The face for phones without a keyboard (docs/in-call-protocol.md §7): star codes become the same commands that others type or say in INFO, and
 * the answers are spoken into that phone's voice. Neither keys nor PINs are ever logged.
 */
export class KeyFace {
  readonly #ports: KeyFacePorts;
  readonly #infoKeys: InfoKeys;
  readonly #typists = new WeakMap<Leg, Typist>();
  /** People who typed texts: they read, and are not talked to. */
  readonly #readers = new WeakSet<Leg>();
  /** Commands that came while too many waited. */
  #dropped = 0;

  constructor(ports: KeyFacePorts) {
    this.#ports = ports;
    const { codes, clock } = ports;
    this.#infoKeys = new InfoKeys(
      codes,
      clock,
      (saying, leg) => void this.hear(saying, leg, 'info'),
    );
  }

  get dropped(): number {
    return this.#dropped;
  }

  /** Somebody has typed a text. */
  noteText(from: Party): void {
    const leg = this.#ports.calls.legOf(from);
    if (leg !== undefined) this.#readers.add(leg);
  }

  /** A key came in INFO. @returns whether it is for us alone, and must not be passed on. */
  press(leg: Leg, key: string): boolean {
    return this.#infoKeys.press(leg, key);
  }

  /** What somebody's keys said. Never rejects. */
  async hear(saying: KeySaying, leg: Leg, way: KeyWay): Promise<void> {
    const typist = this.#typists.get(leg) ?? { way, waiting: 0 };
    if (typist.way !== way) return;
    this.#typists.set(leg, typist);
    this.#readers.delete(leg);
    try {
      if (saying.type !== 'said')
        return await this.#speak(leg, [saying.type === 'pin-wanted' ? 'pin' : 'again']);
      if (typist.waiting >= COMMANDS_WAITING_MAX) {
        this.#dropped += 1;
        return;
      }
      typist.waiting += 1;
      await this.#carryOut(saying, leg).finally(() => (typist.waiting -= 1));
    } catch (cause) {
      const { number } = leg.party;
      this.#ports.log.error('keys.failed', { number, cause: stackOf(cause) });
    }
  }

  /** Hears all that a party is told unasked, beside the text: of that, phones without a screen show nothing. */
  tell(party: Party, event: InCallEvent): void {
    const leg = this.#ports.calls.legOf(party);
    if (leg === undefined || leg.takesInfo || this.#readers.has(leg)) return;
    const words = wordsOf(event, this.#ports.codes);
    if (words.length === 0) return;
    this.#play(leg, words).catch((cause: unknown) => {
      this.#ports.log.warn('prompt.not-said', { number: party.number, cause: stackOf(cause) });
    });
  }

  async #carryOut(saying: Extract<KeySaying, { type: 'said' }>, leg: Leg): Promise<void> {
    const meaning = this.#ports.meanings.of(commandOf(saying), leg.party);
    if ('saying' in meaning) return this.#speak(leg, SPOKEN_SAYINGS[meaning.saying]);
    const event = await this.#ports.questions.ask(meaning.question, leg.party);
    const words = event === undefined ? [] : wordsOf(event, this.#ports.codes, saying.verb);
    await this.#speak(leg, words.length === 0 ? SPOKEN_SAYINGS.noAnswer : words);
  }

  /** An answer: where it can't be heard it is written. */
  async #speak(leg: Leg, words: Words): Promise<void> {
    if (!(await this.#play(leg, words))) this.#ports.say(leg.party, written(words));
  }

  /** @returns false when that phone's voice can't be touched. */
  async #play(leg: Leg, words: Words): Promise<boolean> {
    const { calls, prompts } = this.#ports;
    const anchor = calls.callOf(leg)?.anchor;
    return (await anchor?.play(leg.side, prompts.audioOf(words))) ?? false;
  }
}

function commandOf({ verb, pin = '' }: Extract<KeySaying, { type: 'said' }>): TextCommand {
  switch (verb) {
    case 'store':
    case 'list':
      return { verb, pin };
    case 'play':
      return { verb, live: false };
    case 'send':
    case 'cancel':
      return { verb };
  }
}
