import { describe, expect, test } from '@jest/globals';
import { instant, wallclock } from '../../src/base/units.ts';
import { Environment } from '../../src/sip/environment.ts';
import { readEnvelope, type Incoming } from '../../src/sip/envelope.ts';
import { INVITE_CLIENT } from '../../src/sip/invite-client.ts';
import { INVITE_SERVER } from '../../src/sip/invite-server.ts';
import { parseMessage } from '../../src/sip/message-parser.ts';
import { NON_INVITE_CLIENT } from '../../src/sip/non-invite-client.ts';
import { NON_INVITE_SERVER } from '../../src/sip/non-invite-server.ts';
import { remainingNeeds } from '../../src/sip/remaining-needs.ts';
import { Transaction } from '../../src/sip/transaction.ts';
import { isTransactionTimer, type TimerName } from '../../src/sip/timers.ts';
import type { Action, Event, Machine, State } from '../../src/sip/transaction-table.ts';
import { PHONE } from '../support/core-bench.ts';
import { request } from '../support/core-messages.ts';
import { SeededRandom } from '../support/seeded-random.ts';
import { answerTo, readSip } from '../support/sip-text.ts';

const STATUS = { '1xx': 180, '2xx': 200, '3xx-6xx': 486 } as const;

function incoming(text: string): Incoming {
  const message = parseMessage(Buffer.from(text), 'honoured');
  const envelope = message.ok ? readEnvelope(message.value) : message;
  if (!message.ok || !envelope.ok) throw new Error('a test message is broken');
  return { message: message.value, envelope: envelope.value, flow: PHONE };
}

/** A transaction and everything that it did. */
class Probe {
  readonly log: string[] = [];
  readonly env = new Environment({
    local: { address: '192.0.2.1', port: 5060 },
    random: new SeededRandom(7),
    epoch: { at: instant(0), wallclock: wallclock(0) },
  });
  readonly #method: string;
  readonly #text: string;
  readonly transaction: Transaction;

  constructor(machine: Machine, name: string) {
    this.#method = name.startsWith('non-') ? 'OPTIONS' : 'INVITE';
    this.#text = request(this.#method, { branch: 'z9hG4bKprobe' });
    const first = incoming(this.#text).message;
    if (first.kind !== 'request') throw new Error('not a request');
    this.transaction = new Transaction(this.env, {
      machine,
      request: first,
      flow: PHONE,
      user: {
        receive: () => this.log.push('pass-up'),
        report: (what) => this.log.push(`report-${what}`),
        ended: () => this.log.push('ended'),
      },
      onEnd: () => {},
    });
  }

  /** @returns what left for the network and the user. */
  event(event: Event): readonly string[] {
    this.log.length = 0;
    this.env.take();
    this.#do(event);
    const sent = this.env.take().filter(({ kind }) => kind === 'send');
    return [...sent.map(() => 'send'), ...this.log].toSorted();
  }

  #do(event: Event): void {
    if (event === '1xx' || event === '2xx' || event === '3xx-6xx') this.#status(STATUS[event]);
    else if (event === 'request') this.#request();
    else this.#trouble(event);
  }

  #request(): void {
    if (this.transaction.machine.role === 'client') this.transaction.start(Buffer.from(this.#text));
    else this.transaction.deliver(incoming(this.#text));
  }

  #trouble(event: Exclude<Event, 'request' | keyof typeof STATUS>): void {
    const { transaction } = this;
    if (event === 'ack') transaction.deliver(incoming(request('ACK')));
    else if (event === 'cancelled') transaction.cancelled();
    else if (event === 'abandoned') transaction.abandon();
    else if (event === 'transport-error') transaction.failed();
    else transaction.due(event);
  }

  #status(status: number): void {
    const text = answerTo(readSip(this.#text), `${status} Test`, { tag: 'x' });
    if (this.transaction.machine.role === 'client') this.transaction.deliver(incoming(text));
    else this.transaction.respond(status, Buffer.from(text));
  }
}

/** How to get to each state from `initial`. */
const WAY: Readonly<Record<string, Partial<Record<State, readonly Event[]>>>> = {
  'INVITE client': {
    initial: [],
    calling: ['request'],
    proceeding: ['request', '1xx'],
    completed: ['request', '3xx-6xx'],
    accepted: ['request', '2xx'],
    terminated: ['request', 'timer-b'],
  },
  'non-INVITE client': {
    initial: [],
    trying: ['request'],
    proceeding: ['request', '1xx'],
    completed: ['request', '2xx'],
    terminated: ['request', 'timer-f'],
  },
  'INVITE server': {
    initial: [],
    proceeding: ['request'],
    completed: ['request', '3xx-6xx'],
    confirmed: ['request', '3xx-6xx', 'ack'],
    accepted: ['request', '2xx'],
    terminated: ['request', '2xx', 'timer-l'],
  },
  'non-INVITE server': {
    initial: [],
    trying: ['request'],
    proceeding: ['request', '1xx'],
    completed: ['request', '2xx'],
    terminated: ['request', '2xx', 'timer-j'],
  },
};

const wayTo = (name: string, state: State): readonly Event[] => WAY[name]?.[state] ?? [];

/** What an action looks like from outside; timers show in the schedule tests. */
function visible(action: Action): readonly string[] {
  if (action === 'pass-up') return ['pass-up'];
  if (action.startsWith('report-')) return [action];
  return action.startsWith('send-') || action === 'resend-response' ? ['send'] : [];
}

const MACHINES: readonly (readonly [string, Machine])[] = [
  ['INVITE client', INVITE_CLIENT],
  ['non-INVITE client', NON_INVITE_CLIENT],
  ['INVITE server', INVITE_SERVER],
  ['non-INVITE server', NON_INVITE_SERVER],
];

describe.each(MACHINES)('%s transaction, run', (name, machine) => {
  const cells = machine.states.flatMap((state) =>
    machine.events.map((event) => ({ state, event })),
  );

  test.each(cells)('$state: $event', ({ state, event }) => {
    const probe = new Probe(machine, name);
    for (const step of wayTo(name, state)) probe.event(step);
    expect(probe.transaction.state).toBe(state);
    const { to, actions } = machine.table[state]?.[event] ?? { to: state, actions: [] };
    // Its user hears the end as soon as it is of no more use, which is before the transaction's own.
    const calls = (at: State): boolean => remainingNeeds(machine, at).has('user');
    const ended = calls(state) && !calls(to) ? ['ended'] : [];
    expect(probe.event(event)).toEqual([...actions.flatMap(visible), ...ended].toSorted());
    expect(probe.transaction.state).toBe(to);
  });
});

test('a timer of somebody else is not a transaction’s', () => {
  const names: readonly TimerName[] = ['app-silent', 'timer-a', 'answer-retransmit'];
  expect(names.map(isTransactionTimer)).toEqual([false, true, false]);
});
