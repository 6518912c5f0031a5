import { readFileSync } from 'node:fs';
import { SessionState, type Message } from 'sip.js';
import { Calls } from './calls.ts';
import type { Fields } from './lines.ts';
import { MediaDesk } from './media-desk.ts';
import type { Emit } from './media-tasks.ts';
import type { PhoneOptions } from './phone-options.ts';
import { Registration } from './registration.ts';
import { PhoneAgent } from './user-agent.ts';

/** A packet of silence in µ-law, for a phone without a recording. */
const SILENCE = new Uint8Array(160).fill(0xff);
/** How long `quit` waits for the answers to its BYEs. */
const QUIT_MS = 1_000;

/** A softphone: an agent, its registration, its calls and its media lines. */
export class Softphone {
  readonly agent: PhoneAgent;
  readonly registration: Registration;
  readonly calls: Calls;
  readonly media: MediaDesk;
  readonly emit: Emit;

  constructor(options: PhoneOptions, emit: Emit) {
    const samples = options.voice === undefined ? SILENCE : readFileSync(options.voice);
    this.emit = emit;
    this.calls = new Calls(options, samples, emit);
    this.media = new MediaDesk(options.bind, `${options.user}@${options.domain}`);
    const delegate = {
      onInvite: (invitation: Parameters<Calls['receive']>[0]): void => {
        this.calls.receive(invitation).catch((error: unknown) => this.#failed(error));
      },
      onMessage: (message: Message): void => this.#heard(message),
      onDisconnect: (error?: Error): void => emit('disconnected', { text: error?.message }),
    };
    this.agent = new PhoneAgent(options, delegate, (session) => this.calls.description(session));
    this.registration = new Registration(this.agent);
  }

  /** Opens the sockets: `ready`. Rejects when the server can't be reached. */
  async start(): Promise<void> {
    this.emit('ready', { sip: await this.agent.start() });
  }

  stats(): Fields {
    return { calls: this.calls.all().map((call) => call.facts()), media: this.media.facts() };
  }

  /** Hangs up and closes everything. */
  async quit(): Promise<void> {
    this.registration.stop();
    this.media.closeAll();
    const established = this.calls
      .all()
      .filter((call) => call.session.state === SessionState.Established);
    const gone = Promise.allSettled(established.map((call) => call.hangUp()));
    await Promise.race([gone, new Promise((resolve) => setTimeout(resolve, QUIT_MS).unref())]);
    await this.agent.agent.transport.dispose();
  }

  #heard(message: Message): void {
    message.accept().catch(() => {});
    const { request } = message;
    this.emit('message', { from: request.from.uri.user, text: request.body });
  }

  #failed(error: unknown): void {
    this.emit('failed', { text: error instanceof Error ? error.message : String(error) });
  }
}
