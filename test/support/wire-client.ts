import { connect, type Socket } from 'node:net';
import { once } from 'node:events';
import type { Address } from '../../src/base/address.ts';
import { readSip, type SipText } from './sip-text.ts';

/** How long a test waits for a frame that must come, ms. */
const WAIT_MS = 20_000;
const SHOWN = 8;

/** A frame as it came. */
export interface WireText {
  readonly tokens: readonly string[];
  /** The SIP message under the meta line; undefined when there is none. */
  readonly message: SipText | undefined;
  /** Its text, byte for byte. */
  readonly text: string;
}

interface Waiter {
  readonly wants: (frame: WireText) => boolean;
  readonly resolve: (frame: WireText) => void;
  readonly timer: NodeJS.Timeout;
}

/** An application made of text: speaks the drachtio wire protocol by itself, without drachtio-srf or the code under test. */
export class WireClient {
  /** Everything that came, in order. */
  readonly received: WireText[] = [];
  /** Resolves when the server closes the connection, or we do. */
  readonly closed: Promise<unknown>;
  readonly #socket: Socket;
  readonly #unread: WireText[] = [];
  readonly #waiters = new Set<Waiter>();
  #pending: Buffer = Buffer.alloc(0);
  #ids = 0;

  private constructor(socket: Socket) {
    this.#socket = socket;
    this.closed = once(socket, 'close');
    socket.on('error', () => {});
    socket.on('data', (bytes) => {
      this.#pending = Buffer.concat([this.#pending, bytes]);
      this.#cut();
    });
  }

  static async open(admin: Address): Promise<WireClient> {
    const socket = connect(admin.port, admin.address);
    await once(socket, 'connect');
    return new WireClient(socket);
  }

  /** Bytes as they are. */
  write(bytes: string | Buffer): void {
    this.#socket.write(bytes);
  }

  /** @returns the bytes of a frame: its length counts bytes, not characters. */
  frame(line: string, message?: string): Buffer {
    const payload = Buffer.from(message === undefined ? line : `${line}\r\n${message}`);
    return Buffer.concat([Buffer.from(`${payload.length}#`), payload]);
  }

  /** @returns the id of the frame that was sent. */
  send(line: string, message?: string): string {
    const id = `probe-${++this.#ids}`;
    this.write(this.frame(`${id}|${line}`, message));
    return id;
  }

  /** Sends a frame and waits for its answer. */
  ask(line: string, message?: string): Promise<WireText> {
    return this.answer(this.send(line, message));
  }

  /** What follows `response` and the id in the answer to that frame. */
  async verdict(line: string, message?: string): Promise<readonly string[]> {
    return (await this.ask(line, message)).tokens.slice(3);
  }

  answer(id: string): Promise<WireText> {
    return this.next(({ tokens }) => tokens[1] === 'response' && tokens[2] === id, `answer ${id}`);
  }

  /** The next request that the server shows. */
  request(method: string): Promise<WireText> {
    return this.next((it) => isShown(it) && it.message?.method === method, method);
  }

  /** The next response that the server shows. */
  response(status: number): Promise<WireText> {
    return this.next((it) => isShown(it) && it.message?.status === status, String(status));
  }

  next(wants: (frame: WireText) => boolean, what: string): Promise<WireText> {
    const at = this.#unread.findIndex(wants);
    const [found] = at < 0 ? [] : this.#unread.splice(at, 1);
    if (found !== undefined) return Promise.resolve(found);
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => {
        this.#waiters.delete(waiter);
        const seen = this.received.slice(-SHOWN).map(({ tokens }) => tokens.join('|'));
        reject(new Error(`the application got no ${what}; last came ${seen.join('  ')}`));
      }, WAIT_MS);
      const waiter: Waiter = { wants, resolve, timer };
      this.#waiters.add(waiter);
    });
  }

  /** All that the server has to say now has come when this is over. */
  async settle(): Promise<void> {
    await this.ask('ping');
  }

  /** Messages of a method or status that were shown so far. */
  shown(start: string): readonly WireText[] {
    return this.received.filter(
      (it) => isShown(it) && it.message?.start.startsWith(start) === true,
    );
  }

  async close(): Promise<void> {
    for (const { timer } of this.#waiters) clearTimeout(timer);
    this.#waiters.clear();
    this.#socket.destroy();
    await this.closed;
  }

  #cut(): void {
    for (let hash = this.#pending.indexOf('#'); hash > 0; hash = this.#pending.indexOf('#')) {
      const end = hash + 1 + Number(this.#pending.toString('latin1', 0, hash));
      if (this.#pending.length < end) return;
      this.#take(readFrame(this.#pending.toString('utf8', hash + 1, end)));
      this.#pending = this.#pending.subarray(end);
    }
  }

  #take(frame: WireText): void {
    this.received.push(frame);
    const waiter = [...this.#waiters].find(({ wants }) => wants(frame));
    if (waiter === undefined) {
      this.#unread.push(frame);
      return;
    }
    clearTimeout(waiter.timer);
    this.#waiters.delete(waiter);
    waiter.resolve(frame);
  }
}

const isShown = ({ tokens }: WireText): boolean => tokens[1] === 'sip';

function readFrame(payload: string): WireText {
  const end = payload.indexOf('\r\n');
  const line = end < 0 ? payload : payload.slice(0, end);
  const text = end < 0 ? '' : payload.slice(end + 2);
  return { tokens: line.split('|'), message: text === '' ? undefined : readSip(text), text };
}
