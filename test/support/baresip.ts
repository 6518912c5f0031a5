import { spawn, type ChildProcessWithoutNullStreams } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, readdir, writeFile } from 'node:fs/promises';
import { createServer, connect, type Socket } from 'node:net';
import { join } from 'node:path';

const HOST = '127.0.0.1';
/** Longer than a SIP transaction. */
const WAIT_MS = 40_000;
const STOP_MS = 5_000;
const START_MS = 30_000;
const START_TRIES = 3;
const OUTPUT_CHARACTERS_MAX = 1_000_000;
const RTP_PORTS = 40;

const MODULES =
  'stdio g711 opus sndfile aubridge aufile avcodec vp8 fakevideo snapshot srtp dtls_srtp'.split(
    ' ',
  );

export interface BaresipOptions {
  readonly user: string;
  readonly password: string;
  readonly domain: string;
  readonly server: { readonly host: string; readonly port: number };
  readonly transport: 'udp' | 'tcp';
  /** `pcmu` or `opus/48000/2`. */
  readonly voice: string;
  /** `vp8` or `h264`. */
  readonly video: string;
  /** Whom it calls and writes to. */
  readonly peer: string;
  /** What it says: a WAV file. */
  readonly wav: string;
  /** A folder of its own. */
  readonly folder: string;
  /** First of its RTP ports. */
  readonly rtpPort: number;
}

interface Said {
  readonly event?: boolean;
  readonly type?: string;
  readonly param?: string;
  readonly response?: boolean;
  readonly ok?: boolean;
  readonly data?: string;
  readonly token?: string;
}

/** Debian's baresip, unmodified, without a screen: driven over its control port as a person would drive it by hand. */
export class Baresip {
  readonly options: BaresipOptions;
  readonly #child: ChildProcessWithoutNullStreams;
  readonly #control: Socket;
  readonly #exited: Promise<unknown>;
  /** Events that came, oldest first. */
  readonly #events: Said[] = [];
  readonly #waiting = new Set<() => void>();
  #output = '';
  #read = Buffer.alloc(0);
  #tokens = 0;
  /** Texts that were given out, or passed over. */
  #heardAt = 0;

  private constructor(
    options: BaresipOptions,
    child: ChildProcessWithoutNullStreams,
    control: Socket,
  ) {
    this.options = options;
    this.#child = child;
    this.#control = control;
    this.#exited = once(child, 'close');
    const take = (chunk: Buffer): void => {
      this.#output = (this.#output + chunk.toString()).slice(-OUTPUT_CHARACTERS_MAX);
      this.#wake();
    };
    child.stdout.on('data', take);
    child.stderr.on('data', take);
    control.on('data', (chunk: Buffer) => this.#take(chunk));
    control.on('error', () => {});
  }

  /** Resolves when it is registered. The ports that it is given may be taken meanwhile: then it gets others. */
  static async start(options: BaresipOptions): Promise<Baresip> {
    for (let tries = 1; ; tries++) {
      try {
        return await Baresip.#start(options);
      } catch (cause) {
        if (!(cause instanceof NotStarted) || tries === START_TRIES) throw cause;
      }
    }
  }

  static async #start(options: BaresipOptions): Promise<Baresip> {
    await mkdir(join(options.folder, 'rec'), { recursive: true });
    const [sip, control] = [await freePort(), await freePort()];
    await writeFile(join(options.folder, 'config'), configOf(options, sip, control));
    await writeFile(join(options.folder, 'accounts'), accountOf(options));
    await writeFile(
      join(options.folder, 'contacts'),
      `"Peer" <sip:${options.peer}@${options.domain}>\n`,
    );
    // Its stdin has to be a pipe: it ends at once with /dev/null.
    const child = spawn('baresip', ['-4', '-f', options.folder, '-s', '-v'], {
      cwd: options.folder,
    });
    try {
      const phone = new Baresip(options, child, await connected(control));
      await phone.until(() => phone.#output.includes('registered successfully'), 'registration');
      return phone;
    } catch (cause) {
      child.kill('SIGKILL');
      throw cause;
    }
  }

  /** Says something to it. @returns its answer. */
  async command(command: string, params = ''): Promise<string> {
    const token = String(++this.#tokens);
    const json = JSON.stringify({ command, params, token });
    this.#control.write(`${Buffer.byteLength(json)}:${json},`);
    const find = (): Said | undefined => this.#events.find((said) => said.token === token);
    await this.until(() => find() !== undefined, `an answer to ${command}`);
    return find()?.data ?? '';
  }

  /** Types a text to its contact. */
  async types(text: string): Promise<void> {
    await this.command('message', text);
  }

  /** Presses keys, one after another (RFC 4733). */
  async presses(keys: string): Promise<void> {
    for (const key of keys) await this.command('sndcode', key);
  }

  /** The keys that came from the other phone so far. */
  get keysHeard(): string {
    const begun = this.#events.filter(({ type }) => type === 'CALL_DTMF_START');
    return begun.map(({ param = '' }) => param).join('');
  }

  /** The next text that matches; those before it are passed over. */
  async hears(text: RegExp): Promise<string> {
    const find = (): number =>
      this.#texts().findIndex((heard, index) => index >= this.#heardAt && text.test(heard));
    await this.until(() => find() >= 0, `a text like ${String(text)}`);
    const index = find();
    this.#heardAt = index + 1;
    return this.#texts()[index] ?? '';
  }

  /** Waits for an event since the last time that one of its kind was waited for. */
  async happens(type: string): Promise<void> {
    await this.until(() => this.#happened(type), type);
    this.#events.splice(
      this.#events.findIndex((said) => said.type === type),
      1,
    );
  }

  /** A PNG of what it sees. */
  async sees(name: string): Promise<string> {
    await this.command('snapshot_recv', join(this.options.folder, name));
    return join(this.options.folder, name);
  }

  /** The WAV of what it heard in its last call; complete once it has hung up. */
  async recording(): Promise<string> {
    const folder = join(this.options.folder, 'rec');
    const files = (await readdir(folder)).filter((file) => file.endsWith('-dec.wav')).toSorted();
    return join(folder, files.at(-1) ?? '');
  }

  /** @throws Error with the end of its output when it is not so in time. */
  until(condition: () => boolean, what: string): Promise<void> {
    return new Promise((resolve, reject) => {
      const look = (): void => {
        if (!condition()) return;
        clearTimeout(timer);
        this.#waiting.delete(look);
        resolve();
      };
      const timer = setTimeout(() => {
        this.#waiting.delete(look);
        reject(new Error(`${this.options.user}: no ${what}\n${this.#output.slice(-6_000)}`));
      }, WAIT_MS);
      this.#waiting.add(look);
      look();
    });
  }

  async stop(): Promise<void> {
    const timer = setTimeout(() => this.#child.kill('SIGKILL'), STOP_MS);
    this.#child.kill('SIGTERM');
    await this.#exited;
    clearTimeout(timer);
    this.#control.destroy();
  }

  /** What it printed of texts: `sip:peer: "text"`. */
  #texts(): readonly string[] {
    return Array.from(this.#output.matchAll(/sip:[^\s:]+: "([^"]*)"/g), ([, text = '']) => text);
  }

  #happened(type: string): boolean {
    return this.#events.some((said) => said.type === type);
  }

  /** Netstrings of JSON. */
  #take(chunk: Buffer): void {
    this.#read = Buffer.concat([this.#read, chunk]);
    for (;;) {
      const colon = this.#read.indexOf(':');
      const length = Number(this.#read.subarray(0, Math.max(0, colon)).toString());
      const end = colon + 1 + length;
      if (colon < 0 || this.#read.length <= end) break;
      this.#events.push(JSON.parse(this.#read.subarray(colon + 1, end).toString()) as Said);
      this.#read = this.#read.subarray(end + 1);
    }
    this.#wake();
  }

  #wake(): void {
    for (const look of this.#waiting) look();
  }
}

/** Its control port did not open. */
class NotStarted extends Error {}

/** TCP listens there for SIP and, one above, for TLS: what is free for TCP is asked for. */
async function freePort(): Promise<number> {
  const server = createServer();
  server.listen(0, HOST);
  await once(server, 'listening');
  const address = server.address();
  await new Promise((resolve) => server.close(resolve));
  return typeof address === 'object' && address !== null ? address.port : 0;
}

/** Its control port opens a little after its start. */
async function connected(port: number): Promise<Socket> {
  const deadline = performance.now() + START_MS;
  for (;;) {
    const socket = connect(port, HOST);
    const isOpen = await once(socket, 'connect').then(
      () => true,
      () => false,
    );
    if (isOpen) return socket;
    if (performance.now() > deadline) throw new NotStarted('baresip does not start');
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

/** test/notes: what a headless one needs. The first of two equal keys counts. */
const configOf = ({ folder, wav, rtpPort }: BaresipOptions, sip: number, control: number): string =>
  [
    'poll_method epoll',
    `sip_listen ${HOST}:${sip}`,
    `audio_source aufile,${wav}`,
    'audio_player aubridge,sink',
    'audio_alert aubridge,alert',
    ...['ausrc', 'auplay', 'auenc', 'audec'].map((part) => `${part}_format s16`),
    'video_source fakevideo,nil',
    'video_display fakevideo,nil',
    'video_size 176x144',
    'video_fps 10',
    `rtp_ports ${rtpPort}-${rtpPort + RTP_PORTS}`,
    'rtcp_mux no',
    `net_interface ${HOST}`,
    'module_path /usr/lib/baresip/modules',
    ...MODULES.map((name) => `module ${name}.so`),
    ...['uuid', 'account'].map((name) => `module_tmp ${name}.so`),
    ...['contact', 'menu', 'ctrl_tcp', 'debug_cmd'].map((name) => `module_app ${name}.so`),
    `ctrl_tcp_listen ${HOST}:${control}`,
    `snd_path ${join(folder, 'rec')}`,
    'menu_bell no',
    'statmode_default off',
    '',
  ].join('\n');

const accountOf = (options: BaresipOptions): string => {
  const { user, password, domain, server, transport, voice, video } = options;
  const proxy = `sip:${server.host}:${server.port};transport=${transport}`;
  return (
    `<sip:${user}@${domain}>;regint=600;auth_user=${user};auth_pass=${password};` +
    `outbound="${proxy}";audio_codecs=${voice};video_codecs=${video};answermode=auto\n`
  );
};
