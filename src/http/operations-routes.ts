import { statfs } from 'node:fs/promises';
import type { HttpCounts } from './http-counts.ts';
import type { HttpPorts } from './http-ports.ts';
import type { MetricFacts } from './metric-families.ts';
import type { Metrics } from './metrics.ts';
import type { StatusSampler } from './operator-status.ts';
import { ReadinessProbe, type Checks } from './readiness.ts';
import type { Api } from './schema-types.ts';

/** No object has this key: whether the store answers is what is asked. */
const NO_OBJECT = 'readiness/none';
/** No subscriber has this name. */
const NOBODY = 'readiness';

const HEALTH = {
  operationId: 'showHealth',
  summary: 'The process is alive',
  tags: ['operations'],
  response: { 200: { description: 'It is.', $ref: 'Health#' } },
} as const;

const READY = {
  operationId: 'showReadiness',
  summary:
    'Whether new calls and transfers are taken: SIP, media, state, objects, disk, not draining',
  tags: ['operations'],
  response: {
    200: { description: 'They are.', $ref: 'Readiness#' },
    503: { description: 'They are not.', $ref: 'Readiness#' },
  },
} as const;

const METRICS = {
  operationId: 'showMetrics',
  summary: 'Metrics in Prometheus’ text format',
  tags: ['operator', 'operations'],
  security: [{ operatorSession: [] }, { operatorToken: [] }],
  response: {
    200: { description: 'Metrics.', content: { 'text/plain': { schema: {} } } },
    '4xx': { description: 'Why not.', $ref: 'Problem#' },
  },
} as const;

export const OPERATIONS_SCHEMAS = [
  {
    $id: 'Health',
    type: 'object',
    properties: { alive: { type: 'boolean' } },
  },
  {
    $id: 'Readiness',
    type: 'object',
    properties: {
      ready: { type: 'boolean' },
      checks: {
        type: 'object',
        additionalProperties: { type: 'string', enum: ['ok', 'failed'] },
      },
    },
  },
] as const;

export interface OperationsParts {
  readonly sampler: StatusSampler;
  readonly metrics: Metrics;
  readonly counts: HttpCounts;
  readonly readiness: ReadinessProbe;
}

/** For load balancers and process supervisors, who have no credentials: they learn what works, and nothing of anybody. */
export function healthRoutes(api: Api, { readiness }: OperationsParts): void {
  api.get('/healthz', { schema: HEALTH }, () => ({ alive: true }));
  api.get('/readyz', { schema: READY }, async (_request, reply) => {
    const answer = await readiness.ask();
    return reply
      .code(answer.ready ? 200 : 503)
      .header('cache-control', 'no-store')
      .send(answer);
  });
}

/** For the operator: how much goes on is nobody else's business. */
export function metricRoutes(api: Api, ports: HttpPorts, parts: OperationsParts): void {
  const { metrics } = parts;
  api.get('/metrics', { schema: METRICS }, async (_request, reply) => {
    const text = await metrics.text(await factsOf(ports, parts));
    return reply.header('cache-control', 'no-store').type(metrics.contentType).send(text);
  });
}

async function factsOf(ports: HttpPorts, parts: OperationsParts): Promise<MetricFacts> {
  const { calls, transfers, meter, media, backlog, counters } = ports;
  return {
    calls: calls.overview(),
    live: transfers.live(),
    meter,
    media: await media.counts().catch(() => undefined),
    backlog,
    http: parts.counts,
    sip: counters.sip(),
    sipQueue: counters.sipQueue(),
    objects: counters.objects(),
    webhooks: await counters.webhooks()?.catch(() => undefined),
    isReady: (await parts.readiness.ask()).ready,
    isDraining: parts.sampler.draining,
  };
}

/** @param isDraining whether the operator wants no new transfers here. */
export function readinessOf(ports: HttpPorts, isDraining: () => boolean): ReadinessProbe {
  const { calls, media, state, objects, settings } = ports;
  const checks: Checks = {
    sip: () => calls.isConnected,
    media: async () => (await media.counts()) !== undefined,
    state: async () => (await state.subscriber(NOBODY), true),
    objects: async () => (await objects.stat(NO_OBJECT), true),
    disk: async () => {
      const { bavail, bsize } = await statfs(settings.spoolFolder);
      return bavail * bsize >= settings.diskFreeMin;
    },
    'not-draining': () => !isDraining(),
  };
  return new ReadinessProbe(checks, ports.clock);
}
