import { LineProcess, WAIT_MS, type Predicate } from './line-process.ts';
import type { EventLine, Fields } from './phone/lines.ts';

/** Time for the answers to its BYEs; then it is killed. */
const QUIT_MS = 3_000;

export interface PhoneProcessOptions {
  /** Folder of the built code, the one that holds `sip-scripts/phone.js`. */
  readonly dist: string;
  /** As phone/phone-options.ts reads them. */
  readonly phone: Fields;
  /** Told every event as it comes. */
  readonly onEvent?: (event: EventLine) => void;
}

/** A softphone in its own process, driven from here. */
export class PhoneProcess {
  /** The address others reach it at. */
  readonly sip: { readonly address: string; readonly port: number };
  readonly user: string;
  readonly #process: LineProcess;
  #commands = 0;

  private constructor(child: LineProcess, user: string, ready: EventLine) {
    this.#process = child;
    this.user = user;
    this.sip = readAddress(ready);
  }

  /** Resolves when its sockets are open. Rejects, with the process ended, when they can't be. */
  static async start(options: PhoneProcessOptions): Promise<PhoneProcess> {
    const script = `${options.dist}/sip-scripts/phone.js`;
    const { onEvent } = options;
    const child = new LineProcess({ script, ...(onEvent === undefined ? {} : { onEvent }) });
    child.write(options.phone);
    try {
      const first = await child.waitForAny(startEnded, 'ready');
      if (first.event !== 'ready') throw new Error(String(first['text']));
      return new PhoneProcess(child, String(options.phone['user']), first);
    } catch (error) {
      await child.stop('SIGKILL');
      throw error;
    }
  }

  get pid(): number | undefined {
    return this.#process.pid;
  }

  get events(): readonly EventLine[] {
    return this.#process.events;
  }

  /** Gives a command. Resolves with the fields of its `done`; rejects with the text of its `error`. */
  async command(name: string, args: Fields = {}, timeoutMs: number = WAIT_MS): Promise<Fields> {
    const id = ++this.#commands;
    this.#process.write({ ...args, id, command: name });
    const answers: Predicate = (event) => event['id'] === id && isAnswer(event);
    const answer = await this.#process.waitForAny(answers, `answer to ${name}`, timeoutMs);
    if (answer.event === 'error') throw new Error(`${name}: ${String(answer['text'])}`);
    return answer;
  }

  /** See {@link LineProcess.waitFor}. */
  waitFor(name: string, matches?: Predicate, timeoutMs?: number): Promise<EventLine> {
    return this.#process.waitFor(name, matches, timeoutMs);
  }

  /** See {@link LineProcess.waitForAny}. */
  waitForAny(matches: Predicate, what: string, timeoutMs?: number): Promise<EventLine> {
    return this.#process.waitForAny(matches, what, timeoutMs);
  }

  /** Hangs up and ends; killed by its process id when it does not. Repeatable. */
  async stop(): Promise<void> {
    if (this.#process.exitCode !== undefined) return;
    this.#process.write({ id: ++this.#commands, command: 'quit' });
    await this.#process.exited(QUIT_MS);
  }

  /** Ends it at once, like a phone that lost its battery. */
  async kill(): Promise<void> {
    await this.#process.stop('SIGKILL');
  }
}

const startEnded: Predicate = (event) => event.event === 'ready' || event.event === 'failed';
const isAnswer: Predicate = (event) => event.event === 'done' || event.event === 'error';

function readAddress(ready: EventLine): { address: string; port: number } {
  const sip: unknown = ready['sip'];
  if (typeof sip !== 'object' || sip === null) throw new Error('ready without an address');
  const fields: Fields = { ...sip };
  return { address: String(fields['address']), port: Number(fields['port']) };
}
