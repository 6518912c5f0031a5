import { EmitterImpl, TransportState, type Transport } from 'sip.js';
import type { Address } from '../../src/base/address.ts';
import type { SipLink } from './sip-link.ts';
import { keepMd5Challenges } from './sip-text.ts';

/** sip.js's `Transport` over one of our links. Its state machine is documented with the interface in sip.js. */
export class PhoneTransport implements Transport {
  readonly stateChange: EmitterImpl<TransportState> = new EmitterImpl<TransportState>();
  onConnect: (() => void) | undefined;
  onDisconnect: ((error?: Error) => void) | undefined;
  onMessage: ((message: string) => void) | undefined;
  readonly #link: SipLink;
  #state: TransportState = TransportState.Disconnected;
  /** Where we are reached, once connected. */
  #contact: Address | undefined;

  /** The signature sip.js calls: a logger, then `transportOptions`. */
  constructor(_logger: unknown, options: { readonly link: SipLink }) {
    this.#link = options.link;
  }

  get protocol(): string {
    return this.#link.protocol;
  }

  get state(): TransportState {
    return this.#state;
  }

  /** @throws Error when not connected yet. */
  get contact(): Address {
    if (this.#contact === undefined) throw new Error('not connected');
    return this.#contact;
  }

  isConnected(): boolean {
    return this.#state === TransportState.Connected;
  }

  async connect(): Promise<void> {
    if (this.#state !== TransportState.Disconnected) return;
    this.#enter(TransportState.Connecting);
    try {
      this.#contact = await this.#link.open({
        message: (message) => this.onMessage?.(keepMd5Challenges(message)),
        failed: (error) => this.#lost(error),
      });
    } catch (error) {
      this.#enter(TransportState.Disconnected);
      throw error;
    }
    this.#enter(TransportState.Connected);
    this.onConnect?.();
  }

  async disconnect(): Promise<void> {
    if (this.#state !== TransportState.Connected) return;
    this.#enter(TransportState.Disconnecting);
    await this.#link.close();
    this.#enter(TransportState.Disconnected);
    this.onDisconnect?.();
  }

  async dispose(): Promise<void> {
    await this.disconnect();
    this.stateChange.removeAllListeners();
  }

  send(message: string): Promise<void> {
    if (!this.isConnected()) return Promise.reject(new Error('not connected'));
    return this.#link.send(message);
  }

  #lost(error: Error): void {
    if (!this.isConnected()) return;
    this.#enter(TransportState.Disconnected);
    this.onDisconnect?.(error);
  }

  #enter(state: TransportState): void {
    this.#state = state;
    this.stateChange.emit(state);
  }
}
