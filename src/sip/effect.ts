import type { Buffer } from 'node:buffer';
import type { Address } from '../base/address.ts';
import type { SipMessage } from './message.ts';
import type { Flow } from './transport.ts';
import type { Notice } from './wire-frame.ts';

/** An application connection: a number that `net/` chose. */
export type AppId = number;

/** What happened on the connections of applications. */
export type AppEvent =
  | { readonly kind: 'app-opened'; readonly app: AppId }
  /** Some bytes of an application's connection, cut anywhere. */
  | { readonly kind: 'app-bytes'; readonly app: AppId; readonly bytes: Buffer }
  /** A frame of an application in this process, with the message as a value: nothing had to be written or read. */
  | {
      readonly kind: 'app-frame';
      readonly app: AppId;
      readonly tokens: readonly string[];
      readonly message: SipMessage;
    }
  | { readonly kind: 'app-closed'; readonly app: AppId };

/** What happened outside. */
export type CoreEvent =
  /** One datagram. */
  | { readonly kind: 'datagram'; readonly source: Address; readonly bytes: Buffer }
  /** A stream to or from a peer is up. */
  | { readonly kind: 'opened'; readonly flow: Flow }
  /** Some bytes of a stream, cut anywhere. */
  | { readonly kind: 'bytes'; readonly flow: Flow; readonly bytes: Buffer }
  /** One whole message of a stream that keeps messages apart: WebSocket (RFC 7118 §5). */
  | { readonly kind: 'message'; readonly flow: Flow; readonly bytes: Buffer }
  /** A stream ended or could not be set up, or a datagram could not be sent. */
  | { readonly kind: 'closed'; readonly flow: Flow }
  | AppEvent
  /** A message has waited so long in the queue of the UDP socket, or for the streams that were read before it. */
  | { readonly kind: 'waited'; readonly ms: number }
  /** The deadline has passed. */
  | { readonly kind: 'timer' };

/** What should happen outside, in this order. */
export type Effect =
  /** A stream that is not up is to be set up, unless the bytes are an answer. */
  | { readonly kind: 'send'; readonly flow: Flow; readonly bytes: Buffer }
  | { readonly kind: 'close'; readonly flow: Flow }
  /** A peer says nothing over UDP: if its machine says that nobody listens there, `closed` is to follow. */
  | { readonly kind: 'probe'; readonly remote: Address }
  | { readonly kind: 'frame'; readonly app: AppId; readonly notice: Notice }
  /** After the frames already given. */
  | { readonly kind: 'close-app'; readonly app: AppId }
  | {
      readonly kind: 'log';
      readonly level: 'info' | 'warn';
      readonly event: string;
      readonly facts: Readonly<Record<string, string | number>>;
    };
