import { formatBytes, parseBytes } from '../base/sizes.ts';
import { newSubscriber } from '../calls/new-subscriber.ts';
import { numberOf } from '../incall/number.ts';
import { parseThresholdText } from '../incall/threshold-text.ts';
import { systemClock, systemRandom } from '../net/system-clock.ts';
import type { StateStore } from '../state/state-store.ts';
import { StoragePasswords } from '../state/storage-password.ts';
import type { Subscriber } from '../transfers/store.ts';
import { optionText, UsageError } from './command.ts';
import type { Command, Invocation } from './command.ts';
import { withState } from './with-state.ts';

const DEFAULT_SPACE = '1GB';
/** 60 random bits as 12 characters: what somebody who gave no password gets. */
const GENERATED_BYTES = 9;

/** `midcall subscribers add|list|remove`. */
export const subscribers: Command = (invocation) => {
  const [verb, id] = invocation.words;
  const actions: Readonly<Record<string, (state: StateStore) => Promise<number>>> = {
    add: (state) => add(state, invocation, id),
    list: (state) => list(state, invocation),
    remove: (state) => remove(state, invocation, id),
  };
  const action = Object.hasOwn(actions, verb ?? 'list') ? actions[verb ?? 'list'] : undefined;
  if (action === undefined) throw new UsageError('midcall subscribers add|list|remove');
  return withState(invocation.config, action);
};

async function add(
  state: StateStore,
  invocation: Invocation,
  written: string | undefined,
): Promise<number> {
  const id = written === undefined ? undefined : numberOf(written);
  if (id === undefined) throw new UsageError('midcall subscribers add NUMBER [--space 1GB] …');
  const sipPassword = optionText(invocation, 'password') ?? generated();
  const storagePassword = optionText(invocation, 'storage-password') ?? generated();
  const subscriber = await orderedSubscriber(invocation, { id, sipPassword, storagePassword });
  const added = await state.addSubscriber(subscriber);
  if (!added) throw new UsageError(`${id} is a subscriber already; remove it first`);
  const { space } = subscriber;
  if (invocation.json)
    invocation.print(JSON.stringify({ id, sipPassword, storagePassword, space }));
  else {
    invocation.print(`${id} added, with ${formatBytes(space)} of storage.`);
    invocation.print(`SIP password:     ${sipPassword}`);
    invocation.print(`Storage password: ${storagePassword}`);
  }
  return 0;
}

async function orderedSubscriber(
  invocation: Invocation,
  who: { readonly id: string; readonly sipPassword: string; readonly storagePassword: string },
): Promise<Subscriber> {
  const { domain } = invocation.config;
  const space = parseBytes(optionText(invocation, 'space') ?? DEFAULT_SPACE);
  if (space === undefined) throw new UsageError('--space takes a size such as 500MB or 2GB');
  const written = optionText(invocation, 'threshold');
  const threshold = written === undefined ? undefined : parseThresholdText(written);
  if (written !== undefined && threshold === undefined)
    throw new UsageError('--threshold takes 30%, 2MB, 5s, auto or 0');
  const passwords = new StoragePasswords({ random: systemRandom });
  const order = { ...who, space, ...(threshold === undefined ? {} : { threshold }) };
  return newSubscriber(order, { domain, passwords, clock: systemClock });
}

async function list(state: StateStore, invocation: Invocation): Promise<number> {
  const rows = [];
  for (const { id, space, threshold, createdAt } of await state.subscribers()) {
    const used = (await state.usage(id))?.used ?? 0;
    rows.push({ id, space, used, threshold, createdAt: new Date(createdAt).toISOString() });
  }
  if (invocation.json) invocation.print(JSON.stringify(rows));
  else if (rows.length === 0)
    invocation.print('No subscribers. Add one: midcall subscribers add NUMBER');
  else
    for (const { id, space, used } of rows)
      invocation.print(`${id.padEnd(24)} ${formatBytes(used)} of ${formatBytes(space)}`);
  return 0;
}

async function remove(
  state: StateStore,
  invocation: Invocation,
  id: string | undefined,
): Promise<number> {
  if (id === undefined) throw new UsageError('midcall subscribers remove NUMBER');
  const removed = await state.removeSubscriber(id);
  if (!removed) throw new UsageError(`${id} is no subscriber`);
  if (invocation.json) invocation.print(JSON.stringify({ id, removed }));
  else invocation.print(`${id} removed. What it stored is still there.`);
  return 0;
}

const generated = (): string =>
  Buffer.from(systemRandom.bytes(GENERATED_BYTES)).toString('base64url');
