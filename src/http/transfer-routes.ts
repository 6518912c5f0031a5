import type { FastifyRequest } from 'fastify';
import { MidcallError } from '../base/errors.ts';
import type { TransferRecord } from '../transfers/record.ts';
import { matchesEtag } from './byte-range.ts';
import type { Content } from './content.ts';
import type { HttpPorts } from './http-ports.ts';
import { HttpProblem } from './problem.ts';
import type { Api } from './schema-types.ts';
import { LIMIT_MAX, listTransfers } from './transfer-list.ts';
import { etagOf, transferView, type TransferView } from './transfer-view.ts';

const SUBSCRIBER = [{ session: [] }, { bearer: [] }] as const;
const ACCOUNT = {
  type: 'object',
  properties: { account: { type: 'string', maxLength: 128 } },
  required: ['account'],
} as const;
const ACCOUNT_TRANSFER = {
  type: 'object',
  properties: {
    account: { type: 'string', maxLength: 128 },
    transfer: { type: 'string', pattern: '^[A-Za-z0-9_-]{1,64}$' },
  },
  required: ['account', 'transfer'],
} as const;
const PROBLEM = { description: 'Why not.', $ref: 'Problem#' } as const;

const LIST = {
  operationId: 'listTransfers',
  summary: 'Transfers of an account, newest first',
  security: SUBSCRIBER,
  params: ACCOUNT,
  querystring: {
    type: 'object',
    properties: {
      cursor: { type: 'string', maxLength: 96, description: 'From the page before.' },
      limit: { type: 'integer', minimum: 1, maximum: LIMIT_MAX, default: 50 },
      state: { type: 'string', maxLength: 16, description: 'Only those in this state.' },
      since: {
        type: 'string',
        format: 'date-time',
        description: 'Only those created then or later.',
      },
    },
    additionalProperties: false,
  },
  response: { 200: { description: 'A page.', $ref: 'TransferPage#' }, '4xx': PROBLEM },
} as const;

const SHOW = {
  operationId: 'showTransfer',
  summary: 'One transfer',
  description: 'With ETag; If-None-Match is honoured.',
  security: SUBSCRIBER,
  params: ACCOUNT_TRANSFER,
  response: { 200: { description: 'The transfer.', $ref: 'Transfer#' }, '4xx': PROBLEM },
} as const;

const CONTENT = {
  operationId: 'fetchContent',
  summary: 'What was stored',
  description:
    'With Range, If-Range, If-Match and If-None-Match. While the transfer goes on: what is stored, and then what comes in, to the end.',
  security: SUBSCRIBER,
  params: ACCOUNT_TRANSFER,
  response: {
    200: { description: 'The bytes.', content: { 'application/octet-stream': { schema: {} } } },
    206: { description: 'A part.', content: { 'application/octet-stream': { schema: {} } } },
    '4xx': PROBLEM,
  },
} as const;

const REMOVE = {
  operationId: 'removeTransfer',
  summary: 'Removes a transfer and frees its space',
  description: 'Repeatable. If-Match with the ETag of the transfer is honoured.',
  security: SUBSCRIBER,
  params: ACCOUNT_TRANSFER,
  response: { 204: { type: 'null', description: 'It is gone.' }, '4xx': PROBLEM },
} as const;

const USAGE = {
  operationId: 'showUsage',
  summary: 'Space of an account',
  security: SUBSCRIBER,
  params: ACCOUNT,
  response: { 200: { description: 'In bytes.', $ref: 'Usage#' }, '4xx': PROBLEM },
} as const;

type Ports = Pick<HttpPorts, 'state' | 'transfers' | 'watch' | 'settings'>;

/** M14 over HTTP. All of it for the account that is signed in: the hook of this scope sees to that. */
export function transferRoutes(api: Api, ports: Ports, content: Content): void {
  const { state, transfers, watch } = ports;
  const view = (record: TransferRecord): TransferView => transferView(record, ports.settings.shown);

  api.get('/v1/accounts/:account/transfers', { schema: LIST }, async ({ params, query }) => {
    const { since, limit = 50, ...others } = query;
    const from = since === undefined ? {} : { since: Date.parse(since) };
    const page = await listTransfers(state, params.account, { ...others, limit, ...from });
    const rows = page.transfers.map((record) => view(transfers.liveRecord(record.id) ?? record));
    return { transfers: rows, ...(page.cursor === undefined ? {} : { cursor: page.cursor }) };
  });

  api.get('/v1/accounts/:account/transfers/:transfer', { schema: SHOW }, async (request, reply) => {
    const shown = view(await recordOf(ports, request.params));
    const etag = etagOf(shown);
    void reply.header('etag', etag);
    const none = request.headers['if-none-match'];
    if (none !== undefined && matchesEtag(none, etag, true)) return reply.code(304).send();
    return shown;
  });

  api.route({
    method: ['GET', 'HEAD'],
    url: '/v1/accounts/:account/transfers/:transfer/content',
    schema: CONTENT,
    handler: async (request, reply) =>
      content.send(await recordOf(ports, request.params), request, reply),
  });

  api.delete(
    '/v1/accounts/:account/transfers/:transfer',
    { schema: REMOVE },
    async (request, reply) => {
      const record = await state.transfer(request.params.transfer);
      if (record?.account !== request.params.account) return reply.code(204).send();
      checkMatch(request, () => etagOf(view(record)));
      await transfers.remove(record.id);
      watch.removed(record.id, record.account);
      return reply.code(204).send();
    },
  );

  api.get('/v1/accounts/:account/usage', { schema: USAGE }, async ({ params }) =>
    state.usage(params.account),
  );
}

/** Also with counts that the store does not have yet. @throws MidcallError `unknown-prompt`, the same for somebody else's. */
export async function recordOf(
  { state, transfers }: Pick<HttpPorts, 'state' | 'transfers'>,
  { account, transfer }: { readonly account: string; readonly transfer: string },
): Promise<TransferRecord> {
  const record = await state.transfer(transfer);
  if (record?.account !== account || record.deletedAt !== undefined)
    throw new MidcallError('unknown-prompt', 'there is no such transfer');
  return transfers.liveRecord(transfer) ?? record;
}

/** @throws HttpProblem `precondition-failed`. */
function checkMatch({ headers }: FastifyRequest, etag: () => string): void {
  const match = headers['if-match'];
  if (match !== undefined && !matchesEtag(match, etag(), false))
    throw new HttpProblem('precondition-failed', 'it has changed');
}
