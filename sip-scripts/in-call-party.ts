import { randomUUID } from 'node:crypto';
import { InCallRefusal, readMessage, type InCallMessage } from './in-call-message.ts';
import type { PhoneProcess } from './phone-process.ts';
import type { EventLine, Fields } from './phone/lines.ts';

/** Longer than an honest answer takes on a loaded machine; shorter than a test's patience. */
export const MESSAGE_WAIT_MS = 20_000;

/** A message that went by: for a timeline. */
export interface Passing {
  readonly at: number;
  readonly user: string;
  readonly direction: 'sent' | 'received';
  readonly message: InCallMessage;
}

/** A message with the event that brought it: which call, and when. */
export interface Received {
  readonly message: InCallMessage;
  readonly call: string;
  readonly at: number;
}

/** One party of the in-call protocol: sends messages in INFO and waits for those of the platform. */
export class InCallParty {
  readonly phone: PhoneProcess;
  readonly #watch: (passing: Passing) => void;

  /** @param watch told of every message sent; those received it sees as events of the phone. */
  constructor(phone: PhoneProcess, watch: (passing: Passing) => void = () => {}) {
    this.phone = phone;
    this.#watch = watch;
  }

  /**
   * Sends a message in a call (default: the newest), adding `v` and `id` when they are not given.
   * @returns its id. Rejects when the INFO is not answered 200.
   */
  async send(type: string, fields: Fields, call?: string): Promise<string> {
    const id = typeof fields['id'] === 'string' ? fields['id'] : randomUUID();
    const message: InCallMessage = { v: 1, ...fields, id, type };
    this.#watch({ at: Date.now(), user: this.phone.user, direction: 'sent', message });
    const answer = await this.phone.command('info', {
      body: message,
      ...(call === undefined ? {} : { call }),
    });
    if (answer['status'] === 200) return id;
    const { status, reason } = answer;
    const why = typeof reason === 'string' ? reason : '';
    throw new Error(`${type} got ${String(status)} ${why}`);
  }

  /** The next message that fits, also one that came before. */
  async next(what: string, fits: (message: InCallMessage) => boolean): Promise<Received> {
    const matches = (event: EventLine): boolean => {
      const message = readMessage(event);
      return message !== undefined && fits(message);
    };
    const event = await this.phone.waitFor('info', matches, MESSAGE_WAIT_MS).catch(() => {
      throw new Error(`${this.phone.user}: no ${what} within ${MESSAGE_WAIT_MS} ms`);
    });
    const message = readMessage(event);
    if (message === undefined) throw new Error('not a message');
    return { message, call: String(event['call']), at: event.at };
  }

  /** The next message of a type, of a transfer when one is named. */
  nextOf(type: string, transfer?: string): Promise<Received> {
    return this.next(
      type,
      (message) =>
        message.type === type && (transfer === undefined || message.transfer === transfer),
    );
  }

  /** Sends a message and waits for what answers it. @throws InCallRefusal when that is an error. */
  async ask(type: string, fields: Fields, call?: string): Promise<Received> {
    const id = await this.send(type, fields, call);
    const answer = await this.next(`answer to ${type}`, (message) => message.re === id);
    if (answer.message.type === 'error') throw new InCallRefusal(answer.message);
    return answer;
  }
}
