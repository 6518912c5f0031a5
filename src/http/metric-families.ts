import type { CallOverview } from '../calls/overview.ts';
import type { SipQueue } from '../sip/core.ts';
import type { MediaCounts } from '../transfers/media-plane.ts';
import type { TransferRecord } from '../transfers/record.ts';
import type { RunCounts } from '../reconcile/run-counts.ts';
import type { WebhookCounts } from '../webhooks/webhook-sender.ts';
import type { HttpCounts } from './http-counts.ts';
import type { PlatformMeter } from './platform-meter.ts';

/** All that metrics are made of, at one time. */
export interface MetricFacts {
  readonly calls: readonly CallOverview[];
  /** Transfers that are not over. */
  readonly live: readonly TransferRecord[];
  readonly meter: Pick<
    PlatformMeter,
    'storedBytes' | 'deliveredBytes' | 'errors' | 'ended' | 'fates' | 'callsEnded'
  >;
  /** Undefined when the media plane does not answer. */
  readonly media: MediaCounts | undefined;
  readonly backlog: {
    readonly transfers: number;
    readonly bytes: number;
    readonly failures: number;
  };
  readonly http: Pick<HttpCounts, 'requests' | 'problems' | 'connectionsDropped' | 'slowReaders'>;
  /** What the SIP server counts: messages, what it dropped, limits that were hit. Empty for a drachtio-server. */
  readonly sip: Readonly<Record<string, number>>;
  /** Undefined for a drachtio-server. */
  readonly sipQueue: SipQueue | undefined;
  /** What the object store counts of its network. Empty for files. */
  readonly objects: Readonly<Record<string, number>>;
  /** Undefined when nobody outside is told anything, or the state store does not answer. */
  readonly webhooks: WebhookCounts | undefined;
  readonly reconcile: Omit<RunCounts, 'ended'>;
  /** Messages and requests of nodes that were forged, stale, repeated, or for another one. */
  readonly nodesRefused: number;
  readonly isReady: boolean;
  readonly isDraining: boolean;
}

/** A value, with those of the family's labels in order. */
export type Row = readonly [value: number, ...labels: string[]];

/** One metric: what Prometheus calls a family. */
export interface Family {
  readonly name: string;
  readonly help: string;
  /** Counters only grow, but for a restart. */
  readonly type: 'gauge' | 'counter';
  readonly labels: readonly string[];
  readonly rows: (facts: MetricFacts) => readonly Row[];
}

const gauge = (
  name: string,
  help: string,
  rows: Family['rows'],
  labels: readonly string[] = [],
): Family => ({ name, help, type: 'gauge', labels, rows });

const counter = (
  name: string,
  help: string,
  rows: Family['rows'],
  labels: readonly string[] = [],
): Family => ({ name, help, type: 'counter', labels, rows });

/** The specification: docs/operations.md lists these. Labels take few values, all from tables of ours: never a number or an id. */
export const FAMILIES: readonly Family[] = [
  gauge('midcall_ready', '1 while /readyz says so', ({ isReady }) => [[isReady ? 1 : 0]]),
  gauge('midcall_draining', '1 while no new transfers are taken', ({ isDraining }) => [
    [isDraining ? 1 : 0],
  ]),
  gauge('midcall_calls', 'Calls', ({ calls }) => tally(calls, ({ state }) => state), ['state']),
  counter(
    'midcall_calls_ended_total',
    'Calls that are over, by the status that the caller got',
    ({ meter }) => entries(meter.callsEnded),
    ['status'],
  ),
  gauge(
    'midcall_transfers',
    'Transfers that are not over',
    ({ live }) => tally(live, ({ ingest }) => ingest),
    ['ingest'],
  ),
  gauge(
    'midcall_deliveries',
    'Transfers that are not over, by the state of their delivery',
    ({ live }) => tally(live, ({ delivery }) => delivery),
    ['delivery'],
  ),
  counter(
    'midcall_transfers_ended_total',
    'Transfers whose data is in, or never will be',
    ({ meter }) => entries(meter.ended),
    ['ingest'],
  ),
  counter(
    'midcall_errors_total',
    'Errors that parties were told, and reasons of transfers that did not complete',
    ({ meter }) => entries(meter.errors),
    ['code'],
  ),
  counter('midcall_stored_bytes_total', 'Data bytes stored: synced to the spool', ({ meter }) => [
    [meter.storedBytes],
  ]),
  counter('midcall_delivered_bytes_total', 'Data bytes sent on to receivers', ({ meter }) => [
    [meter.deliveredBytes],
  ]),
  counter(
    'midcall_packets_total',
    'RTP and RTCP packets by fate; lost, late, duplicate and dropped are counted when their transfer has ended',
    ({ media, meter }) => [
      ...(media === undefined ? [] : packetRows(media)),
      ...entries(meter.fates),
    ],
    ['fate'],
  ),
  gauge('midcall_media_up', '1 while the media plane answers', ({ media }) => [
    [media === undefined ? 0 : 1],
  ]),
  gauge(
    'midcall_media_addresses',
    'Pairs of ports in use, two for a relay',
    ({ media }) =>
      media === undefined
        ? []
        : [
            [2 * media.relays, 'relay'],
            [media.ingests, 'ingest'],
            [media.deliveries, 'delivery'],
          ],
    ['use'],
  ),
  gauge(
    'midcall_spool_backlog_bytes',
    'In spools, over and not in the object store yet',
    (facts) => [[facts.backlog.bytes]],
  ),
  gauge('midcall_spool_backlog_transfers', 'Transfers of the backlog', ({ backlog }) => [
    [backlog.transfers],
  ]),
  counter(
    'midcall_upload_failures_total',
    'Attempts to make an object that came to nothing',
    (facts) => [[facts.backlog.failures]],
  ),
  counter(
    'midcall_object_store_total',
    'What the object store’s client counts',
    ({ objects }) => entries(Object.entries(objects)),
    ['count'],
  ),
  counter(
    'midcall_sip_total',
    'What the SIP server counts: messages, and what it dropped, refused and closed',
    ({ sip }) => entries(Object.entries(sip)),
    ['event'],
  ),
  gauge(
    'midcall_sip_wait_seconds',
    'How long a SIP message waited to be read, the last time that was measured',
    ({ sipQueue }) => (sipQueue === undefined ? [] : [[sipQueue.waitMs / 1_000]]),
  ),
  gauge(
    'midcall_sip_admitted',
    'Which share of new calls and registrations is taken: below 1 the server is overloaded',
    ({ sipQueue }) => (sipQueue === undefined ? [] : [[sipQueue.admitted]]),
  ),
  counter(
    'midcall_webhooks_total',
    'Requests with events: sent, failed and made again, dead: given up',
    ({ webhooks }) =>
      webhooks === undefined
        ? []
        : [
            [webhooks.sent, 'sent'],
            [webhooks.failed, 'failed'],
            [webhooks.dead, 'dead'],
          ],
    ['outcome'],
  ),
  gauge(
    'midcall_webhooks_waiting',
    'Transfers with events that are not sent yet, of all nodes',
    ({ webhooks }) => (webhooks === undefined ? [] : [[webhooks.waiting]]),
  ),
  gauge(
    'midcall_webhooks_dead',
    'Events that were given up, and are kept for midcall webhooks, of all nodes',
    ({ webhooks }) => (webhooks === undefined ? [] : [[webhooks.kept]]),
  ),
  counter(
    'midcall_node_messages_refused_total',
    'What came as another node’s, and was forged, stale, a repetition, or for somebody else',
    ({ nodesRefused }) => [[nodesRefused]],
  ),
  counter(
    'midcall_reconcile_runs_total',
    'Comparisons of state, objects and spools: done, or failed since something did not answer',
    ({ reconcile }) => [
      [reconcile.runs, 'done'],
      [reconcile.failed, 'failed'],
    ],
    ['outcome'],
  ),
  counter(
    'midcall_reconcile_mended_total',
    'Findings that were mended',
    ({ reconcile }) => entries(reconcile.mended),
    ['code'],
  ),
  gauge(
    'midcall_reconcile_left',
    'Findings of the last comparison that were not mended',
    ({ reconcile }) => entries(reconcile.left),
    ['code'],
  ),
  gauge(
    'midcall_reconcile_ended_timestamp_seconds',
    'End of the last comparison',
    ({ reconcile: { endedAt } }) => (endedAt === undefined ? [] : [[endedAt / 1_000]]),
  ),
  gauge(
    'midcall_reconcile_duration_seconds',
    'What the last comparison took',
    ({ reconcile: { endedAt, durationMs } }) =>
      endedAt === undefined ? [] : [[durationMs / 1_000]],
  ),
  counter('midcall_http_requests_total', 'HTTP requests', ({ http }) => [[http.requests]]),
  counter(
    'midcall_http_problems_total',
    'HTTP answers that were a problem',
    ({ http }) => entries(http.problems),
    ['code'],
  ),
  counter(
    'midcall_http_limits_total',
    'HTTP connections refused, and readers of events given up',
    ({ http }) => [
      [http.connectionsDropped, 'connections'],
      [http.slowReaders, 'slow-readers'],
    ],
    ['limit'],
  ),
];

const packetRows = (media: MediaCounts): readonly Row[] => [
  [media.packetsIn, 'received'],
  [media.packetsOut, 'sent'],
  [media.kernelDropped, 'kernel-dropped'],
  [media.foreign, 'foreign'],
  [media.unconfirmed, 'unconfirmed'],
  [media.malformed, 'malformed'],
  [media.unauthentic, 'unauthentic'],
  [media.replayed, 'replayed'],
  [media.keysDropped, 'keys-dropped'],
];

const entries = (counts: Iterable<readonly [string, number]>): readonly Row[] =>
  Array.from(counts, ([label, value]): Row => [value, label]);

function tally<T>(things: readonly T[], labelOf: (thing: T) => string): readonly Row[] {
  const counts = new Map<string, number>();
  for (const thing of things) counts.set(labelOf(thing), (counts.get(labelOf(thing)) ?? 0) + 1);
  return entries(counts);
}
