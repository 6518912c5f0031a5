import { MidcallError } from '../base/errors.ts';
import type { StoreRequest } from '../incall/commands.ts';
import { Attempts } from './attempts.ts';
import type { Party, TransferPorts } from './ports.ts';
import { normalCode } from './prompt-code.ts';
import type { Prompt, Subscriber } from './store.ts';

/** Passwords, tokens and codes: each wrong one is counted against who said it, and soon not even looked at. */
export class Secrets {
  readonly #ports: TransferPorts;
  readonly #attempts = new Attempts();

  constructor(ports: TransferPorts) {
    this.#ports = ports;
  }

  /** @throws MidcallError `not-authorized`, the same for an unknown account; `too-many-attempts`. */
  async subscriber(account: string, password: string, from: Party): Promise<Subscriber> {
    const { store, passwords } = this.#ports;
    this.#admit(from);
    const subscriber = await store.subscriber(account);
    const { match, rehash } = await passwords.verify(subscriber, password);
    if (!match || subscriber === undefined) {
      this.#failed(from);
      throw new MidcallError('not-authorized', 'the number or the storage password is wrong');
    }
    this.#attempts.succeeded(from.number);
    if (rehash !== undefined) await store.rehash(account, rehash);
    return subscriber;
  }

  /** The live prompt of a store request. @throws MidcallError with the reason when there is none. */
  async prompt(request: StoreRequest, from: Party): Promise<Prompt> {
    const { store, clock } = this.#ports;
    this.#admit(from);
    const prompt =
      (await store.prompt(request.token)) ?? (await store.prompt(normalCode(request.token)));
    if (prompt === undefined || prompt.transfer !== request.transfer) {
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

  #admit(from: Party): void {
    if (this.#attempts.isBlocked(from.number, this.#ports.clock.now()))
      throw new MidcallError('too-many-attempts', 'too many wrong attempts, try again later');
  }

  #failed(from: Party): void {
    this.#attempts.failed(from.number, this.#ports.clock.now());
    this.#ports.log.warn('secret.wrong', { number: from.number });
  }
}
