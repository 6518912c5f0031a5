import type { Log } from '../base/log.ts';
import { correctionOf, SAYINGS, textOf } from '../incall/texts.ts';
import { readText } from '../incall/text-commands.ts';
import type { TextCommand } from '../incall/text-commands.ts';
import type { Party } from '../transfers/ports.ts';
import type { Calls } from './calls.ts';
import type { Invitations } from './invitations.ts';
import type { Question, Questions } from './questions.ts';
import { stackOf } from './sip-application.ts';

export interface TextFacePorts {
  readonly questions: Pick<Questions, 'ask'>;
  readonly invitations: Invitations;
  readonly calls: Pick<Calls, 'legOf' | 'peerOf'>;
  /** Sends a text. */
  readonly say: (party: Party, text: string) => void;
  readonly log: Log;
}

/** A question to ask for the person, or what is said at once. */
type Meaning = { readonly question: Question } | { readonly text: string };

type Typed<V extends TextCommand['verb']> = Extract<TextCommand, { verb: V }>;
type Reading<V extends TextCommand['verb']> = (command: Typed<V>, from: Party) => Meaning;

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
    const meaning = this.#meaning(command, from);
    if ('text' in meaning) return meaning.text;
    const event = await this.#ports.questions.ask(meaning.question, from);
    if (event === undefined) return SAYINGS.noAnswer;
    return textOf(event, command.verb) ?? SAYINGS.noAnswer;
  }

  readonly #meanings: { readonly [V in TextCommand['verb']]: Reading<V> } = {
    store: (command, from) => this.#store(command, from),
    prompt: ({ pin }) => ({ question: { type: 'storage-instruction', password: pin } }),
    give: (command, from) => this.#give(command, from),
    send: (command, from) => this.#send(command, from),
    play: (command, from) => this.#play(command, from),
    status: () => ({ question: { type: 'status-request' } }),
    cancel: ({ transfer }) => ({
      question: { type: 'cancel', ...(transfer === undefined ? {} : { transfer }) },
    }),
    list: ({ pin }) => ({ question: { type: 'list-request', password: pin } }),
    delete: ({ transfer, pin }) => ({
      question: { type: 'delete-request', transfer, password: pin },
    }),
    help: () => ({ text: SAYINGS.help }),
  };

  #meaning(command: TextCommand, from: Party): Meaning {
    const read = this.#meanings[command.verb] as (command: TextCommand, from: Party) => Meaning;
    return read(command, from);
  }

  /** Without `from`, the other party of the call is asked. */
  #store({ pin, from: named, at }: Typed<'store'>, from: Party): Meaning {
    const sender = named ?? this.#ports.calls.peerOf(from)?.number;
    if (sender === undefined) return { text: SAYINGS.noCall };
    const threshold = at === undefined ? {} : { threshold: at };
    return { question: { type: 'storage-request', sender, password: pin, ...threshold } };
  }

  #give({ code, to }: Typed<'give'>, from: Party): Meaning {
    const prompt = this.#ports.invitations.prompt(from.number, code);
    if (prompt === undefined) return { text: SAYINGS.noPrompt };
    return { question: { type: 'forward-prompt', transfer: prompt.transfer, to } };
  }

  /** What the sender adds next, it adds to a call. */
  #send({ code }: Typed<'send'>, from: Party): Meaning {
    if (this.#ports.calls.legOf(from) === undefined) return { text: SAYINGS.noCall };
    const token = code ?? this.#ports.invitations.prompt(from.number)?.token;
    if (token === undefined) return { text: SAYINGS.noPrompt };
    return { question: { type: 'send-request', token } };
  }

  #play({ transfer: named, live }: Typed<'play'>, from: Party): Meaning {
    if (this.#ports.calls.legOf(from) === undefined) return { text: SAYINGS.noCall };
    const offer = this.#ports.invitations.offer(from.number, named);
    if (offer === undefined) return { text: SAYINGS.noOffer };
    const { transfer, token } = offer;
    const start = live ? ({ from: 'live' } as const) : {};
    return { question: { type: 'receive-request', transfer, token, ...start } };
  }
}
