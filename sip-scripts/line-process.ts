import { spawn, type ChildProcessWithoutNullStreams } from 'node:child_process';
import { createInterface } from 'node:readline';
import { parseLine, type EventLine, type Fields } from './phone/lines.ts';

/** Longer than any SIP transaction (64·T1 = 32 s), so that a timeout here means a fault of ours. */
export const WAIT_MS = 40_000;
/** Time to leave in peace after being asked; then it is killed. */
const STOP_MS = 10_000;
/** What is kept of stderr, for the text of an error. */
const STDERR_CHARACTERS_MAX = 4_096;

export type Predicate = (event: EventLine) => boolean;

interface Waiter {
  readonly matches: Predicate;
  readonly resolve: (event: EventLine) => void;
  readonly reject: (error: Error) => void;
}

export interface LineProcessOptions {
  /** A JavaScript file for Node. */
  readonly script: string;
  readonly args?: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  /** Told every event as it comes. */
  readonly onEvent?: (event: EventLine) => void;
}

/**
 * A Node process that reports by a JSON object a line on stdout. It is ended by its process id. When this process dies, the
 * child's stdin closes: a phone takes that as its end.
 */
export class LineProcess {
  /** All events so far, in order. */
  readonly events: EventLine[] = [];
  readonly #child: ChildProcessWithoutNullStreams;
  readonly #name: string;
  readonly #exited: Promise<number>;
  readonly #waiters = new Set<Waiter>();
  /** Events that a `waitFor` has given out: the next one gives the next. */
  readonly #taken = new WeakSet<EventLine>();
  #stderr = '';
  #exitCode: number | undefined;

  constructor(options: LineProcessOptions) {
    const { script, args = [], env = {}, onEvent } = options;
    this.#name = script.split('/').at(-1) ?? script;
    this.#child = spawn(process.execPath, [script, ...args], { env: { ...process.env, ...env } });
    this.#exited = new Promise((resolve) => {
      this.#child.once('close', (code, signal) => resolve(this.#ended(code, signal)));
      this.#child.once('error', () => resolve(this.#ended(null, null)));
    });
    // A child that is gone can't be written to; `close` says so.
    this.#child.stdin.on('error', () => {});
    this.#child.stderr.on('data', (text: Buffer) => this.#complained(text.toString()));
    createInterface({ input: this.#child.stdout }).on('line', (line) => this.#line(line, onEvent));
  }

  get pid(): number | undefined {
    return this.#child.pid;
  }

  /** Undefined while it runs; 128 and more for a signal, as a shell has it. */
  get exitCode(): number | undefined {
    return this.#exitCode;
  }

  /** The end of what it wrote to stderr. */
  get stderr(): string {
    return this.#stderr;
  }

  write(fields: Fields): void {
    this.#child.stdin.write(`${JSON.stringify(fields)}\n`);
  }

  /**
   * The first event, past or to come, that matches and that no earlier `waitFor` was given. Rejects when the process
   * ends or the time is over.
   */
  waitFor(
    name: string,
    matches: Predicate = () => true,
    timeoutMs: number = WAIT_MS,
  ): Promise<EventLine> {
    const wanted: Predicate = (event) => event.event === name && matches(event);
    return this.waitForAny(wanted, name, timeoutMs);
  }

  /** As `waitFor`, over events of any name. @param what names what is awaited, for the error's text. */
  waitForAny(matches: Predicate, what: string, timeoutMs: number = WAIT_MS): Promise<EventLine> {
    const known = this.events.find((event) => !this.#taken.has(event) && matches(event));
    if (known !== undefined) {
      this.#taken.add(known);
      return Promise.resolve(known);
    }
    if (this.#exitCode !== undefined) return Promise.reject(this.#gone(what));
    return this.#wait(matches, what, timeoutMs);
  }

  /** Sends a signal and waits for the end; kills it when that takes too long. @returns the exit code. */
  async stop(signal: NodeJS.Signals = 'SIGTERM'): Promise<number> {
    if (this.#exitCode !== undefined) return this.#exitCode;
    this.#child.kill(signal);
    return this.exited(STOP_MS);
  }

  /** Waits for the end that it was asked for otherwise; kills it after `timeoutMs`. @returns the exit code. */
  async exited(timeoutMs: number): Promise<number> {
    const timer = setTimeout(() => this.#child.kill('SIGKILL'), timeoutMs);
    const code = await this.#exited;
    clearTimeout(timer);
    return code;
  }

  #wait(matches: Predicate, what: string, timeoutMs: number): Promise<EventLine> {
    return new Promise((resolve, reject) => {
      const waiter: Waiter = {
        matches,
        resolve: (event) => (clearTimeout(timer), resolve(event)),
        reject: (error) => (clearTimeout(timer), reject(error)),
      };
      const timer = setTimeout(() => {
        this.#waiters.delete(waiter);
        reject(
          new Error(`${this.#name}: no ${what} within ${timeoutMs} ms ${this.#stderr}`.trim()),
        );
      }, timeoutMs);
      this.#waiters.add(waiter);
    });
  }

  #line(line: string, onEvent: ((event: EventLine) => void) | undefined): void {
    const fields = parseLine(line);
    if (typeof fields?.['event'] !== 'string') return;
    const at = typeof fields['at'] === 'number' ? fields['at'] : Date.now();
    const event: EventLine = { ...fields, event: fields['event'], at };
    this.events.push(event);
    onEvent?.(event);
    for (const waiter of this.#waiters) {
      if (this.#taken.has(event) || !waiter.matches(event)) continue;
      this.#taken.add(event);
      this.#waiters.delete(waiter);
      waiter.resolve(event);
    }
  }

  #complained(text: string): void {
    this.#stderr = (this.#stderr + text).slice(-STDERR_CHARACTERS_MAX);
  }

  #ended(code: number | null, signal: NodeJS.Signals | null): number {
    this.#exitCode = code ?? (signal === null ? 127 : 128);
    for (const waiter of this.#waiters) waiter.reject(this.#gone('what was awaited'));
    this.#waiters.clear();
    return this.#exitCode;
  }

  #gone(what: string): Error {
    return new Error(`${this.#name} ended (${this.#exitCode}) before ${what}: ${this.#stderr}`);
  }
}
