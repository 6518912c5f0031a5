import { describe, expect, test } from '@jest/globals';
import { DELIVERY, INGEST, cellOf, isOver, isTerminal } from '../../src/transfers/tables.ts';
import type {
  DeliveryAction,
  DeliveryEvent,
  DeliveryState,
  IngestAction,
  IngestEvent,
  IngestState,
  Table,
} from '../../src/transfers/tables.ts';

/** A table as prose has it: `state: event → next state, actions`; what is not said is absorbed. */
type Lines<State extends string, Event extends string> = Readonly<
  Record<State, Readonly<Partial<Record<Event, string>>>>
>;

const INGEST_EVENTS: Readonly<Record<IngestEvent, true>> = {
  'store-accepted': true,
  'prompt-expired': true,
  data: true,
  ended: true,
  'ended-empty': true,
  cancel: true,
  'sender-gone': true,
  'recorded-whole': true,
  'recorded-short': true,
  'recorded-nothing': true,
  'record-failed': true,
  'plane-failed': true,
};
const INGEST_ACTIONS: Readonly<Record<IngestAction, true>> = {
  confirm: true,
  'stop-ingest': true,
  record: true,
  'retry-record': true,
  keep: true,
  discard: true,
  'tell-sender': true,
  'tell-both': true,
};

/** docs/method.md M5–M9, docs/storage.md §1 and §2. */
const EXPECTED_INGEST: Lines<IngestState, IngestEvent> = {
  prompted: {
    'store-accepted': 'confirmed: confirm',
    'prompt-expired': 'expired: discard, tell-sender',
    cancel: 'cancelled: discard, tell-sender',
    'sender-gone': 'cancelled: discard, tell-sender',
    'plane-failed': 'failed: discard, tell-sender',
  },
  confirmed: {
    data: 'storing: tell-both',
    ended: 'settling: record',
    'ended-empty': 'failed: discard, tell-sender',
    cancel: 'cancelling: stop-ingest',
    'sender-gone': 'confirmed: stop-ingest',
    'plane-failed': 'settling: record',
  },
  storing: {
    ended: 'settling: record, tell-both',
    'ended-empty': 'failed: discard, tell-sender',
    cancel: 'cancelling: stop-ingest',
    'sender-gone': 'storing: stop-ingest',
    'plane-failed': 'settling: record',
  },
  cancelling: {
    ended: 'cancelled: discard, tell-sender',
    'ended-empty': 'cancelled: discard, tell-sender',
    'plane-failed': 'cancelled: discard, tell-sender',
  },
  settling: {
    'recorded-whole': 'complete: keep, tell-sender',
    'recorded-short': 'partial: keep, tell-sender',
    'recorded-nothing': 'failed: discard, tell-sender',
    'record-failed': 'settling: retry-record',
  },
  complete: {},
  partial: {},
  failed: {},
  cancelled: {},
  expired: {},
};

const DELIVERY_EVENTS: Readonly<Record<DeliveryEvent, true>> = {
  threshold: true,
  'ingest-whole': true,
  'ingest-short': true,
  'ingest-lost': true,
  'receive-accepted': true,
  'offer-expired': true,
  'sent-all': true,
  'delivery-failed': true,
  'receiver-gone': true,
};
const DELIVERY_ACTIONS: Readonly<Record<DeliveryAction, true>> = {
  offer: true,
  deliver: true,
  'stop-delivery': true,
};

/** docs/method.md M10–M12. */
const EXPECTED_DELIVERY: Lines<DeliveryState, DeliveryEvent> = {
  waiting: {
    threshold: 'offered: offer',
    'ingest-whole': 'offered: offer',
    'ingest-short': 'left:',
    'ingest-lost': 'left:',
    'receiver-gone': 'left:',
  },
  offered: {
    'receive-accepted': 'delivering: deliver',
    'ingest-lost': 'left:',
    'offer-expired': 'left:',
    'receiver-gone': 'left:',
  },
  delivering: {
    'sent-all': 'delivered:',
    'delivery-failed': 'left: stop-delivery',
    'ingest-lost': 'left: stop-delivery',
    'receiver-gone': 'left: stop-delivery',
  },
  delivered: {},
  left: {},
};

const keysOf = <Key extends string>(set: Readonly<Record<Key, unknown>>): Key[] =>
  Object.keys(set) as Key[];

/** Every state × every event, absorbed ones as `-`. */
const walk = <State extends string, Event extends string>(
  states: Readonly<Record<State, unknown>>,
  events: Readonly<Record<Event, true>>,
  cell: (state: State, event: Event) => string | undefined,
): string[] =>
  keysOf(states).flatMap((state) =>
    keysOf(events).map((event) => `${state} + ${event} → ${cell(state, event) ?? '-'}`),
  );

const written = <State extends string, Event extends string, Action extends string>(
  table: Table<State, Event, Action>,
  state: State,
  event: Event,
): string | undefined => {
  const cell = cellOf(table, state, event);
  return cell && `${cell.to}: ${cell.actions.join(', ')}`.trim();
};

/** Everything that can follow a state. */
function reachable(table: Table<string, string, string>, from: string): Set<string> {
  const seen = new Set([from]);
  for (const state of seen)
    for (const cell of Object.values(table[state] ?? {})) if (cell) seen.add(cell.to);
  return seen;
}

const actionsOf = (table: Table<string, string, string>): Set<string> =>
  new Set(
    Object.values(table).flatMap((row) =>
      Object.values(row).flatMap((cell) => [...(cell?.actions ?? [])]),
    ),
  );

test('every cell of both tables is as the method says, and every other event is absorbed', () => {
  const cells = [
    ...walk(INGEST, INGEST_EVENTS, (state, event) => written(INGEST, state, event)),
    ...walk(DELIVERY, DELIVERY_EVENTS, (state, event) => written(DELIVERY, state, event)),
  ];
  const expected = [
    ...walk(EXPECTED_INGEST, INGEST_EVENTS, (state, event) => EXPECTED_INGEST[state][event]),
    ...walk(EXPECTED_DELIVERY, DELIVERY_EVENTS, (state, event) => EXPECTED_DELIVERY[state][event]),
  ];
  expect(cells).toEqual(expected);
  expect(cells).toHaveLength(10 * 12 + 5 * 9);
});

describe.each([
  {
    name: 'ingest',
    table: INGEST as Table<string, string, string>,
    initial: 'prompted',
    terminal: ['complete', 'partial', 'failed', 'cancelled', 'expired'],
    actions: keysOf(INGEST_ACTIONS) as string[],
    isEnd: (state: string) => isTerminal(state as IngestState),
  },
  {
    name: 'delivery',
    table: DELIVERY as Table<string, string, string>,
    initial: 'waiting',
    terminal: ['delivered', 'left'],
    actions: keysOf(DELIVERY_ACTIONS) as string[],
    isEnd: (state: string) => isOver(state as DeliveryState),
  },
])('$name', ({ table, initial, terminal, actions, isEnd }) => {
  test('every state can be reached from the first', () => {
    expect([...reachable(table, initial)].toSorted()).toEqual(Object.keys(table).toSorted());
  });

  test('an end can be reached from every state', () => {
    for (const state of Object.keys(table))
      expect([...reachable(table, state)].some((next) => terminal.includes(next))).toBe(true);
  });

  test('the ends are those, and nothing follows them', () => {
    expect(Object.keys(table).filter(isEnd)).toEqual(terminal);
    for (const state of terminal) expect([...reachable(table, state)]).toEqual([state]);
  });

  test('every action is used, and no other', () => {
    expect([...actionsOf(table)].toSorted()).toEqual(actions.toSorted());
  });
});
