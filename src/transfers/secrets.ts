import { MidcallError } from '../base/errors.ts';
import { Attempts } from './attempts.ts';
import type { Party, TransferPorts } from './ports.ts';
import { normalCode } from './prompt-code.ts';
import type { Prompt, Subscriber } from './store.ts';

/** Secrets of one party that wait to be checked. Beyond, the party is told to come back: nobody types that fast. */
export const CHECKS_WAITING_MAX = 16;

interface PromptKey {
  readonly token: string;
  /** Absent when a person typed the code. */
  readonly transfer?: string;
}

interface Checks {
  waiting: number;
  /** The end of the queue; never rejects. */
  last: Promise<unknown>;
}

/** Passwords, tokens and codes: each wrong one is counted against who said it, and soon not even looked at. */
export class Secrets {
  readonly #ports: TransferPorts;
  readonly #attempts = new Attempts();
  /** By party, while there are any. */
  readonly #checks = new Map<string, Checks>();

  constructor(ports: TransferPorts) {
    this.#ports = ports;
  }

  /** @throws MidcallError `not-authorized`, the same for an unknown account; `too-many-attempts`. */
  subscriber(account: string, password: string, from: Party): Promise<Subscriber> {
    return this.#inTurn(from, () => this.#subscriber(account, password, from));
  }

  async #subscriber(account: string, password: string, from: Party): Promise<Subscriber> {
    const { store, passwords } = this.#ports;
    this.#admit(from);
    const subscriber = await store.subscriber(account);
    const { match, rehash } = await passwords.verify(subscriber, password);
    if (!match || subscriber === undefined) {
      this.#failed(from);
      throw new MidcallError('not-authorized', 'the number or the storage password is wrong');
    }
    if (rehash !== undefined) await store.rehash(account, rehash);
    return subscriber;
  }

  /** The live prompt that a token or a code names. @throws MidcallError with the reason when there is none. */
  prompt(request: PromptKey, from: Party): Promise<Prompt> {
    return this.#inTurn(from, () => this.#prompt(request, from));
  }

  async #prompt(request: PromptKey, from: Party): Promise<Prompt> {
    const { store, clock } = this.#ports;
    this.#admit(from);
    const prompt =
      (await store.prompt(request.token)) ?? (await store.prompt(normalCode(request.token)));
    if (prompt === undefined || prompt.transfer !== (request.transfer ?? prompt.transfer)) {
      this.#failed(from);
      throw new MidcallError('unknown-prompt', 'there is no such prompt');
    }
    if (prompt.used) throw new MidcallError('prompt-used', 'this prompt was used');
    if (prompt.expiresAt <= clock.wallclock())
      throw new MidcallError('prompt-expired', 'this prompt has expired');
    return prompt;
  }

  /** A receive request by somebody who proved nothing. @throws MidcallError `not-the-receiver`. */
  refuseReceiver(from: Party): never {
    this.#failed(from);
    throw new MidcallError('not-the-receiver', 'this is for somebody else');
  }

  /** One at a time per party: guesses made all at once would pass before the first of them is counted. */
  async #inTurn<T>({ number }: Party, check: () => Promise<T>): Promise<T> {
    const checks = this.#checks.get(number) ?? { waiting: 0, last: Promise.resolve() };
    if (checks.waiting >= CHECKS_WAITING_MAX) {
      this.#ports.log.warn('secret.queue-full', { number });
      throw new MidcallError('busy', 'too many requests at once', { facts: { retryAfter: 1 } });
    }
    this.#checks.set(number, checks);
    checks.waiting += 1;
    const turn = checks.last.then(check).finally(() => {
      checks.waiting -= 1;
      if (checks.waiting === 0) this.#checks.delete(number);
    });
    checks.last = turn.catch(() => {});
    return turn;
  }

  #admit(from: Party): void {
    if (this.#attempts.isBlocked(from.number, this.#ports.clock.now()))
      throw new MidcallError('too-many-attempts', 'too many wrong attempts, try again later');
  }

  #failed(from: Party): void {
    this.#attempts.failed(from.number, this.#ports.clock.now());
    this.#ports.log.warn('secret.wrong', { number: from.number });
  }
}
