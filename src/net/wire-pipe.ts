import { Buffer } from 'node:buffer';
import { Server, Socket } from 'node:net';
import type { SipMessage } from '../sip/message.ts';
import { writeFrame, writeNotice, type Notice } from '../sip/wire-frame.ts';
import type { Wire, WireEvents } from './wire.ts';

/** The only application at this end. */
const APP = 1;

/**
 * The control connection of the application in this process, as if the SIP server had connected to it (drachtio's
 * outbound mode). drachtio-srf is given a socket that is none: two system calls less for each of the 28 frames of a
 * call. One that can takes frames as values (`attach`) and says them so (`say`). What the application says is heard at once; what it is told waits until it has finished its sentence, because
 * drachtio-srf looks out for an answer only after it has sent the question.
 */
export class WirePipe implements Wire {
  /** For the application to listen on; it never opens a port. */
  readonly server: Server = new Server();
  /** What the application takes for its connection. */
  readonly socket: Socket = new Socket();
  /** In outbound mode it is the server that knows which methods the application wants. */
  readonly #verbs: readonly string[];
  #events: WireEvents | undefined;
  /** Frames that the application has not been told yet. */
  #waiting: Notice[] = [];
  /** Takes frames as values; without it they are written. */
  #take: ((notice: Notice) => void) | undefined;
  #connected = false;

  constructor(verbs: readonly string[]) {
    this.#verbs = verbs;
    const socket = this.socket;
    socket.write = (said: string | Uint8Array): boolean => {
      if (this.#connected) this.#events?.onBytes(APP, Buffer.from(said));
      return true;
    };
    socket.end = (): Socket => {
      this.#disconnect();
      return socket;
    };
  }

  open(events: WireEvents): Promise<void> {
    this.#events = events;
    return Promise.resolve();
  }

  /** Once the application listens and the SIP server is up. */
  connect(): void {
    this.#connected = true;
    this.#events?.onOpened(APP);
    this.server.emit('connection', this.socket);
    for (const verb of this.#verbs) this.socket.write(writeFrame(['route', 'route', verb]));
  }

  /** From now on the application is told values. */
  attach(take: (notice: Notice) => void): void {
    this.#take = take;
  }

  /** A frame of the application, with its message as a value. */
  say(tokens: readonly string[], message: SipMessage): void {
    if (this.#connected) this.#events?.onFrame(APP, tokens, message);
  }

  send(_app: number, notice: Notice): void {
    if (this.#waiting.length === 0) process.nextTick(() => this.#tell());
    this.#waiting.push(notice);
  }

  hangUp(): void {
    process.nextTick(() => this.#disconnect());
  }

  close(): Promise<void> {
    this.#disconnect();
    return Promise.resolve();
  }

  #tell(): void {
    const notices = this.#waiting;
    this.#waiting = [];
    for (const notice of notices) {
      if (!this.#connected) return;
      if (this.#take === undefined) this.socket.emit('data', writeNotice(notice));
      else this.#take(notice);
    }
  }

  #disconnect(): void {
    if (!this.#connected) return;
    this.#connected = false;
    this.socket.destroy();
    this.#events?.onClosed(APP);
  }
}
