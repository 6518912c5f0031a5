import { Buffer } from 'node:buffer';
import { Server, Socket } from 'node:net';
import { writeFrame } from '../sip/wire-frame.ts';
import type { Wire, WireEvents } from './wire.ts';

/** The only application at this end. */
const APP = 1;

/**
 * The control connection of the application in this process, as if the SIP server had connected to it (drachtio's
 * outbound mode). drachtio-srf is given a socket that is none: two system calls less for each of the 28 frames of a
 * call. What the application says is heard at once; what it is told waits until it has finished its sentence, because
 * drachtio-srf looks out for an answer only after it has sent the question.
 */
export class WirePipe implements Wire {
  /** For the application to listen on; it never opens a port. */
  readonly server: Server = new Server();
  readonly #socket: Socket = new Socket();
  /** In outbound mode it is the server that knows which methods the application wants. */
  readonly #verbs: readonly string[];
  #events: WireEvents | undefined;
  /** Frames that the application has not been told yet. */
  #waiting: Buffer[] = [];
  #connected = false;

  constructor(verbs: readonly string[]) {
    this.#verbs = verbs;
    const socket = this.#socket;
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
    this.server.emit('connection', this.#socket);
    for (const verb of this.#verbs) this.#socket.write(writeFrame(['route', 'route', verb]));
  }

  send(_app: number, frame: Buffer): void {
    if (this.#waiting.length === 0) process.nextTick(() => this.#tell());
    this.#waiting.push(frame);
  }

  hangUp(): void {
    process.nextTick(() => this.#disconnect());
  }

  close(): Promise<void> {
    this.#disconnect();
    return Promise.resolve();
  }

  #tell(): void {
    const frames = this.#waiting;
    this.#waiting = [];
    for (const frame of frames) {
      if (this.#connected) this.#socket.emit('data', frame);
    }
  }

  #disconnect(): void {
    if (!this.#connected) return;
    this.#connected = false;
    this.#socket.destroy();
    this.#events?.onClosed(APP);
  }
}
