import type { HttpPorts } from './http-ports.ts';
import type { Api } from './schema-types.ts';
import type { Sessions } from './sessions.ts';
import type { SignIn } from './sign-in.ts';

const PROBLEM = { description: 'Why not.', $ref: 'Problem#' } as const;

const SIGN_IN = {
  operationId: 'signIn',
  summary: 'Signs a subscriber in',
  body: {
    type: 'object',
    properties: {
      number: { type: 'string', minLength: 1, maxLength: 128 },
      password: {
        type: 'string',
        minLength: 1,
        maxLength: 1_024,
        description: 'The storage password.',
      },
      as: {
        type: 'string',
        enum: ['cookie', 'token'],
        default: 'cookie',
        description:
          'A browser keeps a cookie that no script can read; programs take a bearer token.',
      },
    },
    required: ['number', 'password'],
    additionalProperties: false,
  },
  response: { 201: { description: 'Signed in.', $ref: 'Session#' }, '4xx': PROBLEM },
} as const;

const SIGN_OUT = {
  operationId: 'signOut',
  summary: 'Forgets the cookie',
  response: { 204: { type: 'null', description: 'Signed out.' } },
} as const;

const WHO = {
  operationId: 'showSession',
  summary: 'Who is signed in',
  security: [{ session: [] }, { bearer: [] }],
  response: { 200: { description: 'Somebody.', $ref: 'Session#' }, '4xx': PROBLEM },
} as const;

const OPERATOR_IN = {
  operationId: 'signOperatorIn',
  summary: 'Gives the operator’s page its cookie',
  tags: ['operator'],
  body: {
    type: 'object',
    properties: { token: { type: 'string', minLength: 1, maxLength: 512 } },
    required: ['token'],
    additionalProperties: false,
  },
  response: { 204: { type: 'null', description: 'Signed in.' }, '4xx': PROBLEM },
} as const;

const OPERATOR_OUT = {
  operationId: 'signOperatorOut',
  summary: 'Forgets the operator’s cookie',
  tags: ['operator'],
  response: { 204: { type: 'null', description: 'Signed out.' } },
} as const;

/** In and out. */
export function sessionRoutes(
  api: Api,
  { settings }: Pick<HttpPorts, 'settings'>,
  { sessions, signIn }: { readonly sessions: Sessions; readonly signIn: SignIn },
): void {
  const { domain } = settings;

  api.post('/v1/sessions', { schema: SIGN_IN }, async (request, reply) => {
    const { number, password, as } = request.body;
    const subscriber = await signIn.subscriber(number, password, request.ip);
    const session = sessions.ofSubscriber(subscriber);
    const expiresAt = new Date(session.expiresAt).toISOString();
    const about = { account: subscriber.id, domain, expiresAt };
    void reply.code(201);
    if (as === 'token') return { ...about, token: session.token };
    sessions.setCookie(request, reply, 'session', session);
    return about;
  });

  api.get('/v1/session', { schema: WHO }, async (request, reply) => {
    const account = await sessions.account(request, reply);
    const expiresAt = new Date(sessions.expiresAt('session', request)).toISOString();
    return { account, domain, expiresAt };
  });

  api.delete('/v1/session', { schema: SIGN_OUT }, (request, reply) => {
    sessions.dropCookie(request, reply, 'session');
    return reply.code(204).send();
  });

  api.post('/v1/operator/sessions', { schema: OPERATOR_IN }, async (request, reply) => {
    const session = await signIn.operator(request.ip, () =>
      sessions.ofOperator(request.body.token),
    );
    sessions.setCookie(request, reply, 'operator', session);
    return reply.code(204).send();
  });

  api.delete('/v1/operator/session', { schema: OPERATOR_OUT }, (request, reply) => {
    sessions.dropCookie(request, reply, 'operator');
    return reply.code(204).send();
  });
}
