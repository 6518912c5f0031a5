import { execFile, type ChildProcess } from 'node:child_process';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { freePort } from '../../support/sipp.ts';
import { usageOf } from '../sip/process-usage.ts';
import { HOST, sinkOf, sourceOf } from './load.ts';
import { endProcess, pidOf, spawnSubject } from './machine.ts';
import { NgClient, type NgMessage } from './ng-client.ts';
import type { Subject, SubjectTerms } from './subject.ts';
import { payloadTypeOf, type Workload } from './workloads.ts';

const run = promisify(execFile);
const PACKAGE = 'rtpengine-daemon';
const FIRST_PORT = 10_000;
const LAST_PORT = 29_999;
/** No stream ends while it is measured. */
const SILENT_SECONDS = 36_000;

/** Whether rtpengine is here. As root on Debian it is installed; RUNLEVEL keeps its service from starting. */
export async function hasRtpengine(): Promise<boolean> {
  if (await works('rtpengine', ['--version'])) return true;
  if (process.getuid?.() !== 0 || !(await works('apt-get', ['--version']))) return false;
  const env = { ...process.env, RUNLEVEL: '1', DEBIAN_FRONTEND: 'noninteractive' };
  const install = ['install', '-y', '-qq', '--no-install-recommends', PACKAGE];
  await run('apt-get', ['update', '-qq'], { env }).catch(() => undefined);
  await run('apt-get', install, { env }).catch(() => undefined);
  return works('rtpengine', ['--version']);
}

/** rtpengine in user space with one thread, which sends each stream on, and writes it to a pcap file when asked to. */
export async function startRtpengine(terms: SubjectTerms, record: boolean): Promise<Subject> {
  const port = await freePort();
  for (const name of ['pcaps', 'metadata', 'tmp'])
    await mkdir(join(terms.folder, name), { recursive: true });
  // Should it die, its core dump goes with the folder.
  const options = { stdio: 'ignore', cwd: terms.folder } as const;
  const child = spawnSubject(['rtpengine', ...optionsOf(terms.folder, port)], options);
  const client = new NgClient(port);
  try {
    await client.ask({ command: 'ping' }, terms.signal);
    const pid = pidOf(child);
    const emptyBytes = usageOf(pid).residentBytes;
    const ports: number[] = [];
    for (let index = 0; index < terms.workload.streams; index++)
      ports.push(await openStream(client, terms, { index, record }));
    return { pid, ports, emptyBytes, stop: () => stopped(client, child) };
  } catch (cause) {
    await stopped(client, child).catch(() => undefined);
    throw cause;
  }
}

async function stopped(client: NgClient, child: ChildProcess): Promise<void> {
  client.close();
  await endProcess(child);
}

const optionsOf = (folder: string, port: number): readonly string[] => [
  '--foreground',
  '--log-stderr',
  '--log-level=1',
  '--table=-1',
  '--num-threads=1',
  `--interface=${HOST}`,
  `--listen-ng=${HOST}:${port}`,
  `--port-min=${FIRST_PORT}`,
  `--port-max=${LAST_PORT}`,
  `--timeout=${SILENT_SECONDS}`,
  `--silent-timeout=${SILENT_SECONDS}`,
  '--delete-delay=0',
  `--recording-dir=${folder}`,
  '--recording-method=pcap',
  '--recording-format=raw',
];

/** A call of one stream. @returns the port that it is to be sent to. */
async function openStream(
  client: NgClient,
  { workload, oneSource, signal }: SubjectTerms,
  { index, record }: { readonly index: number; readonly record: boolean },
): Promise<number> {
  const call = {
    'call-id': `bench-${index}`,
    'from-tag': 'a',
    ICE: 'remove',
    flags: ['trust-address'],
    replace: ['origin', 'session-connection'],
  };
  const offer = { ...call, command: 'offer', sdp: sdpOf(workload, sourceOf(index, oneSource)) };
  await client.ask(record ? { ...offer, 'record call': 'yes' } : offer, signal);
  const answer = { ...call, command: 'answer', 'to-tag': 'b', sdp: sdpOf(workload, sinkOf(index)) };
  return portOf(await client.ask(answer, signal));
}

function portOf({ sdp }: NgMessage): number {
  const port = typeof sdp === 'string' ? /^m=\w+ (\d+)/m.exec(sdp)?.[1] : undefined;
  if (port === undefined) throw new Error('rtpengine gave no port');
  return Number(port);
}

function sdpOf(workload: Workload, port: number): string {
  const payloadType = payloadTypeOf(workload);
  const encoding = workload.media === 'audio' ? 'PCMU/8000' : 'H264/90000';
  return [
    'v=0',
    `o=- 1 1 IN IP4 ${HOST}`,
    's=-',
    `c=IN IP4 ${HOST}`,
    't=0 0',
    `m=${workload.media} ${port} RTP/AVP ${payloadType}`,
    `a=rtpmap:${payloadType} ${encoding}`,
    'a=sendrecv',
    '',
  ].join('\r\n');
}

const works = (command: string, args: readonly string[]): Promise<boolean> =>
  run(command, args).then(
    () => true,
    () => false,
  );
