import swagger from '@fastify/swagger';
import type { Api } from './schema-types.ts';

/** Made from the schemas that requests are checked against: it can't say anything else. */
export async function documentApi(api: Api): Promise<void> {
  await api.register(swagger, {
    openapi: {
      openapi: '3.1.0',
      info: {
        title: 'midcall',
        version: '1',
        description:
          'What was stored during calls: list, fetch, follow, share, remove. Failures are `application/problem+json` (RFC 9457).',
        license: { name: 'Apache-2.0', identifier: 'Apache-2.0' },
      },
      servers: [{ url: '/' }],
      // What says nothing of credentials is for anybody.
      security: [],
      tags: [
        { name: 'operator', description: 'Needs the operator’s token.' },
        { name: 'operations', description: 'For supervisors and load balancers.' },
      ],
      components: {
        securitySchemes: {
          session: { type: 'apiKey', in: 'cookie', name: 'midcall_session' },
          bearer: { type: 'http', scheme: 'bearer' },
          operatorSession: { type: 'apiKey', in: 'cookie', name: 'midcall_operator' },
          operatorToken: { type: 'http', scheme: 'bearer' },
        },
      },
    },
    transformObject: (made) =>
      'openapiObject' in made ? withoutHead(made.openapiObject) : made.swaggerObject,
    refResolver: {
      buildLocalReference: ({ $id }, _base, _fragment, index) => componentName($id, index),
    },
  });
  api.get('/openapi.json', { schema: { hide: true } }, () => api.swagger());
}

/** HEAD is GET without the bytes, and the id of an operation must be one operation's. */
function withoutHead<T extends { readonly paths?: Paths }>(document: T): T {
  const paths = Object.entries(document.paths ?? {}).map(([path, methods]) => {
    const { head: _head, ...others } = methods ?? {};
    return [path, others];
  });
  return { ...document, paths: Object.fromEntries(paths) };
}

type Paths = Readonly<Record<string, { readonly head?: unknown } | undefined>>;

const componentName = (id: unknown, index: number): string =>
  typeof id === 'string' ? id : `schema${index}`;
