import type { Log } from '../base/log.ts';
import type { WirePipe } from '../net/wire-pipe.ts';
import type { Notice } from '../sip/wire-frame.ts';
import {
  frameworkMessage,
  messageFrom,
  type Additions,
  type FrameworkMessage,
} from './framework-message.ts';

/** The parts of drachtio-srf's agent that read and write frames. */
export interface Agent {
  readonly wp: { emit(event: 'msg', socket: object, frame: FrameParts): boolean };
  sendMessage(socket: object, message: FrameworkMessage, options?: Destination): string;
}

/** Which transaction or dialog a message is for. */
type Destination = Additions & {
  readonly stackTxnId?: string;
  readonly stackDialogId?: string;
};

/**
 * Spares the frames between drachtio-srf and a SIP server in the same process from being written and read: most of what a call
 * would cost. They mean what they mean on a connection (docs/drachtio-wire-protocol.md), and what drachtio-srf says
 * otherwise (its own requests, and its routes) still comes as text.
 */
export function passValues(agent: Agent, pipe: WirePipe, log: Log): void {
  const write = agent.sendMessage.bind(agent);
  let said = 0;
  agent.sendMessage = (socket, message, options = {}) => {
    const value = socket === pipe.socket ? messageFrom(message, options) : undefined;
    if (value === undefined) return write(socket, message, options);
    const id = `v${++said}`;
    const { stackTxnId = '', stackDialogId = '' } = options;
    pipe.say([id, 'sip', stackTxnId, stackDialogId], value);
    return id;
  };
  pipe.attach((notice) => {
    try {
      agent.wp.emit('msg', pipe.socket, new FrameParts(notice));
    } catch (cause) {
      log.error('request.failed', {
        cause: cause instanceof Error ? (cause.stack ?? cause.message) : String(cause),
      });
    }
  });
}

/**
 * A frame in place of its text. drachtio-srf asks a text three things: where its first line ends, for the tokens of that line, and for what
 * follows, from which it makes a message whether it is text or parsed already.
 */
class FrameParts {
  readonly #notice: Notice;

  constructor(notice: Notice) {
    this.#notice = notice;
  }

  indexOf(): number {
    return this.#notice.message === undefined ? -1 : 0;
  }

  /** Up to somewhere: the first line. From somewhere: the message, made only when somebody wants it. */
  slice(_start: number, end?: number): FrameParts | FrameworkMessage | string {
    const { message } = this.#notice;
    return end !== undefined || message === undefined ? this : frameworkMessage(message);
  }

  split(): string[] {
    return this.#notice.tokens.map(String);
  }
}
