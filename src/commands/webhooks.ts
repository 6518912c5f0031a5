import { systemClock } from '../net/system-clock.ts';
import type { DeadMail } from '../state/outbox.ts';
import type { StateStore } from '../state/state-store.ts';
import { UsageError } from './command.ts';
import type { Command, Invocation } from './command.ts';
import { withState } from './with-state.ts';

const USAGE = 'midcall webhooks list | retry EVENT|all | delete EVENT|all';
const ALL = 'all';

type OnDead = (state: StateStore, event: string) => Promise<boolean>;

const ON_DEAD: Readonly<Record<string, { readonly act: OnDead; readonly said: string }>> = {
  retry: {
    act: (state, event) => state.reviveMail(event, systemClock.wallclock()),
    said: 'will be sent again',
  },
  delete: { act: (state, event) => state.dropDeadMail(event), said: 'deleted' },
};

/** `midcall webhooks list`, `retry EVENT`, `delete EVENT`: events that nobody took (docs/webhooks.md). */
export const webhooks: Command = (invocation) => {
  const [verb = 'list', event] = invocation.words;
  const { config } = invocation;
  if (verb === 'list') return withState(config, (state) => list(state, invocation));
  const action = Object.hasOwn(ON_DEAD, verb) ? ON_DEAD[verb] : undefined;
  if (action === undefined || event === undefined) throw new UsageError(USAGE);
  return withState(config, async (state) => {
    const events = event === ALL ? (await state.deadMail()).map(({ mail }) => mail.id) : [event];
    const done: string[] = [];
    for (const id of events) if (await action.act(state, id)) done.push(id);
    if (event !== ALL && done.length === 0) throw new UsageError(`no event ${event} was given up`);
    if (invocation.json) invocation.print(JSON.stringify({ [verb]: done }));
    else for (const id of done) invocation.print(`${id} ${action.said}`);
    return 0;
  });
};

async function list(state: StateStore, { json, print }: Invocation): Promise<number> {
  const dead = await state.deadMail();
  if (json) print(JSON.stringify(dead.map(rowOf)));
  else if (dead.length === 0) print('No event was given up.');
  else for (const letter of dead) print(lineOf(letter));
  return 0;
}

const rowOf = ({ transfer, mail, at, cause }: DeadMail): object => ({
  event: mail.id,
  transfer,
  givenUpAt: new Date(at).toISOString(),
  cause,
  body: JSON.parse(mail.body),
});

const lineOf = ({ mail, at, cause }: DeadMail): string =>
  `${new Date(at).toISOString()}  ${mail.id}  ${cause}`;
