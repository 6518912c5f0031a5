import { spawn } from 'node:child_process';
import { join } from 'node:path';

const SCENARIOS = join(import.meta.dirname, '../../../sipp-scenarios');
/** Bytes of SIPp's receive and send buffers: as large as the platform's, so that it is not SIPp that loses. */
const BUFFER_BYTES = 4_194_304;
/** Descriptors of SIPp; it takes one socket, and reserves this many at start. */
const SOCKETS = 64;
const OUTPUT_CHARACTERS_MAX = 4_000;
const SUCCESS = 0;
/** A call failed; the counts say how many. */
const CALLS_FAILED = 1;

export interface SippLoadOptions {
  /** Name of a file in sipp-scenarios, without `.xml`. */
  readonly scenario: string;
  /** `host:port` of the platform. */
  readonly server: string;
  readonly localPort: number;
  /** Where it writes its files. */
  readonly folder: string;
  /** More words of its command line. */
  readonly words?: readonly string[];
  /** Ends it early, by its process id. */
  readonly signal: AbortSignal;
}

/** Runs SIPp over UDP until it is done. @throws Error with its last words when it could not run; failed calls are no error. */
export async function sippLoad(options: SippLoadOptions): Promise<void> {
  const { scenario, server, localPort, folder, words = [], signal } = options;
  const all = [
    [server, '-sf', join(SCENARIOS, `${scenario}.xml`)],
    ['-i', '127.0.0.1', '-p', String(localPort), '-bind_local', '-nostdin'],
    ['-buff_size', String(BUFFER_BYTES), '-max_socket', String(SOCKETS)],
    words,
  ].flat();
  const child = spawn('sipp', all, {
    cwd: folder,
    stdio: ['ignore', 'ignore', 'pipe'],
    env: { ...process.env, TERM: 'dumb' },
    signal,
    killSignal: 'SIGKILL',
  });
  let output = '';
  child.stderr.on('data', (chunk: Buffer) => {
    output = (output + chunk.toString()).slice(-OUTPUT_CHARACTERS_MAX);
  });
  const code = await new Promise<number | null>((resolve, reject) => {
    // An abort shows here too; the process is gone only with `close`.
    child.once('error', (error) => (error.name === 'AbortError' ? undefined : reject(error)));
    child.once('close', resolve);
  });
  signal.throwIfAborted();
  if (code !== SUCCESS && code !== CALLS_FAILED) {
    throw new Error(`sipp ${scenario} ended with ${code}: ${output}`);
  }
}
