import { execFile, spawn, type ChildProcess } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { freePort } from '../redis-server.ts';
import { cephConfig, monitorAddress, type CephPlace } from './ceph-config.ts';

/** From nothing to a gateway that answers; 17 s on an idle machine. */
const READY_MS_MAX = 120_000;
const POLL_MS = 100;
const KILL_AFTER_MS = 2_000;
const TOOL_MS_MAX = 60_000;

/** An S3 endpoint with one user. */
export interface S3Endpoint {
  readonly port: number;
  readonly accessKey: string;
  readonly secretKey: string;
}

export interface RgwServer {
  readonly endpoint: S3Endpoint;
  /** Ends its processes and removes its folder. Repeatable. */
  close(): Promise<void>;
}

const run = promisify(execFile);

/** A real S3 server, Ceph RGW from Debian, on loopback, in a folder of its own. @throws when it can't be had. */
export async function startRgw(signal: AbortSignal): Promise<RgwServer> {
  const folder = await mkdtemp(path.join(os.tmpdir(), 'midcall-rgw-'));
  const daemons: ChildProcess[] = [];
  const close = async (): Promise<void> => {
    for (const daemon of daemons.toReversed()) await end(daemon);
    await rm(folder, { recursive: true, force: true });
  };
  try {
    const place = {
      folder,
      fsid: randomUUID(),
      monitorPort: await freePort(),
      s3Port: await freePort(),
    };
    await startCluster(new CephTools(place, signal), daemons);
    const keys = { accessKey: 'testkey', secretKey: randomUUID() };
    await new CephTools(place, signal).addUser(keys);
    return { endpoint: { port: place.s3Port, ...keys }, close };
  } catch (cause) {
    const logs = await logsOf(folder);
    await close();
    throw new Error(`Ceph RGW did not start\n${logs}`, { cause });
  }
}

/** The commands of Ceph, told where this cluster is. */
class CephTools {
  readonly place: CephPlace;
  readonly signal: AbortSignal;

  constructor(place: CephPlace, signal: AbortSignal) {
    this.place = place;
    this.signal = signal;
  }

  get #config(): readonly string[] {
    return ['-c', path.join(this.place.folder, 'ceph.conf')];
  }

  async run(tool: string, ...args: readonly string[]): Promise<string> {
    const { folder } = this.place;
    const options = { cwd: folder, timeout: TOOL_MS_MAX, signal: this.signal };
    return (await run(tool, args, options)).stdout;
  }

  runHere(tool: string, ...args: readonly string[]): Promise<string> {
    return this.run(tool, ...this.#config, ...args);
  }

  /** In the foreground: a child of ours, that we can end. */
  daemon(tool: string, ...args: readonly string[]): ChildProcess {
    const { folder } = this.place;
    return spawn(tool, [...this.#config, '-f', ...args], { cwd: folder, stdio: 'ignore' });
  }

  async addUser({ accessKey, secretKey }: Omit<S3Endpoint, 'port'>): Promise<void> {
    const keys = ['--access-key', accessKey, '--secret-key', secretKey];
    await this.runHere(
      'radosgw-admin',
      'user',
      'create',
      '--uid=test',
      '--display-name=test',
      ...keys,
    );
  }
}

async function startCluster(ceph: CephTools, daemons: ChildProcess[]): Promise<void> {
  const { folder, s3Port } = ceph.place;
  for (const name of ['mon', 'osd', 'rgw']) await mkdir(path.join(folder, name));
  await writeFile(path.join(folder, 'ceph.conf'), cephConfig(ceph.place));
  await makeKeys(ceph);
  await makeMonitor(ceph);
  daemons.push(ceph.daemon('ceph-mon', '-i', 'a'));
  const osd = randomUUID();
  await ceph.runHere('ceph', 'osd', 'new', osd);
  await ceph.runHere('ceph-osd', '-i', '0', '--mkfs', '--osd-uuid', osd);
  daemons.push(ceph.daemon('ceph-osd', '-i', '0'));
  await ready(ceph, async () => (await ceph.runHere('ceph', 'osd', 'stat')).includes('1 up'));
  daemons.push(ceph.daemon('radosgw', '-n', 'client.rgw.a'));
  await ready(ceph, async () => (await fetch(`http://127.0.0.1:${s3Port}/`)).ok);
}

async function makeKeys(ceph: CephTools): Promise<void> {
  const all = ['--cap', 'mon', 'allow *', '--cap', 'osd', 'allow *', '--cap', 'mgr', 'allow *'];
  const monitor = ['--gen-key', '-n', 'mon.', '--cap', 'mon', 'allow *'];
  await ceph.run('ceph-authtool', '--create-keyring', 'keyring', ...monitor);
  for (const name of ['client.admin', 'osd.0', 'client.rgw.a'])
    await ceph.run('ceph-authtool', 'keyring', '--gen-key', '-n', name, ...all);
}

async function makeMonitor(ceph: CephTools): Promise<void> {
  const address = monitorAddress(ceph.place);
  const { fsid } = ceph.place;
  await ceph.run('monmaptool', '--create', '--fsid', fsid, '--addv', 'a', address, 'monmap');
  const files = ['--monmap', 'monmap', '--keyring', 'keyring'];
  await ceph.runHere('ceph-mon', '--mkfs', '-i', 'a', ...files);
}

/** Asks until the answer is yes; an error is a no. */
async function ready({ signal }: CephTools, ask: () => Promise<boolean>): Promise<void> {
  const deadline = performance.now() + READY_MS_MAX;
  while (!(await ask().catch(() => false))) {
    signal.throwIfAborted();
    if (performance.now() > deadline) throw new Error('waited in vain');
    await new Promise((resolve) => setTimeout(resolve, POLL_MS));
  }
}

/** Politely, then not. */
async function end(daemon: ChildProcess): Promise<void> {
  if (daemon.pid === undefined || daemon.exitCode !== null || daemon.signalCode !== null) return;
  const ended = once(daemon, 'exit');
  daemon.kill('SIGTERM');
  const late = setTimeout(() => daemon.kill('SIGKILL'), KILL_AFTER_MS);
  await ended;
  clearTimeout(late);
}

/** The last words of each daemon. */
async function logsOf(folder: string): Promise<string> {
  const names = ['mon.a.log', 'osd.0.log', 'client.rgw.a.log'];
  const logs = names.map(async (name) => {
    const text = await readFile(path.join(folder, name), 'utf8').catch(() => '');
    return `${name}:\n${text.slice(-1_500)}`;
  });
  return (await Promise.all(logs)).join('\n');
}
