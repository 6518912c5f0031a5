import type { ServerResponse } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { promisify } from 'node:util';
import Fastify, { type FastifyError, type FastifyReply, type FastifyRequest } from 'fastify';
import type { FastifySchemaValidationError } from 'fastify/types/schema.js';
import type { Address } from '../base/address.ts';
import { MidcallError } from '../base/errors.ts';
import { Content } from './content.ts';
import { eventRoutes } from './event-routes.ts';
import { EventStreams } from './event-streams.ts';
import { HttpCounts } from './http-counts.ts';
import type { HttpPorts } from './http-ports.ts';
import { linkedRoutes, linkRoutes } from './link-routes.ts';
import { documentApi } from './openapi.ts';
import {
  healthRoutes,
  metricRoutes,
  OPERATIONS_SCHEMAS,
  readinessOf,
  type OperationsParts,
} from './operations-routes.ts';
import { operatorRoutes } from './operator-routes.ts';
import { OPERATOR_SCHEMAS } from './operator-schemas.ts';
import { StatusSampler } from './operator-status.ts';
import { pageRoutes } from './page-routes.ts';
import { HttpProblem, PROBLEM_TYPE, problemOf } from './problem.ts';
import type { Api } from './schema-types.ts';
import {
  LINK_SCHEMA,
  PROBLEM_SCHEMA,
  SESSION_SCHEMA,
  TRANSFER_PAGE_SCHEMA,
  USAGE_SCHEMA,
} from './schemas.ts';
import { sessionRoutes } from './session-routes.ts';
import { Sessions } from './sessions.ts';
import { SignedTokens } from './signed-tokens.ts';
import { SignIn } from './sign-in.ts';
import { transferRoutes } from './transfer-routes.ts';
import { TRANSFER } from './transfer-view.ts';

/** Of a request's body: a sign-in, with room. */
export const BODY_BYTES_MAX = 16_384;
/** Of request line and headers together; browsers send one or two thousand. */
export const HEADER_BYTES_MAX = 8_192;
/** Of one part of a path; tokens of links are the longest. */
const PARAMETER_CHARACTERS_MAX = 512;
/** A request must be there in whole: slow ones hold a socket. */
export const REQUEST_MS_MAX = 10_000;
/** Nothing moved on a connection, in either direction: a reader that stopped reading. Event streams have heartbeats. */
const IDLE_MS_MAX = 60_000;
const KEEP_ALIVE_MS = 5_000;
/** Descriptors that the web may take from calls. */
export const CONNECTIONS_MAX = 1_024;

/** For the answers that are data; pages bring a policy of their own. */
const GUARDS = {
  'content-security-policy': "default-src 'none'; frame-ancestors 'none'",
  'referrer-policy': 'no-referrer',
  'x-content-type-options': 'nosniff',
} as const;

export interface HttpServer {
  readonly address: Address;
  readonly counts: HttpCounts;
  /** How many are open now. */
  connections(): Promise<number>;
  /** Ends every connection. */
  close(): Promise<void>;
}

/** Starts the API. @throws the node error when the port can't be had. */
export async function startHttp(ports: HttpPorts): Promise<HttpServer> {
  const counts = new HttpCounts();
  const api = newApi(counts);
  api.setErrorHandler((error, request, reply) => fail(error, { request, reply, ports, counts }));
  api.setNotFoundHandler(() => {
    throw new HttpProblem('not-found', 'there is nothing here');
  });
  api.addHook('onRequest', (request, reply, done) => {
    counts.requests += 1;
    void reply.headers(GUARDS);
    done(foreignOrigin(request));
  });
  for (const schema of SCHEMAS) api.addSchema(schema);
  const sampler = new StatusSampler(ports, counts);
  api.addHook('onClose', (_api, done) => {
    sampler.close();
    done();
  });
  await documentApi(api);
  const readiness = readinessOf(ports, () => sampler.draining);
  const { metrics } = ports;
  await routes(api, ports, {
    sampler,
    streams: new EventStreams(counts),
    operations: { sampler, metrics, counts, readiness },
  });
  const { host, port } = ports.settings;
  await api.listen({ host, port });
  return {
    address: addressOf(api),
    counts,
    connections: () => promisify(api.server.getConnections.bind(api.server))(),
    close: () => api.close(),
  };
}

const SCHEMAS = [
  PROBLEM_SCHEMA,
  SESSION_SCHEMA,
  TRANSFER,
  TRANSFER_PAGE_SCHEMA,
  USAGE_SCHEMA,
  LINK_SCHEMA,
  ...OPERATOR_SCHEMAS,
  ...OPERATIONS_SCHEMAS,
] as const;

function newApi(counts: HttpCounts): Api {
  const api: Api = Fastify({
    bodyLimit: BODY_BYTES_MAX,
    requestTimeout: REQUEST_MS_MAX,
    connectionTimeout: IDLE_MS_MAX,
    keepAliveTimeout: KEEP_ALIVE_MS,
    forceCloseConnections: true,
    routerOptions: { maxParamLength: PARAMETER_CHARACTERS_MAX },
    http: { maxHeaderSize: HEADER_BYTES_MAX, connectionsCheckingInterval: 1_000 },
    ajv: { customOptions: { coerceTypes: 'array', removeAdditional: false } },
    frameworkErrors: (error, _request, reply) => refuseUrl(error, reply.raw, counts),
    clientErrorHandler: (error, socket) => refuse(error, socket, counts),
  });
  api.server.maxConnections = CONNECTIONS_MAX;
  api.server.on('drop', () => (counts.connectionsDropped += 1));
  return api;
}

async function routes(
  api: Api,
  ports: HttpPorts,
  lasting: {
    readonly sampler: StatusSampler;
    readonly streams: EventStreams;
    readonly operations: OperationsParts;
  },
): Promise<void> {
  const { state, clock, settings } = ports;
  const tokens = new SignedTokens(settings.secret);
  const sessions = new Sessions({ ...settings, state, tokens, clock });
  const signIn = new SignIn({ ...ports, ...settings });
  const content = new Content(ports);
  await api.register((open, _options, done) => {
    healthRoutes(open, lasting.operations);
    sessionRoutes(open, ports, { sessions, signIn });
    linkedRoutes(open, ports, { tokens, content });
    if (settings.pageFolder !== undefined) pageRoutes(open, settings.pageFolder);
    done();
  });
  await api.register((own, _options, done) => {
    own.addHook('onRequest', async (request, reply) => {
      const account = await sessions.account(request, reply);
      if (accountOf(request) !== account)
        throw new MidcallError('unknown-prompt', 'there is no such account, or it is not yours');
    });
    transferRoutes(own, ports, content);
    linkRoutes(own, ports, tokens);
    eventRoutes(own, ports, { sessions, streams: lasting.streams });
    done();
  });
  await api.register((operator, _options, done) => {
    operator.addHook('onRequest', async (request, reply) => sessions.operator(request, reply));
    metricRoutes(operator, ports, lasting.operations);
    operatorRoutes(operator, ports, { ...lasting, sessions });
    done();
  });
}

function accountOf({ params }: FastifyRequest): unknown {
  return typeof params === 'object' && params !== null && 'account' in params
    ? params.account
    : undefined;
}

/**
 * A page of another origin on the same site (another port, say) gets our cookies with what it sends: RFC 6265bis knows sites only.
 * So whatever changes something must come from our own pages, or from no browser.
 */
function foreignOrigin({ method, headers }: FastifyRequest): HttpProblem | undefined {
  const isHarmless = method === 'GET' || method === 'HEAD';
  const { origin, host } = headers;
  if (isHarmless || origin === undefined) return undefined;
  const isOurs = URL.canParse(origin) && new URL(origin).host === host;
  return isOurs ? undefined : new HttpProblem('foreign-origin', 'this is for our own pages');
}

interface Failing {
  readonly request: FastifyRequest;
  readonly reply: FastifyReply;
  readonly ports: Pick<HttpPorts, 'log'>;
  readonly counts: HttpCounts;
}

/** Every failure is a problem document (RFC 9457). */
function fail(error: unknown, { request, reply, ports, counts }: Failing): FastifyReply {
  const known = problemOf(inOurWords(error));
  if (known === undefined) {
    const cause = error instanceof Error ? (error.stack ?? error.message) : String(error);
    ports.log.error('http.failed', {
      method: request.method,
      route: request.routeOptions.url,
      cause,
    });
  }
  const problem = known ?? problemOf(new HttpProblem('internal', 'something went wrong here'));
  if (problem === undefined) return reply.code(500).send();
  counts.problem(problem.body.code);
  for (const name of ['etag', 'content-length', 'content-disposition', 'accept-ranges'])
    reply.removeHeader(name);
  return reply
    .code(problem.status)
    .headers({ ...problem.headers, 'cache-control': 'no-store' })
    .type(PROBLEM_TYPE)
    .send(Buffer.from(JSON.stringify(problem.body)));
}

/** What fastify finds wrong with a request. */
function inOurWords(error: unknown): unknown {
  if (!isFastifyError(error)) return error;
  const { validation, statusCode = 500, message } = error;
  if (validation !== undefined)
    return new MidcallError('bad-request', message, { facts: { field: fieldOf(validation[0]) } });
  if (statusCode === 413)
    return new MidcallError('too-large', `a request has ${BODY_BYTES_MAX} bytes at most`);
  if (statusCode === 415) return new HttpProblem('unsupported-media-type', 'send application/json');
  return statusCode < 500 ? new MidcallError('bad-request', message) : error;
}

/** Where the first fault is: a path in the body, or the name of what is missing. */
function fieldOf(fault: FastifySchemaValidationError | undefined): string {
  const missing = fault?.params['missingProperty'];
  return fault?.instancePath || (typeof missing === 'string' ? missing : '');
}

/** Not by class: fastify's errors have several. */
const isFastifyError = (error: unknown): error is FastifyError =>
  error instanceof Error && 'statusCode' in error && !(error instanceof MidcallError);

/** A URL that is none has no route, and so no handler of errors. */
function refuseUrl(error: FastifyError, response: ServerResponse, counts: HttpCounts): void {
  const problem = problemOf(inOurWords(error));
  if (problem === undefined) return;
  counts.problem(problem.body.code);
  response.writeHead(problem.status, { ...GUARDS, 'content-type': PROBLEM_TYPE });
  response.end(JSON.stringify(problem.body));
}

/** What node's parser refuses: there is no request yet, and no reply. */
function refuse(error: NodeJS.ErrnoException, socket: Socket, counts: HttpCounts): void {
  if (error.code === 'ECONNRESET' || !socket.writable) {
    socket.destroy();
    return;
  }
  const problem = problemOf(PARSER_PROBLEMS[error.code ?? ''] ?? BAD_SYNTAX);
  if (problem === undefined) return;
  counts.problem(problem.body.code);
  const body = JSON.stringify(problem.body);
  const head = [
    `HTTP/1.1 ${problem.status} ${problem.body.title}`,
    `content-type: ${PROBLEM_TYPE}`,
    `content-length: ${Buffer.byteLength(body)}`,
    'connection: close',
  ];
  socket.end(`${head.join('\r\n')}\r\n\r\n${body}`);
}

const BAD_SYNTAX = new MidcallError('bad-request', 'this is no HTTP request');
const PARSER_PROBLEMS: Readonly<Record<string, Error>> = {
  HPE_HEADER_OVERFLOW: new HttpProblem(
    'headers-too-large',
    `headers have ${HEADER_BYTES_MAX} bytes at most`,
  ),
  ERR_HTTP_REQUEST_TIMEOUT: new HttpProblem('request-timeout', 'the request took too long'),
};

function addressOf(api: Api): Address {
  // A TCP server that listens has one of these; a pipe would have a string.
  const { address, port } = api.server.address() as AddressInfo;
  return { address, port };
}
