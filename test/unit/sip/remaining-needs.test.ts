import { describe, expect, test } from '@jest/globals';
import { INVITE_CLIENT } from '../../../src/sip/invite-client.ts';
import { INVITE_SERVER } from '../../../src/sip/invite-server.ts';
import { NON_INVITE_CLIENT } from '../../../src/sip/non-invite-client.ts';
import { NON_INVITE_SERVER } from '../../../src/sip/non-invite-server.ts';
import { remainingNeeds, type Need } from '../../../src/sip/remaining-needs.ts';
import type { Machine, State } from '../../../src/sip/transaction-table.ts';

type Row = readonly [State, readonly Need[]];

const TABLES: readonly (readonly [string, Machine, readonly Row[]])[] = [
  [
    'INVITE client',
    INVITE_CLIENT,
    [
      ['calling', ['bytes', 'request', 'user']],
      ['proceeding', ['request', 'user']],
      // A refusal that comes again is acknowledged again.
      ['completed', ['request']],
      // Other forks may answer.
      ['accepted', ['user']],
      ['terminated', []],
    ],
  ],
  [
    'non-INVITE client',
    NON_INVITE_CLIENT,
    [
      ['trying', ['bytes', 'user']],
      ['completed', []],
      ['terminated', []],
    ],
  ],
  [
    'INVITE server',
    INVITE_SERVER,
    [
      ['proceeding', ['bytes', 'user']],
      ['completed', ['bytes', 'user']],
      ['confirmed', []],
      // The ACK to a 2xx is the user's.
      ['accepted', ['user']],
      ['terminated', []],
    ],
  ],
  [
    'non-INVITE server',
    NON_INVITE_SERVER,
    [
      ['trying', ['bytes', 'request', 'user']],
      ['completed', ['bytes']],
      ['terminated', []],
    ],
  ],
];

describe.each(TABLES)('%s transaction', (_name, machine, rows) => {
  test.each(rows)('in %s needs %j', (state, needs) => {
    expect([...remainingNeeds(machine, state)].toSorted()).toEqual(needs);
  });
});
