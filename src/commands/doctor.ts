import { createSocket } from 'node:dgram';
import { mkdirSync, readFileSync, rmSync, statfsSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { formatBytes } from '../base/sizes.ts';
import type { Config } from '../config.ts';
import { bucketFault } from '../objects/s3-objects.ts';
import { DGRAM_COST, openUdp } from '../net/open-udp.ts';
import { systemClock } from '../net/system-clock.ts';
import type { Command } from './command.ts';
import { s3Settings } from './with-state.ts';

/** `midcall doctor`: what would keep the platform from starting here, or from carrying much. */
export const doctor: Command = async ({ config, json, print }) => {
  const findings = await examine(config);
  if (json) print(JSON.stringify({ ok: findings.every(isFine), findings }));
  else for (const finding of findings) print(lineOf(finding));
  return findings.every(isFine) ? 0 : 1;
};

interface Finding {
  readonly what: string;
  readonly level: 'ok' | 'warn' | 'fail';
  readonly text: string;
}

const MARKS = { ok: '✓', warn: '!', fail: '✗' };
const isFine = ({ level }: Finding): boolean => level !== 'fail';
const lineOf = ({ what, level, text }: Finding): string =>
  `${MARKS[level]} ${what.padEnd(14)} ${text}`;

/** Below this the next transfers may fill the disk. */
const DISK_FREE_BYTES = 1e9;
/** Four sockets a call, and files, and room. */
const DESCRIPTORS_MIN = 8_192;
/** What one burst of a few hundred streams needs to wait in while the process is busy. */
const RECEIVE_BUFFER_BYTES = 4_194_304;
/** For the S3 server: somebody waits. */
const DOCTOR_IDLE_MS = 10_000;
const NODE_MIN = [20, 19] as const;

async function examine(config: Config): Promise<Finding[]> {
  return [
    nodeVersion(),
    dataFolder(config),
    diskSpace(config),
    await objectStore(config),
    await sipPorts(config),
    await mediaPorts(config),
    descriptors(),
    receiveBuffers(),
    await mediaSockets(config),
  ];
}

function nodeVersion(): Finding {
  const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
  const isEnough = major > NODE_MIN[0] || (major === NODE_MIN[0] && minor >= NODE_MIN[1]);
  const level = isEnough ? 'ok' : 'fail';
  return { what: 'Node', level, text: `${process.version} (${NODE_MIN.join('.')} or newer)` };
}

function dataFolder({ dataDir }: Config): Finding {
  const probe = join(dataDir, `.doctor-${process.pid}`);
  try {
    mkdirSync(dataDir, { recursive: true });
    writeFileSync(probe, '');
    rmSync(probe);
    return { what: 'Data folder', level: 'ok', text: `${dataDir} can be written` };
  } catch (cause) {
    return { what: 'Data folder', level: 'fail', text: `${dataDir}: ${String(cause)}` };
  }
}

function diskSpace({ dataDir }: Config): Finding {
  try {
    const { bavail, bsize } = statfsSync(dataDir);
    const free = bavail * bsize;
    const level = free >= DISK_FREE_BYTES ? 'ok' : 'warn';
    return { what: 'Disk', level, text: `${formatBytes(free)} free` };
  } catch (cause) {
    return { what: 'Disk', level: 'fail', text: String(cause) };
  }
}

/** What a put and a remove say: a bucket may be there and not be ours to write. */
async function objectStore(config: Config): Promise<Finding> {
  const settings = s3Settings(config);
  const what = 'Objects';
  if (settings === undefined) return { what, level: 'ok', text: 'files in the data folder' };
  const place = `bucket ${settings.bucket} at ${settings.host}:${settings.port}`;
  const fault = await bucketFault({ ...settings, idleMs: DOCTOR_IDLE_MS });
  if (fault === undefined) return { what, level: 'ok', text: `${place} can be written` };
  return { what, level: 'fail', text: `${place}: ${fault}` };
}

/** A port in use is no fault of the machine when the platform itself runs on it. */
async function sipPorts({ sipHost, sipPort }: Config): Promise<Finding> {
  const tried = await Promise.all([canListenTcp(sipHost, sipPort), canBindUdp(sipHost, sipPort)]);
  const isFree = tried.every(Boolean);
  const text = `${sipHost}:${sipPort} UDP and TCP`;
  return isFree
    ? { what: 'SIP ports', level: 'ok', text: `${text} are free` }
    : { what: 'SIP ports', level: 'warn', text: `${text}: in use (is the platform running?)` };
}

/** First, middle and last of the range stand for all. */
async function mediaPorts({ mediaHost, mediaPortMin, mediaPortMax }: Config): Promise<Finding> {
  const middle = Math.floor((mediaPortMin + mediaPortMax) / 2);
  const samples = [mediaPortMin, middle, mediaPortMax];
  const free = await Promise.all(samples.map((port) => canBindUdp(mediaHost, port)));
  const pairs = Math.floor((mediaPortMax - mediaPortMin + 1) / 2);
  const text = `${mediaHost}:${mediaPortMin}–${mediaPortMax}, ${pairs} pairs, ${Math.floor(pairs / 2)} calls`;
  if (free.every(Boolean)) return { what: 'Media ports', level: 'ok', text };
  return { what: 'Media ports', level: 'warn', text: `${text}; some are in use` };
}

function descriptors(): Finding {
  const line = readText('/proc/self/limits').match(/Max open files\s+(\d+|unlimited)/);
  const limit = line?.[1] === 'unlimited' ? Infinity : Number(line?.[1] ?? 0);
  const level = limit >= DESCRIPTORS_MIN ? 'ok' : 'warn';
  return { what: 'Descriptors', level, text: `${limit} open files (four a call)` };
}

function receiveBuffers(): Finding {
  const max = Number(readText('/proc/sys/net/core/rmem_max'));
  const level = max >= RECEIVE_BUFFER_BYTES ? 'ok' : 'warn';
  const advice = level === 'ok' ? '' : `; better: sysctl net.core.rmem_max=${RECEIVE_BUFFER_BYTES}`;
  return { what: 'UDP buffers', level, text: `net.core.rmem_max is ${max}${advice}` };
}

/** What a media worker would use, tried out. */
async function mediaSockets({ mediaSockets: choice }: Config): Promise<Finding> {
  const what = 'Media sockets';
  try {
    const ignore = (): void => {};
    const { kind, sockets, missing } = openUdp(choice, systemClock, {
      onBatch: ignore,
      onError: ignore,
    });
    await sockets.stop();
    const instead = missing.length > 0 ? `; not to be had: ${missing.join('; ')}` : '';
    if (kind === 'dgram')
      return { what, level: 'warn', text: `node:dgram: ${DGRAM_COST}${instead}` };
    return { what, level: 'ok', text: `batched, by ${kind}${instead}` };
  } catch (cause) {
    return { what, level: 'fail', text: String(cause) };
  }
}

const readText = (path: string): string => {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
};

const canListenTcp = (host: string, port: number): Promise<boolean> =>
  new Promise((resolve) => {
    const server = createServer();
    server.once('error', () => resolve(false));
    server.listen(port, host, () => server.close(() => resolve(true)));
  });

const canBindUdp = (host: string, port: number): Promise<boolean> =>
  new Promise((resolve) => {
    const socket = createSocket(host.includes(':') ? 'udp6' : 'udp4');
    socket.once('error', () => socket.close(() => resolve(false)));
    socket.bind(port, host, () => socket.close(() => resolve(true)));
  });
