import { createHash } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import { hasCode } from '../../src/base/node-error.ts';
import type { TransferRecord } from '../../src/transfers/record.ts';
import { isOver, isTerminal } from '../../src/transfers/tables.ts';
import type { Stores } from './backend.ts';
import type { Entry } from './book.ts';
import type { User } from './plan.ts';
import { USERS, type Rig } from './rig.ts';

/** Long enough for an object store to be asked again after some failures. */
const SETTLED_MS_MAX = 40_000;
const POLL_MS = 50;
const WAV_HEAD = 'data';
const FRAME = 160;
const SILENCE = 0xff;
/** Folders in which nothing may be left. */
const EMPTY_FOLDERS = ['spool', 'scratch', 'uploads/server', 'objects/~incoming'];

/** For the answers of phones that are there. */
const TOLD_MS_MAX = 5_000;

const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));
const sha256 = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex');

/** What is wrong once all is settled; empty when nothing is. Waits for what goes on. */
export async function faultsOf(rig: Rig): Promise<readonly string[]> {
  const deadline = performance.now() + SETTLED_MS_MAX;
  for (;;) {
    const open = await leftovers(rig);
    if (open.length === 0) break;
    if (performance.now() > deadline) return open;
    await pause(POLL_MS);
  }
  const records = await recordsOf(rig.stores);
  const faults: string[] = [];
  for (const [id, entry] of rig.book.entries)
    faults.push(
      ...(await entryFaults(rig.stores, entry, records.get(id))).map((f) => `${id}: ${f}`),
    );
  faults.push(...(await storeFaults(rig, records)), ...(await textFaults(rig, records)));
  return faults;
}

/** Transfers that are not over, and files that are of nothing any more. */
async function leftovers(rig: Rig): Promise<readonly string[]> {
  const { state } = rig.stores;
  const open = await state.openTransfers();
  const found = open.map(({ id, ingest, delivery }) => `${id} is ${ingest} and ${delivery}`);
  for (const folder of EMPTY_FOLDERS)
    for (const name of await namesIn(path.join(rig.dataDir, folder)))
      found.push(`${folder}/${name} is left`);
  return found;
}

async function namesIn(folder: string): Promise<readonly string[]> {
  try {
    return await readdir(folder);
  } catch (error) {
    if (hasCode(error, 'ENOENT')) return [];
    throw error;
  }
}

async function recordsOf({ state }: Stores): Promise<Map<string, TransferRecord>> {
  const records = new Map<string, TransferRecord>();
  for (const user of USERS)
    for (let cursor: string | undefined, more = true; more; more = cursor !== undefined) {
      const from = cursor === undefined ? {} : { cursor };
      const page = await state.transfersOf(user, { limit: 100, ...from });
      for (const record of page.transfers) records.set(record.id, record);
      cursor = page.cursor;
    }
  return records;
}

async function entryFaults(
  stores: Stores,
  entry: Entry,
  record: TransferRecord | undefined,
): Promise<readonly string[]> {
  const faults = lastWordFaults(entry, record);
  // What was to be deleted may be gone; what was never accepted may be forgotten.
  if (record === undefined)
    return entry.isConfirmed && !entry.isDeleting ? [...faults, 'its record is gone'] : faults;
  const { ingest, delivery, object } = record;
  if (entry.isDeleted) faults.push('it is deleted, and there');
  if (!isTerminal(ingest) || !isOver(delivery)) faults.push('it is not over');
  if (object !== undefined) return [...faults, ...(await objectFaults(stores, entry, record))];
  if (entry.stored > 0 && ingest !== 'cancelled')
    faults.push(`LOST: ${entry.stored} bytes were stored, and it is ${ingest}`);
  return faults;
}

async function objectFaults(
  stores: Stores,
  entry: Entry,
  { object, ingest }: TransferRecord,
): Promise<readonly string[]> {
  const content = await readObject(stores, object?.key ?? '');
  if (content === undefined) return ['LOST: its object is gone'];
  const faults: string[] = [];
  if (content.length !== object?.size || sha256(content) !== object.sha256)
    faults.push('its object is another');
  const kept = await keptBytes(entry, content);
  if (kept < entry.stored) faults.push(`LOST: ${entry.stored} bytes stored, ${kept} kept`);
  if (ingest === 'complete' && !(await isWhole(entry, content)))
    faults.push('it is complete, and not what was sent');
  return faults;
}

const isWhole = async ({ plan, file }: Entry, content: Buffer): Promise<boolean> =>
  plan.kind === 'stream' || content.equals(await readFile(file));

/** Each party hears one last word at most, and it is what the record says. */
function lastWordFaults(entry: Entry, record: TransferRecord | undefined): string[] {
  const faults: string[] = [];
  for (const [user, words] of entry.completes) {
    if (words.length > 1) faults.push(`${user} heard ${words.length} last words`);
    const [word] = words;
    if (record === undefined || word === undefined) continue;
    if (word['state'] !== record.ingest)
      faults.push(`${user} heard ${String(word['state'])}, and it is ${record.ingest}`);
    const digest = record.object && `sha-256=${record.object.dataSha256}`;
    if (word['digest'] !== digest) faults.push(`${user} heard another digest`);
  }
  return faults;
}

async function readObject({ objects }: Stores, key: string): Promise<Buffer | undefined> {
  if ((await objects.stat(key)) === undefined) return undefined;
  const chunks: Uint8Array[] = [];
  for await (const chunk of objects.read(key)) chunks.push(chunk);
  return Buffer.concat(chunks);
}

/** How many bytes of what was sent are in the object, in their place. */
async function keptBytes({ plan, file }: Entry, content: Buffer): Promise<number> {
  const source = await readFile(file);
  if (plan.kind === 'file') return equalBytes(content, source);
  return equalFrames(content.subarray(content.indexOf(WAV_HEAD) + 8), source);
}

/** A file's bytes are random: what is lost is zeros. */
function equalBytes(content: Buffer, source: Buffer): number {
  if (source.subarray(0, content.length).equals(content)) return content.length;
  let count = 0;
  for (let at = 0; at < content.length; at++) if (content[at] === source[at]) count++;
  return count;
}

/** Packets of a stream that the object has, from the first that came; a lost one is silence. */
function equalFrames(samples: Buffer, source: Buffer): number {
  const first = Math.max(0, source.indexOf(samples.subarray(0, FRAME)));
  let count = 0;
  for (let at = 0; at < samples.length; at += FRAME) {
    const frame = samples.subarray(at, at + FRAME);
    const sent = source.subarray(first + at, first + at + frame.length);
    if (frame.equals(sent)) count += frame.length;
    else if (!frame.every((sample) => sample === SILENCE)) return -1;
  }
  return count;
}

/** The space in use is that of the objects, and there is nothing but what the records name. */
async function storeFaults(
  { stores }: Rig,
  records: ReadonlyMap<string, TransferRecord>,
): Promise<readonly string[]> {
  const faults: string[] = [];
  for (const user of USERS) {
    const held = [...records.values()].filter(({ account }) => account === user);
    const sum = held.reduce((bytes, { object }) => bytes + (object?.size ?? 0), 0);
    const used = (await stores.state.usage(user))?.used;
    if (used !== sum) faults.push(`${user} uses ${used} bytes, and its objects are ${sum}`);
  }
  const named = new Set<string>();
  for (const { object } of records.values()) {
    if (object === undefined) continue;
    named.add(object.key).add(`${path.posix.dirname(object.key)}/metadata.json`);
    if ((await stores.uploadsOf(object.key)) > 0) faults.push(`${object.key} has an open upload`);
  }
  for await (const key of stores.objects.keys(''))
    if (!named.delete(key)) faults.push(`${key} is nobody's`);
  for (const key of named) faults.push(`${key} is not there`);
  return faults;
}

/**
 * Recovery speaks by text, once: to the receiver of each transfer that it ended, and to its sender, unless that one has heard the
 * last word inside the call.
 */
async function textFaults(
  { book, startedAt }: Rig,
  records: ReadonlyMap<string, TransferRecord>,
): Promise<readonly string[]> {
  if (startedAt < book.begunAt) return [];
  const ended = [...records.values()].filter(({ changedAt }) => changedAt >= startedAt);
  const ofReceiver = (user: User): number =>
    ended.filter(({ receiver }) => receiver === user).length;
  const ofSender = (user: User): number =>
    ended.filter(({ id, sender }) => sender === user && !book.hasHeard(id, user)).length;
  const told = (user: User): readonly string[] => book.texts.get(user) ?? [];
  const isEach = (): boolean =>
    USERS.every((user) => told(user).length >= ofReceiver(user) + ofSender(user));
  const deadline = performance.now() + TOLD_MS_MAX;
  while (!isEach() && performance.now() < deadline) await pause(POLL_MS);
  const going = [...book.entries.values()].filter(({ isDeleting }) => isDeleting).length;
  return USERS.flatMap((user) => {
    const count = told(user).length;
    if (count < ofReceiver(user)) return [`${user} was not told of all that ended`];
    if (count <= ofReceiver(user) + ofSender(user) + going) return [];
    return [`${user} was told more than there was to tell: ${told(user).join(' | ')}`];
  });
}
