import type { SayingName } from '../incall/texts.ts';
import type { TextCommand } from '../incall/text-commands.ts';
import type { Party } from '../transfers/ports.ts';
import type { Calls } from './calls.ts';
import type { Invitations } from './invitations.ts';
import type { Question } from './questions.ts';

/** A question to ask for the person, or what is said at once. */
export type Meaning = { readonly question: Question } | { readonly saying: SayingName };

type Said<V extends TextCommand['verb']> = Extract<TextCommand, { verb: V }>;
type Reading<V extends TextCommand['verb']> = (command: Said<V>, from: Party) => Meaning;

/** What a command of a person means, typed or keyed, in the call that the person is in and after what the person was told. */
export class Meanings {
  readonly #invitations: Invitations;
  readonly #calls: Pick<Calls, 'legOf' | 'peerOf'>;

  constructor(invitations: Invitations, calls: Pick<Calls, 'legOf' | 'peerOf'>) {
    this.#invitations = invitations;
    this.#calls = calls;
  }

  of(command: TextCommand, from: Party): Meaning {
    const read = this.#readings[command.verb] as (command: TextCommand, from: Party) => Meaning;
    return read(command, from);
  }

  readonly #readings: { readonly [V in TextCommand['verb']]: Reading<V> } = {
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
    help: () => ({ saying: 'help' }),
  };

  /** Without `from`, the other party of the call is asked. */
  #store({ pin, from: named, at }: Said<'store'>, from: Party): Meaning {
    const sender = named ?? this.#calls.peerOf(from)?.number;
    if (sender === undefined) return { saying: 'noCall' };
    const threshold = at === undefined ? {} : { threshold: at };
    return { question: { type: 'storage-request', sender, password: pin, ...threshold } };
  }

  #give({ code, to }: Said<'give'>, from: Party): Meaning {
    const prompt = this.#invitations.prompt(from.number, code);
    if (prompt === undefined) return { saying: 'noPrompt' };
    return { question: { type: 'forward-prompt', transfer: prompt.transfer, to } };
  }

  /** What the sender adds next, it adds to a call. */
  #send({ code }: Said<'send'>, from: Party): Meaning {
    if (this.#calls.legOf(from) === undefined) return { saying: 'noCall' };
    const token = code ?? this.#invitations.prompt(from.number)?.token;
    if (token === undefined) return { saying: 'noPrompt' };
    return { question: { type: 'send-request', token } };
  }

  #play({ transfer: named, live }: Said<'play'>, from: Party): Meaning {
    if (this.#calls.legOf(from) === undefined) return { saying: 'noCall' };
    const offer = this.#invitations.offer(from.number, named);
    if (offer === undefined) return { saying: 'noOffer' };
    const { transfer, token } = offer;
    const start = live ? ({ from: 'live' } as const) : {};
    return { question: { type: 'receive-request', transfer, token, ...start } };
  }
}
