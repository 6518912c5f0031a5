import { describe, expect, test } from '@jest/globals';
import { INVITE_CLIENT } from '../../src/sip/invite-client.ts';
import { INVITE_SERVER } from '../../src/sip/invite-server.ts';
import { NON_INVITE_CLIENT } from '../../src/sip/non-invite-client.ts';
import { NON_INVITE_SERVER } from '../../src/sip/non-invite-server.ts';
import { TIMERS } from '../../src/sip/timers.ts';
import type { Machine } from '../../src/sip/transaction-table.ts';

/**
 * Figures 5 to 8 of RFC 3261 as amended by RFC 6026 and RFC 4320, written down once more and independently of the
 * tables: "state event -> next: actions". Every cell that is not listed is absorbed.
 */
const INVITE_CLIENT_CELLS = `
  initial request -> calling: send-request start-a start-b
  calling timer-a -> calling: send-request again-a probe
  calling timer-b -> terminated: report-timeout
  calling transport-error -> terminated: report-failure
  calling 1xx -> proceeding: stop-timers start-c pass-up
  calling 2xx -> accepted: stop-timers start-m pass-up
  calling 3xx-6xx -> completed: stop-timers send-ack start-d pass-up
  proceeding 1xx -> proceeding: start-c pass-up
  proceeding 2xx -> accepted: stop-timers start-m pass-up
  proceeding 3xx-6xx -> completed: stop-timers send-ack start-d pass-up
  proceeding cancelled -> proceeding: start-cancel
  proceeding timer-c -> proceeding: report-overdue
  proceeding timer-cancel -> terminated: report-timeout
  proceeding transport-error -> terminated: report-failure
  completed 3xx-6xx -> completed: send-ack
  completed timer-d -> terminated:
  completed transport-error -> terminated:
  accepted 2xx -> accepted: pass-up
  accepted timer-m -> terminated:`;

const NON_INVITE_CLIENT_CELLS = `
  initial request -> trying: send-request start-e start-f
  trying timer-e -> trying: send-request again-e probe
  trying timer-f -> terminated: report-timeout
  trying transport-error -> terminated: report-failure
  trying 1xx -> proceeding: pass-up
  trying 2xx -> completed: stop-timers start-k pass-up
  trying 3xx-6xx -> completed: stop-timers start-k pass-up
  proceeding timer-e -> proceeding: send-request slow-e
  proceeding timer-f -> terminated: report-timeout
  proceeding transport-error -> terminated: report-failure
  proceeding 1xx -> proceeding: pass-up
  proceeding 2xx -> completed: stop-timers start-k pass-up
  proceeding 3xx-6xx -> completed: stop-timers start-k pass-up
  completed timer-k -> terminated:`;

const INVITE_SERVER_CELLS = `
  initial request -> proceeding: send-100 pass-up
  proceeding request -> proceeding: resend-response
  proceeding 1xx -> proceeding: send-response
  proceeding 2xx -> accepted: send-response start-l
  proceeding 3xx-6xx -> completed: send-response start-g start-h
  proceeding abandoned -> terminated:
  completed request -> completed: resend-response
  completed timer-g -> completed: resend-response again-g
  completed timer-h -> terminated: report-timeout
  completed ack -> confirmed: stop-timers start-i
  confirmed timer-i -> terminated:
  accepted ack -> accepted: pass-up
  accepted 2xx -> accepted: send-response
  accepted timer-l -> terminated:`;

const NON_INVITE_SERVER_CELLS = `
  initial request -> trying: start-100 pass-up
  trying 1xx -> proceeding: stop-timers send-response
  trying 2xx -> completed: stop-timers send-response start-j
  trying 3xx-6xx -> completed: stop-timers send-response start-j
  trying timer-100 -> proceeding: send-100
  trying abandoned -> terminated:
  proceeding request -> proceeding: resend-response
  proceeding 1xx -> proceeding: send-response
  proceeding 2xx -> completed: send-response start-j
  proceeding 3xx-6xx -> completed: send-response start-j
  proceeding abandoned -> terminated:
  completed request -> completed: resend-response
  completed timer-j -> terminated:`;

const MACHINES: readonly (readonly [string, Machine, string])[] = [
  ['INVITE client', INVITE_CLIENT, INVITE_CLIENT_CELLS],
  ['non-INVITE client', NON_INVITE_CLIENT, NON_INVITE_CLIENT_CELLS],
  ['INVITE server', INVITE_SERVER, INVITE_SERVER_CELLS],
  ['non-INVITE server', NON_INVITE_SERVER, NON_INVITE_SERVER_CELLS],
];

const cellsOf = (text: string): ReadonlyMap<string, string> =>
  new Map(
    text
      .trim()
      .split('\n')
      .map((line) => line.trim().split(' -> '))
      .map(([cell = '', result = '']) => [cell, result.trim()]),
  );

describe.each(MACHINES)('%s transaction', (_name, machine, text) => {
  const expected = cellsOf(text);
  const cells = machine.states.flatMap((state) =>
    machine.events.map((event) => ({ state, event, cell: `${state} ${event}` })),
  );

  test.each(cells)('$cell', ({ state, event, cell }) => {
    const transition = machine.table[state]?.[event];
    const found =
      transition === undefined ? 'absorbed' : `${transition.to}: ${transition.actions.join(' ')}`;
    expect(found.trim()).toBe(expected.get(cell) ?? 'absorbed');
  });

  test('has no cell outside its states and events, and the list names no other', () => {
    const known = new Set(cells.map(({ cell }) => cell));
    const inTable = Object.entries(machine.table).flatMap(([state, row]) =>
      Object.keys(row).map((event) => `${state} ${event}`),
    );
    expect(inTable.filter((cell) => !known.has(cell))).toEqual([]);
    expect(new Set(inTable)).toEqual(new Set(expected.keys()));
  });

  test('every state can be reached, and no state is left without a way out but the last', () => {
    const reached = new Set(
      Object.values(machine.table).flatMap((row) => Object.values(row).map(({ to }) => to)),
    );
    expect(machine.states.filter((state) => !reached.has(state))).toEqual(['initial']);
    const ending = machine.states.filter((state) => machine.table[state] === undefined);
    expect(ending).toEqual(['terminated']);
  });
});

test('the timers are those of RFC 3261 table 4', () => {
  expect(TIMERS).toEqual({
    'timer-a': { firstMs: 500, doublesToMs: 32_000, reliable: 'never' },
    'timer-b': { firstMs: 32_000 },
    'timer-c': { firstMs: 200_000 },
    'timer-d': { firstMs: 32_000, reliable: 'once' },
    'timer-e': { firstMs: 500, doublesToMs: 4_000, reliable: 'never' },
    'timer-f': { firstMs: 32_000 },
    'timer-g': { firstMs: 500, doublesToMs: 4_000, reliable: 'never' },
    'timer-h': { firstMs: 32_000 },
    'timer-i': { firstMs: 5_000, reliable: 'once' },
    'timer-j': { firstMs: 32_000, reliable: 'once' },
    'timer-k': { firstMs: 5_000, reliable: 'once' },
    'timer-l': { firstMs: 32_000 },
    'timer-m': { firstMs: 32_000 },
    'timer-cancel': { firstMs: 32_000 },
    'timer-100': { firstMs: 3_500 },
  });
});
