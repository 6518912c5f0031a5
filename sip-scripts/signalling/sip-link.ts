import type { Address } from '../../src/base/address.ts';

/** Carries whole SIP messages; routes requests to the server, or to where their URI says when there is none. */
export interface SipLink {
  /** As the Via header names it. */
  readonly protocol: 'TCP' | 'UDP';
  /** Opens sockets. @returns the address others reach us at: it goes into Contact. Rejects when the server can't be reached. */
  open(listener: SipLinkListener): Promise<Address>;
  /** Rejects when the message can't be sent. */
  send(message: string): Promise<void>;
  close(): Promise<void>;
}

export interface SipLinkListener {
  message(message: string): void;
  /** The way to the server is gone. */
  failed(error: Error): void;
}

export interface SipLinkOptions {
  /** Local address to bind, numeric. */
  readonly bind: string;
  /** Where all requests go (an outbound proxy); without it, where their URI says. */
  readonly server?: Address;
}
