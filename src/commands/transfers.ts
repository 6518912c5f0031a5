import { formatBytes } from '../base/sizes.ts';
import type { Config } from '../config.ts';
import { systemClock } from '../net/system-clock.ts';
import { SpoolRecorder } from '../recording/recorder.ts';
import type { StateStore } from '../state/state-store.ts';
import type { RecordedObject, TransferRecord } from '../transfers/record.ts';
import { removeTransfer } from '../transfers/removal.ts';
import { stateOf } from '../transfers/reports.ts';
import { isOver, isTerminal } from '../transfers/tables.ts';
import { optionText, UsageError } from './command.ts';
import type { Command, Invocation } from './command.ts';
import { copyObject } from './object-copy.ts';
import { objectPath, openObjects, scratchFolder, spoolFolder, withState } from './with-state.ts';

const PAGE = 100;

type OnTransfer = (
  state: StateStore,
  invocation: Invocation,
  record: TransferRecord,
) => Promise<number>;

const ON_TRANSFER: Readonly<Record<string, OnTransfer>> = {
  show,
  fetch: fetchObject,
  delete: erase,
};

/** `midcall transfers list [--account NUMBER]`, `show ID`, `fetch ID --output FILE`, `delete ID` (M14). */
export const transfers: Command = (invocation) => {
  const [verb = 'list', id] = invocation.words;
  const { config } = invocation;
  if (verb === 'list') return withState(config, (state) => list(state, invocation));
  const action = Object.hasOwn(ON_TRANSFER, verb) ? ON_TRANSFER[verb] : undefined;
  if (action === undefined || id === undefined)
    throw new UsageError('midcall transfers list | show ID | fetch ID --output FILE | delete ID');
  return withState(config, async (state) => {
    const record = await state.transfer(id);
    if (record === undefined) throw new UsageError(`there is no transfer ${id}`);
    return action(state, invocation, record);
  });
};

async function list(state: StateStore, invocation: Invocation): Promise<number> {
  const account = optionText(invocation, 'account');
  const accounts =
    account === undefined ? (await state.subscribers()).map(({ id }) => id) : [account];
  const records: TransferRecord[] = [];
  for (const id of accounts) records.push(...(await allOf(state, id)));
  records.sort((a, b) => b.createdAt - a.createdAt);
  const rows = records.map((record) => rowOf(record, invocation.config));
  if (invocation.json) invocation.print(JSON.stringify(rows));
  else if (rows.length === 0) invocation.print('No transfers.');
  else for (const row of rows) invocation.print(lineOf(row));
  return 0;
}

async function allOf(state: StateStore, account: string): Promise<TransferRecord[]> {
  const records: TransferRecord[] = [];
  let cursor: string | undefined;
  do {
    const page = await state.transfersOf(account, { limit: PAGE, ...(cursor ? { cursor } : {}) });
    records.push(...page.transfers);
    cursor = page.cursor;
  } while (cursor !== undefined);
  return records;
}

function show(
  _state: StateStore,
  { config, json, print }: Invocation,
  record: TransferRecord,
): Promise<number> {
  print(JSON.stringify(rowOf(record, config), undefined, json ? undefined : 2));
  return Promise.resolve(0);
}

/** Copies what was stored to a file: in whole, or not at all. */
async function fetchObject(
  _state: StateStore,
  invocation: Invocation,
  { id, object }: TransferRecord,
): Promise<number> {
  const output = optionText(invocation, 'output');
  if (output === undefined) throw new UsageError('midcall transfers fetch ID --output FILE');
  if (object === undefined) throw new UsageError(`${id} has stored nothing (yet)`);
  const objects = await openObjects(invocation.config, 'command');
  try {
    await copyObject(objects.read(object.key), object, { output, isQuiet: invocation.json });
  } finally {
    await objects.close();
  }
  const { size, contentType, sha256 } = object;
  if (invocation.json) invocation.print(JSON.stringify({ id, output, size, contentType, sha256 }));
  else invocation.print(`${output}: ${formatBytes(size)}, ${contentType}`);
  return 0;
}

/** As over HTTP: what is not over stays. */
async function erase(
  state: StateStore,
  invocation: Invocation,
  { id, account, ingest, delivery }: TransferRecord,
): Promise<number> {
  if (!isTerminal(ingest) || !isOver(delivery))
    throw new UsageError(`${id} is not over (${ingest}, ${delivery})`);
  const { config } = invocation;
  const objects = await openObjects(config, 'command');
  const folders = { spools: spoolFolder(config), scratch: scratchFolder(config) };
  const recorder = new SpoolRecorder(folders, objects);
  await removeTransfer({ store: state, recorder, clock: systemClock }, id);
  await objects.close();
  const usage = await state.usage(account);
  if (invocation.json) invocation.print(JSON.stringify({ id, deleted: true, ...usage }));
  else invocation.print(`${id} deleted; ${formatBytes(usage?.free ?? 0)} are free.`);
  return 0;
}

type Row = Omit<TransferRecord, 'object'> & {
  readonly state: string;
  readonly object?: RecordedObject & { readonly path?: string };
};

/** The record, with its one-word state and, for objects on this disk, where the file is. */
function rowOf(record: TransferRecord, config: Config): Row {
  const { object, ...rest } = record;
  const row = { ...rest, state: stateOf(record) };
  if (object === undefined) return row;
  const path = objectPath(config, object.key);
  return { ...row, object: { ...object, ...(path === undefined ? {} : { path }) } };
}

const lineOf = ({ id, account, state, format, stored, name, createdAt }: Row): string =>
  [
    id,
    new Date(createdAt).toISOString().slice(0, 19),
    account.padEnd(16),
    state.padEnd(10),
    formatBytes(stored).padStart(9),
    name ?? format ?? '',
  ].join('  ');
