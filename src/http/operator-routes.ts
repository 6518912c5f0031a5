import { MidcallError } from '../base/errors.ts';
import { newSubscriber } from '../calls/new-subscriber.ts';
import { numberOf } from '../incall/number.ts';
import type { EventStreams } from './event-streams.ts';
import type { HttpPorts } from './http-ports.ts';
import type { StatusSampler } from './operator-status.ts';
import { HttpProblem } from './problem.ts';
import type { Api } from './schema-types.ts';
import type { Sessions } from './sessions.ts';
import { listTransfers } from './transfer-list.ts';
import { transferView } from './transfer-view.ts';

const SECURITY = [{ operatorSession: [] }, { operatorToken: [] }] as const;
const PROBLEM = { description: 'Why not.', $ref: 'Problem#' } as const;
const NUMBER = {
  type: 'object',
  properties: { number: { type: 'string', maxLength: 128 } },
  required: ['number'],
} as const;

const simple = (operationId: string, summary: string, $ref: string): object => ({
  operationId,
  summary,
  tags: ['operator'],
  security: SECURITY,
  response: { 200: { description: summary, $ref }, '4xx': PROBLEM },
});

const ADD = {
  operationId: 'addSubscriber',
  summary: 'Adds a subscriber',
  tags: ['operator'],
  security: SECURITY,
  body: {
    type: 'object',
    properties: {
      number: { type: 'string', minLength: 1, maxLength: 128 },
      sipPassword: { type: 'string', minLength: 8, maxLength: 256 },
      storagePassword: { type: 'string', minLength: 4, maxLength: 256 },
      space: { type: 'integer', minimum: 1, maximum: 1_000_000_000_000_000, description: 'Bytes.' },
    },
    required: ['number', 'sipPassword', 'storagePassword', 'space'],
    additionalProperties: false,
  },
  response: { 201: { description: 'Added.', $ref: 'Subscriber#' }, '4xx': PROBLEM },
} as const;

const REMOVE = {
  operationId: 'removeSubscriber',
  summary: 'Removes a subscriber; what is stored stays',
  tags: ['operator'],
  security: SECURITY,
  params: NUMBER,
  response: { 204: { type: 'null', description: 'Gone.' }, '4xx': PROBLEM },
} as const;

const TRANSFERS = {
  operationId: 'listLiveTransfers',
  summary: 'Transfers that go on, or with `account` those of an account',
  tags: ['operator'],
  security: SECURITY,
  querystring: {
    type: 'object',
    properties: {
      account: { type: 'string', maxLength: 128 },
      cursor: { type: 'string', maxLength: 96 },
      limit: { type: 'integer', minimum: 1, maximum: 100, default: 50 },
    },
    additionalProperties: false,
  },
  response: { 200: { description: 'A page.', $ref: 'TransferPage#' }, '4xx': PROBLEM },
} as const;

const DRAIN = {
  operationId: 'drain',
  summary: 'Ends all transfers and takes no new ones; calls go on. Repeatable',
  tags: ['operator'],
  security: SECURITY,
  response: { 202: { type: 'null', description: 'Under way.' }, '4xx': PROBLEM },
} as const;

const EVENTS = {
  operationId: 'followStatus',
  summary:
    'A sample a second, as server-sent events `sample`; those of the last minutes come first',
  tags: ['operator'],
  security: SECURITY,
  response: {
    200: { description: 'Events.', content: { 'text/event-stream': { schema: {} } } },
    '4xx': PROBLEM,
  },
} as const;

export interface OperatorParts {
  readonly sampler: StatusSampler;
  readonly streams: EventStreams;
  readonly sessions: Sessions;
}

/** For the operator: the hook of this scope sees to that. */
export function operatorRoutes(api: Api, ports: HttpPorts, parts: OperatorParts): void {
  const { shown } = ports.settings;
  const { sampler, streams, sessions } = parts;
  const status = { schema: simple('showStatus', 'How it goes', 'Status#') };
  api.get('/v1/operator/status', status, () => sampler.status());

  const events = { schema: EVENTS, exposeHeadRoute: false };
  api.get('/v1/operator/events', events, (request, reply) => {
    const lifeMs = sessions.expiresAt('operator', request) - ports.clock.wallclock();
    const stream = streams.open(reply, 'operator', lifeMs);
    for (const sample of sampler.samples) stream.send('sample', sample);
    stream.onClose(sampler.listen((sample) => stream.send('sample', sample)));
    return reply;
  });

  const calls = { schema: simple('listCalls', 'Calls', 'Calls#') };
  api.get('/v1/operator/calls', calls, () => ({
    calls: ports.calls.overview().map(({ id, state, caller, callee }) => ({
      id,
      state,
      ...(caller === undefined ? {} : { caller: shown(caller) }),
      ...(callee === undefined ? {} : { callee: shown(callee) }),
    })),
  }));

  const trunks = {
    schema: simple('listTrunks', 'Trunks, and which next hops are alive', 'Trunks#'),
  };
  api.get('/v1/operator/trunks', trunks, () => ({ trunks: ports.calls.trunks() }));

  api.get('/v1/operator/transfers', { schema: TRANSFERS }, async ({ query }) => {
    const { account, limit = 50, cursor } = query;
    const page =
      account === undefined
        ? { transfers: ports.transfers.live().slice(0, limit) }
        : await listTransfers(ports.state, account, { limit, ...(cursor ? { cursor } : {}) });
    return { ...page, transfers: page.transfers.map((record) => transferView(record, shown)) };
  });

  api.post('/v1/operator/drain', { schema: DRAIN }, (_request, reply) => {
    if (!sampler.draining) void ports.transfers.drain();
    sampler.draining = true;
    return reply.code(202).send();
  });
  subscriberRoutes(api, ports);
}

function subscriberRoutes(api: Api, { state, passwords, clock, settings }: HttpPorts): void {
  const list = { schema: simple('listSubscribers', 'Subscribers and their space', 'Subscribers#') };
  api.get('/v1/operator/subscribers', list, async () => {
    const rows = [];
    for (const { id, space, createdAt } of await state.subscribers()) {
      const used = (await state.usage(id))?.used ?? 0;
      rows.push({ number: id, space, used, createdAt: new Date(createdAt).toISOString() });
    }
    return { subscribers: rows };
  });

  api.post('/v1/operator/subscribers', { schema: ADD }, async ({ body }, reply) => {
    const id = numberOf(body.number);
    if (id === undefined)
      throw new MidcallError('bad-request', 'this is no number', { facts: { field: '/number' } });
    const { domain } = settings;
    const subscriber = await newSubscriber({ ...body, id }, { domain, passwords, clock });
    const isAdded = await state.addSubscriber(subscriber);
    if (!isAdded) throw new HttpProblem('conflict', 'there is such a subscriber already');
    const { space, createdAt } = subscriber;
    const row = { number: id, space, used: 0, createdAt: new Date(createdAt).toISOString() };
    return reply.code(201).send(row);
  });

  api.delete('/v1/operator/subscribers/:number', { schema: REMOVE }, async ({ params }, reply) => {
    await state.removeSubscriber(params.number);
    return reply.code(204).send();
  });
}
