import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import os from 'node:os';
import path from 'node:path';
import { createInterface } from 'node:readline';

export interface RedisServer {
  readonly url: string;
  /** Stops the process from answering, without ending it. */
  freeze(): void;
  /** Ends the process at once. What it wrote stays, for `restart`. Repeatable. */
  kill(): Promise<void>;
  /** Starts it again, where it was. */
  restart(): Promise<void>;
  /** Ends the process and removes its folder. Repeatable. */
  close(): Promise<void>;
}

/** A real Redis on loopback, with nothing on disk that outlives it. */
export const startRedis = (options: readonly string[] = []): Promise<RedisServer> =>
  startRedisProcess('Ready to accept connections', (port, folder) =>
    Promise.resolve([...loopback(port), '--save', '', '--dir', folder, ...options]),
  );

/** A real Sentinel. @param config lines of its file, which it writes to itself. */
export const startSentinel = (config: readonly string[]): Promise<RedisServer> =>
  startRedisProcess('Sentinel ID is', async (port, folder) => {
    const file = path.join(folder, 'sentinel.conf');
    await writeFile(file, `${config.join('\n')}\n`);
    return [file, '--sentinel', ...loopback(port), '--dir', folder];
  });

const loopback = (port: number): string[] => ['--bind', '127.0.0.1', '--port', String(port)];

/** @param ready what it prints when it answers. */
async function startRedisProcess(
  ready: string,
  argumentsOf: (port: number, folder: string) => Promise<readonly string[]>,
): Promise<RedisServer> {
  const folder = await mkdtemp(path.join(os.tmpdir(), 'midcall-redis-'));
  const port = await freePort();
  const args = await argumentsOf(port, folder);
  let server: ChildProcess | undefined;
  const kill = async (): Promise<void> => {
    if (server === undefined || !isRunning(server)) return;
    const ended = once(server, 'exit');
    server.kill('SIGKILL');
    await ended;
  };
  const close = async (): Promise<void> => {
    await kill();
    await rm(folder, { recursive: true, force: true });
  };
  const restart = async (): Promise<void> => {
    await kill();
    server = spawn('redis-server', args, { stdio: ['ignore', 'pipe', 'ignore'] });
    await untilReady(server, ready);
  };
  try {
    await restart();
  } catch (error) {
    await close();
    throw error;
  }
  const url = `redis://127.0.0.1:${port}`;
  return { url, freeze: () => void server?.kill('SIGSTOP'), kill, restart, close };
}

const isRunning = ({ pid, exitCode, signalCode }: ChildProcess): boolean =>
  pid !== undefined && exitCode === null && signalCode === null;

async function untilReady(server: ChildProcess, ready: string): Promise<void> {
  if (server.stdout === null) throw new Error('no output');
  await once(server, 'spawn');
  for await (const line of createInterface(server.stdout)) {
    if (line.includes(ready)) {
      server.stdout.resume();
      return;
    }
  }
  throw new Error('redis-server ended at once');
}

/** A port that was free a moment ago. */
export async function freePort(): Promise<number> {
  const probe = createServer();
  probe.listen(0, '127.0.0.1');
  await once(probe, 'listening');
  const address = probe.address();
  probe.close();
  await once(probe, 'close');
  if (address === null || typeof address === 'string') throw new Error('no port');
  return address.port;
}
