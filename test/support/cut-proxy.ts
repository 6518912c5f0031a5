import { once } from 'node:events';
import { connect, createServer, type Server, type Socket } from 'node:net';

/** What becomes of bytes on their way to the server, and of their connection. */
export type Fate = 'pass' | 'cut' | 'stall' | 'cut-at-answer';

/** A line to a server that a test can cut or stop, at the byte that it likes. */
export class CutProxy {
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();
  /** Asked for each piece that goes to the server. */
  fate: (sent: Buffer) => Fate = () => 'pass';
  /** Each piece to the server waits this long, and those behind it as well. */
  delayMs = 0;

  private constructor(server: Server, target: number) {
    this.#server = server;
    server.on('connection', (near) => this.#join(near, connect(target, '127.0.0.1')));
  }

  static async open(target: number): Promise<CutProxy> {
    const server = createServer();
    const proxy = new CutProxy(server, target);
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    return proxy;
  }

  get port(): number {
    const address = this.#server.address();
    if (address === null || typeof address === 'string') throw new Error('not listening');
    return address.port;
  }

  async close(): Promise<void> {
    const closed = once(this.#server, 'close');
    this.#server.close();
    for (const socket of this.#sockets) socket.destroy();
    await closed;
  }

  #join(near: Socket, far: Socket): void {
    const both = [near, far];
    const cut = (): void => both.forEach((socket) => void socket.destroy());
    for (const socket of both) {
      this.#sockets.add(socket);
      socket.on('error', cut).on('close', () => {
        this.#sockets.delete(socket);
        cut();
      });
    }
    let isAnswerCut = false;
    near.on('data', (bytes) => {
      const fate = this.fate(bytes);
      if (fate === 'cut') return cut();
      if (fate === 'cut-at-answer') isAnswerCut = true;
      if (fate !== 'stall') this.#pass(bytes, near, far);
    });
    far.on('data', (bytes) => (isAnswerCut ? cut() : void near.write(bytes)));
  }

  #pass(bytes: Buffer, near: Socket, far: Socket): void {
    if (this.delayMs === 0) return void far.write(bytes);
    near.pause();
    setTimeout(() => {
      if (!far.destroyed) far.write(bytes);
      near.resume();
    }, this.delayMs);
  }
}
