import type { Action, Machine, State } from './transaction-table.ts';

/** What a transaction holds for its actions: the request, the bytes that it sends again, the user that it calls. */
export type Need = 'request' | 'bytes' | 'user';

const NEEDS: Readonly<Partial<Record<Action, Need>>> = {
  'send-request': 'bytes',
  'send-100': 'request',
  'send-ack': 'request',
  'resend-response': 'bytes',
  'pass-up': 'user',
  'report-timeout': 'user',
  'report-failure': 'user',
  'report-overdue': 'user',
};

/**
 * What may still be needed in a state, and in all that can follow it: read off the table. A transaction lingers for half
 * a minute after its work is done (timers D, I, J, K, L, M), and most of a busy server's transactions do; all that one
 * of them needs then is its last response, or nothing.
 */
export function remainingNeeds(machine: Machine, state: State): ReadonlySet<Need> {
  let known = KNOWN.get(machine);
  if (known === undefined) KNOWN.set(machine, (known = new Map()));
  let needs = known.get(state);
  if (needs === undefined) known.set(state, (needs = followed(machine, state)));
  return needs;
}

/** The answers given so far: four machines of six states. */
const KNOWN = new Map<Machine, Map<State, ReadonlySet<Need>>>();

function followed({ role, table }: Machine, from: State): ReadonlySet<Need> {
  const needs = new Set<Need>();
  const states = new Set<State>([from]);
  for (const state of states) {
    const cells = table[state] ?? {};
    // A server's user is also who answers.
    if (role === 'server' && cells['2xx'] !== undefined) needs.add('user');
    for (const { to, actions } of Object.values(cells)) {
      states.add(to);
      for (const need of actions.flatMap(needOf)) needs.add(need);
    }
  }
  return needs;
}

const needOf = (action: Action): readonly Need[] => {
  const need = NEEDS[action];
  return need === undefined ? [] : [need];
};
