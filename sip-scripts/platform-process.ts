import { execFile } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { LineProcess } from './line-process.ts';
import { isFields, number, parseLine, text, type EventLine, type Fields } from './phone/lines.ts';

const START_MS = 60_000;
/** A command of the CLI: scrypt and a database open, with room for a loaded machine. */
const CLI_MS = 60_000;
const OUTPUT_BYTES_MAX = 4 << 20;

const run = promisify(execFile);

export interface PlatformProcessOptions {
  /** Folder of the built code, the one that holds `src/cli.js`. */
  readonly dist: string;
  /** Where it keeps its data; a temporary folder by default, removed at the end. */
  readonly dataDir?: string;
  /** More settings, as the configuration table of README.md names them. */
  readonly env?: Readonly<Record<string, string>>;
}

/** The platform in its own process, on free ports of the loopback. */
export class PlatformProcess {
  /** Where phones register and call. */
  readonly sip: { readonly host: string; readonly port: number };
  /** Where the storage box and the HTTP API are: `http://host:port`; empty when they are off. */
  readonly web: string;
  readonly dataDir: string;
  /** The event it announced itself with. */
  readonly ready: EventLine;
  readonly #process: LineProcess;
  readonly #cli: string;
  readonly #env: Readonly<Record<string, string>>;
  /** A folder of ours, to remove. */
  readonly #temporary: string | undefined;

  private constructor(parts: PlatformParts, ready: EventLine) {
    this.#process = parts.child;
    this.#cli = parts.cli;
    this.#env = parts.env;
    this.#temporary = parts.temporary;
    this.ready = ready;
    const sip = isFields(ready['sip']) ? ready['sip'] : {};
    this.sip = { host: text(sip, 'address'), port: number(sip, 'port') };
    const http = ready['http'];
    this.web = isFields(http) ? `http://${text(http, 'address')}:${number(http, 'port')}` : '';
    this.dataDir = text(ready, 'dataDir');
  }

  /** Resolves when it listens. Rejects, with the process ended and its folder removed, when it does not. */
  static async start(options: PlatformProcessOptions): Promise<PlatformProcess> {
    const { dist, dataDir, env = {} } = options;
    const temporary = dataDir === undefined ? await mkdtemp(join(tmpdir(), 'midcall-')) : undefined;
    const cli = `${dist}/src/cli.js`;
    const settings = {
      MIDCALL_SIP_PORT: '0',
      MIDCALL_HTTP_PORT: '0',
      ...env,
      MIDCALL_DATA_DIR: dataDir ?? temporary ?? '',
    };
    const child = new LineProcess({ script: cli, args: ['serve', '--json'], env: settings });
    const parts = { child, cli, env: settings, temporary };
    try {
      return new PlatformProcess(parts, await child.waitFor('ready', undefined, START_MS));
    } catch (error) {
      await child.stop('SIGKILL');
      await removeFolder(temporary);
      throw error;
    }
  }

  get pid(): number | undefined {
    return this.#process.pid;
  }

  /** All it has reported on stdout. */
  get events(): readonly EventLine[] {
    return this.#process.events;
  }

  /** The end of its log. */
  get stderr(): string {
    return this.#process.stderr;
  }

  /** See {@link LineProcess.waitFor}. */
  waitFor: LineProcess['waitFor'] = (...args) => this.#process.waitFor(...args);

  /** Runs a command of the CLI on the same data. @returns its stdout. Rejects when its exit code is not 0. */
  async cli(args: readonly string[]): Promise<string> {
    const { stdout } = await run(process.execPath, [this.#cli, ...args, '--json'], {
      env: { ...process.env, ...this.#env },
      timeout: CLI_MS,
      maxBuffer: OUTPUT_BYTES_MAX,
    });
    return stdout;
  }

  /** As `cli`, with the JSON object that it printed: the whole output, or its last line. */
  async cliObject(args: readonly string[]): Promise<Fields> {
    const stdout = await this.cli(args);
    const object = parseLine(stdout) ?? parseLine(stdout.trimEnd().split('\n').at(-1) ?? '');
    if (object === undefined) throw new Error(`no JSON object: ${stdout}`);
    return object;
  }

  /** Ctrl-C: it drains and ends. @returns its exit code. Repeatable. */
  async stop(): Promise<number> {
    const code = await this.#process.stop('SIGINT');
    await removeFolder(this.#temporary);
    return code;
  }

  /** Like a power cut. The data stays, for a restart with the same folder. */
  async kill(): Promise<void> {
    await this.#process.stop('SIGKILL');
  }
}

interface PlatformParts {
  readonly child: LineProcess;
  readonly cli: string;
  readonly env: Readonly<Record<string, string>>;
  readonly temporary: string | undefined;
}

async function removeFolder(path: string | undefined): Promise<void> {
  if (path !== undefined) await rm(path, { recursive: true, force: true });
}
