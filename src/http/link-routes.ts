import { MidcallError } from '../base/errors.ts';
import type { Content } from './content.ts';
import type { HttpPorts } from './http-ports.ts';
import { once } from './once.ts';
import { HttpProblem } from './problem.ts';
import type { Api } from './schema-types.ts';
import type { SignedTokens } from './signed-tokens.ts';
import { recordOf } from './transfer-routes.ts';

/** A week: a link can't be taken back but by removing what it leads to. */
export const LINK_MINUTES_MAX: number = 7 * 24 * 60;
const MS_PER_MINUTE = 60_000;

const PROBLEM = { description: 'Why not.', $ref: 'Problem#' } as const;

const MAKE = {
  operationId: 'makeLink',
  summary: 'A link for somebody without an account',
  security: [{ session: [] }, { bearer: [] }],
  params: {
    type: 'object',
    properties: {
      account: { type: 'string', maxLength: 128 },
      transfer: { type: 'string', pattern: '^[A-Za-z0-9_-]{1,64}$' },
    },
    required: ['account', 'transfer'],
  },
  headers: {
    type: 'object',
    properties: {
      'idempotency-key': { type: 'string', minLength: 1, maxLength: 128 },
    },
  },
  body: {
    type: 'object',
    properties: {
      minutes: { type: 'integer', minimum: 1, maximum: LINK_MINUTES_MAX, default: 60 },
    },
    additionalProperties: false,
  },
  response: { 201: { description: 'Good until then.', $ref: 'Link#' }, '4xx': PROBLEM },
} as const;

const FOLLOW = {
  operationId: 'followLink',
  summary: 'What a link leads to',
  description: 'As `fetchContent`, without signing in.',
  params: {
    type: 'object',
    properties: { token: { type: 'string', maxLength: 512 } },
    required: ['token'],
  },
  response: {
    200: { description: 'The bytes.', content: { 'application/octet-stream': { schema: {} } } },
    206: { description: 'A part.', content: { 'application/octet-stream': { schema: {} } } },
    '4xx': PROBLEM,
  },
} as const;

type Ports = Pick<HttpPorts, 'state' | 'transfers' | 'clock'>;

/** Makes links; for the account that is signed in. */
export function linkRoutes(api: Api, ports: Ports, tokens: SignedTokens): void {
  const url = '/v1/accounts/:account/transfers/:transfer/links';
  api.post(url, { schema: MAKE }, async ({ params, body, headers }, reply) => {
    const { account, id: transfer } = await recordOf(ports, params);
    const { minutes = 60 } = body;
    const request = {
      scope: `${account} links`,
      key: headers['idempotency-key'],
      content: { transfer, minutes },
    };
    const link = await once(ports, request, () => {
      const expiresAt = ports.clock.wallclock() + minutes * MS_PER_MINUTE;
      const token = tokens.sign('link', { account, transfer, expiresAt });
      return { url: `/v1/links/${token}`, expiresAt: new Date(expiresAt).toISOString() };
    });
    return reply.code(201).send(link);
  });
}

/** Follows them; for anybody. */
export function linkedRoutes(
  api: Api,
  ports: Ports,
  { tokens, content }: { readonly tokens: SignedTokens; readonly content: Content },
): void {
  api.route({
    method: ['GET', 'HEAD'],
    url: '/v1/links/:token',
    schema: FOLLOW,
    handler: async (request, reply) => {
      const claims = tokens.read('link', request.params.token);
      if (claims === undefined) throw new MidcallError('unknown-prompt', 'there is no such link');
      if (Number(claims['expiresAt']) <= ports.clock.wallclock())
        throw new HttpProblem('link-expired', 'this link has expired');
      const [account, transfer] = [String(claims['account']), String(claims['transfer'])];
      return content.send(await recordOf(ports, { account, transfer }), request, reply);
    },
  });
}
