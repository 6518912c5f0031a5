import type { Buffer } from 'node:buffer';
import type { SipMessage } from '../sip/message.ts';
import type { Notice } from '../sip/wire-frame.ts';

/** What happens on the connections of applications, each known by a number. */
export interface WireEvents {
  onOpened(app: number): void;
  onBytes(app: number, bytes: Buffer): void;
  /** A frame whose message is a value. */
  onFrame(app: number, tokens: readonly string[], message: SipMessage): void;
  onClosed(app: number): void;
}

/** How applications reach the SIP server: over TCP (`wire-listener.ts`), or from within this process (`wire-pipe.ts`). */
export interface Wire {
  /** @throws Node's error when there is a port and it can't be had. */
  open(events: WireEvents): Promise<void>;
  send(app: number, notice: Notice): void;
  /** After the frames already sent. */
  hangUp(app: number): void;
  /** When it resolves, `onClosed` was called for all. */
  close(): Promise<void>;
}
