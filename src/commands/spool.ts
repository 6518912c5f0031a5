import { createWriteStream } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { hasCode } from '../base/node-error.ts';
import { formatBytes } from '../base/sizes.ts';
import { inspectSpool, type SpoolInspection } from '../recording/inspection.ts';
import { spoolRecords } from '../recording/media-reader.ts';
import { pcapBytes } from '../recording/pcap.ts';
import { transferOfSpool } from '../spool/path.ts';
import { optionText, UsageError } from './command.ts';
import type { Command, Invocation } from './command.ts';
import { spoolFolder } from './with-state.ts';

const USAGE = 'midcall spool list | inspect FILE | export FILE --output FILE.pcap';
const COLUMN = 12;

type OnSpool = (path: string, invocation: Invocation) => Promise<number>;

const ON_SPOOL: Readonly<Record<string, OnSpool>> = { inspect, export: exportPackets };

/** `midcall spool list`, `inspect FILE`, `export FILE --output FILE.pcap`; for FILE, the id of a transfer will do. */
export const spool: Command = (invocation) => {
  const [verb = 'list', file] = invocation.words;
  if (verb === 'list') return list(invocation);
  const action = Object.hasOwn(ON_SPOOL, verb) ? ON_SPOOL[verb] : undefined;
  if (action === undefined || file === undefined) throw new UsageError(USAGE);
  const isId = transferOfSpool(`${file}.spool`) !== undefined;
  return action(isId ? join(spoolFolder(invocation.config), `${file}.spool`) : file, invocation);
};

/** Spools stay until their object is stored: after that, what is listed here waits for something. */
async function list({ config, json, print }: Invocation): Promise<number> {
  const folder = spoolFolder(config);
  const rows: SpoolInspection[] = [];
  for (const name of await spoolNames(folder)) rows.push(await inspectSpool(join(folder, name)));
  if (json) print(JSON.stringify(rows));
  else if (rows.length === 0) print('No spools.');
  else for (const row of rows) print(lineOf(row));
  return 0;
}

async function spoolNames(folder: string): Promise<readonly string[]> {
  try {
    const names = await readdir(folder);
    return names.filter((name) => transferOfSpool(name) !== undefined).toSorted();
  } catch (error) {
    if (hasCode(error, 'ENOENT')) return [];
    throw error;
  }
}

async function inspect(path: string, { json, print }: Invocation): Promise<number> {
  const found = await inspected(path);
  if (json) print(JSON.stringify(found));
  else for (const line of tableOf(found)) print(line);
  return found.header === undefined ? 1 : 0;
}

async function inspected(path: string): Promise<SpoolInspection> {
  try {
    return await inspectSpool(path);
  } catch (error) {
    if (hasCode(error, 'ENOENT')) throw new UsageError(`there is no spool ${path}`);
    throw error;
  }
}

/** The packets, for Wireshark and whatever else reads captures. */
async function exportPackets(path: string, invocation: Invocation): Promise<number> {
  const output = optionText(invocation, 'output');
  if (output === undefined) throw new UsageError(USAGE);
  const { records } = await inspected(path);
  await pipeline(pcapBytes(spoolRecords(path)), createWriteStream(output));
  const packets = records.rtp + records.rtcp;
  if (invocation.json) invocation.print(JSON.stringify({ path, output, packets }));
  else invocation.print(`${output}: ${packets} packets`);
  return 0;
}

function tableOf(found: SpoolInspection): readonly string[] {
  const { records, header, ending, media, file, torn } = found;
  const rows: readonly (readonly [string, string | undefined])[] = [
    ['spool', found.path],
    ['bytes', String(found.bytes)],
    [
      'records',
      Object.entries(records)
        .map(([kind, count]) => `${kind} ${count}`)
        .join(', '),
    ],
    ...Object.entries(header ?? {}).map(([name, value]) => [name, textOf(value)] as const),
    ['arrivals', found.firstArrival && `${found.firstArrival} to ${found.lastArrival}`],
    ...Object.entries(media ?? file ?? {}).map(([name, value]) => [name, textOf(value)] as const),
    ['ended', ending === undefined ? 'no: going on, or cut short' : textOf(ending)],
    ['damaged', found.damaged > 0 ? `${found.damaged} bytes` : undefined],
    ['torn', torn && `${torn.bytes} bytes at ${torn.at}`],
    [
      '',
      header === undefined
        ? 'No header can be read: this is no spool, or not any more.'
        : undefined,
    ],
  ];
  return rows.flatMap(([name, text]) =>
    text === undefined ? [] : `${name.padEnd(COLUMN)}${text}`,
  );
}

/** A sender chose some of these: what could move the cursor is shown escaped. */
const textOf = (value: unknown): string =>
  typeof value === 'string' && /^[^\p{C}]*$/u.test(value) ? value : JSON.stringify(value);

function lineOf({ path, bytes, header, media, file, ending, torn }: SpoolInspection): string {
  const name = header?.['transfer'];
  const lost = media?.lost ?? file?.lost ?? 0;
  return [
    typeof name === 'string' ? name : path,
    formatBytes(bytes).padStart(9),
    media === undefined ? '' : `${(media.durationMs / 1_000).toFixed(1)} s`,
    `${lost} lost`,
    ending === undefined ? 'no end record' : `ended (${textOf(ending['cause'])})`,
    torn === undefined ? '' : `torn by ${torn.bytes} bytes`,
  ]
    .filter((column) => column !== '')
    .join('  ');
}
