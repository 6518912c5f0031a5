import type { Log } from '../base/log.ts';
import { correctionOf, SAYINGS, textOf } from '../incall/texts.ts';
import { readText } from '../incall/text-commands.ts';
import type { Party } from '../transfers/ports.ts';
import type { Meanings } from './meanings.ts';
import type { Questions } from './questions.ts';
import { stackOf } from './sip-application.ts';

export interface TextFacePorts {
  readonly questions: Pick<Questions, 'ask'>;
  readonly meanings: Meanings;
  /** Sends a text. */
  readonly say: (party: Party, text: string) => void;
  readonly log: Log;
}

/**
 * The MESSAGE face of the in-call protocol (docs/in-call-protocol.md §4): what people type becomes the same commands that other phones
 * say in INFO, and the answers become a sentence or two. What was typed is never logged: there are PINs in it.
 */
export class TextFace {
  readonly #ports: TextFacePorts;

  constructor(ports: TextFacePorts) {
    this.#ports = ports;
  }

  /** Carries out what a proven sender wrote to us; the answer follows as a text of its own. Never rejects. */
  async handle(text: string, from: Party): Promise<void> {
    try {
      this.#ports.say(from, await this.#answer(text, from));
    } catch (cause) {
      this.#ports.log.error('text.failed', { number: from.number, cause: stackOf(cause) });
    }
  }

  async #answer(text: string, from: Party): Promise<string> {
    const reading = readText(text);
    if (reading.kind !== 'command') return correctionOf(reading);
    const { command } = reading;
    const meaning = this.#ports.meanings.of(command, from);
    if ('saying' in meaning) return SAYINGS[meaning.saying];
    const event = await this.#ports.questions.ask(meaning.question, from);
    if (event === undefined) return SAYINGS.noAnswer;
    return textOf(event, command.verb) ?? SAYINGS.noAnswer;
  }
}
