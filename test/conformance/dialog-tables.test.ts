import { describe, expect, test } from '@jest/globals';
import { COLLISIONS, type Change, type Obstacle } from '../../src/sip/collision.ts';
import {
  RELIABLE_EVENTS,
  RELIABLE_PROVISIONALS,
  RELIABLE_STATES,
} from '../../src/sip/reliable-table.ts';
import { SERVER_CHOICE } from '../../src/sip/session-agreement.ts';
import { outcomeOf } from '../../src/sip/session-refresh.ts';
import { expiryMs, refreshMs } from '../../src/sip/session-timer.ts';

/** RFC 3262 §3, written down once more. Every cell that is not listed is absorbed. */
const RELIABLE_CELLS = new Map([
  ['idle provisional', 'waiting: send start'],
  ['idle early-2xx', 'over: send'],
  ['idle final', 'over: send'],
  ['waiting provisional', 'waiting: hold'],
  ['waiting early-2xx', 'waiting: hold'],
  ['waiting final', 'over: stop drop-held send'],
  ['waiting prack', 'idle: stop'],
  ['waiting timer-again', 'waiting: again'],
  ['waiting timer-give-up', 'over: stop drop-held refuse'],
]);

describe('reliable provisional responses', () => {
  const cells = RELIABLE_STATES.flatMap((state) =>
    RELIABLE_EVENTS.map((event) => ({ state, event, cell: `${state} ${event}` })),
  );

  test.each(cells)('$cell', ({ state, event, cell }) => {
    const transition = RELIABLE_PROVISIONALS[state][event];
    const found =
      transition === undefined ? 'absorbed' : `${transition.to}: ${transition.actions.join(' ')}`;
    expect(found).toBe(RELIABLE_CELLS.get(cell) ?? 'absorbed');
  });

  test('the list and the table name the same cells', () => {
    const inTable = Object.entries(RELIABLE_PROVISIONALS).flatMap(([state, row]) =>
      Object.keys(row).map((event) => `${state} ${event}`),
    );
    expect(new Set(inTable)).toEqual(new Set(RELIABLE_CELLS.keys()));
  });
});

describe('two changes of one session at once (RFC 3261 §14.2, RFC 3311 §5.2)', () => {
  const ROWS: readonly (readonly [Change, Obstacle, number | undefined])[] = [
    ['invite', 'their-invite', 500],
    ['invite', 'our-invite', 491],
    ['invite', 'their-update', undefined],
    ['invite', 'their-offer', undefined],
    ['invite', 'our-offer', undefined],
    ['update', 'their-invite', undefined],
    ['update', 'our-invite', undefined],
    ['update', 'their-update', 500],
    ['update', 'their-offer', undefined],
    ['update', 'our-offer', undefined],
    ['update-with-offer', 'their-invite', undefined],
    ['update-with-offer', 'our-invite', undefined],
    ['update-with-offer', 'their-update', 500],
    ['update-with-offer', 'their-offer', 500],
    ['update-with-offer', 'our-offer', 491],
  ];
  test.each(ROWS)('%s against %s: %s', (change, obstacle, status) => {
    expect(COLLISIONS[change][obstacle]).toBe(status);
  });
});

test('who refreshes: RFC 4028 §9, table 2', () => {
  expect(SERVER_CHOICE).toEqual({
    timer: { nobody: 'uac', uac: 'uac', uas: 'uas' },
    'no-timer': { nobody: 'uas', uac: 'uas', uas: 'uas' },
  });
});

test.each([
  ['UPDATE', 200, 'refreshed'],
  ['INVITE', 299, 'refreshed'],
  ['INVITE', 300, 'later'],
  ['UPDATE', 405, 'by-invite'],
  ['UPDATE', 501, 'by-invite'],
  ['INVITE', 405, 'later'],
  ['INVITE', 501, 'later'],
  ['UPDATE', 401, 'there'],
  ['INVITE', 407, 'there'],
  ['UPDATE', 408, 'over'],
  ['INVITE', 481, 'over'],
  ['UPDATE', 422, 'longer'],
  ['INVITE', 491, 'glare'],
  ['UPDATE', 503, 'later'],
])('a refresh by %s that is answered %i: %s', (method, status, outcome) => {
  expect(outcomeOf(method, status)).toBe(outcome);
});

test.each([
  [1_800, 900_000, 1_768_000],
  [96, 48_000, 64_000],
  [90, 45_000, 60_000],
])('a session of %i s (RFC 4028 §10)', (seconds, refresh, expiry) => {
  expect([refreshMs(seconds), expiryMs(seconds)]).toEqual([refresh, expiry]);
});
