import type { Clock, Random } from '../base/clock.ts';
import type { Log } from '../base/log.ts';
import type { CallService } from '../calls/call-service.ts';
import type { ObjectStore } from '../objects/object-store.ts';
import type { Backlog } from '../recording/backlog.ts';
import type { StateStore } from '../state/state-store.ts';
import type { SipQueue } from '../sip/core.ts';
import type { MediaPlane } from '../transfers/media-plane.ts';
import type { Passwords } from '../transfers/ports.ts';
import type { Transfers } from '../transfers/transfers.ts';
import type { RunCounts } from '../reconcile/run-counts.ts';
import type { WebhookCounts } from '../webhooks/webhook-sender.ts';
import type { Metrics } from './metrics.ts';
import type { PlatformMeter } from './platform-meter.ts';
import type { TransferWatch } from './transfer-watch.ts';

/** What the HTTP server needs of the platform. */
export interface HttpPorts {
  readonly state: StateStore;
  readonly objects: Pick<ObjectStore, 'read' | 'stat'>;
  readonly transfers: Pick<Transfers, 'live' | 'liveRecord' | 'remove' | 'drain'>;
  readonly watch: TransferWatch;
  readonly meter: PlatformMeter;
  readonly calls: Pick<CallService, 'overview' | 'trunks' | 'callCount' | 'isConnected'>;
  /** Bytes and transfers that are over and not in the object store yet. */
  readonly backlog: Pick<Backlog, 'transfers' | 'bytes' | 'failures'>;
  /** What parts of the platform count themselves, by name; for metrics. */
  readonly counters: {
    readonly sip: () => Readonly<Record<string, number>>;
    /** Undefined for a drachtio-server. */
    readonly sipQueue: () => SipQueue | undefined;
    readonly objects: () => Readonly<Record<string, number>>;
    /** Undefined when nobody outside is told anything. Rejects when the state store does not answer. */
    readonly webhooks: () => Promise<WebhookCounts> | undefined;
    /** What other nodes seemed to send, and we did not believe. */
    readonly nodesRefused: () => number;
    readonly reconcile: () => Omit<RunCounts, 'ended'>;
  };
  readonly metrics: Metrics;
  readonly media: Pick<MediaPlane, 'counts'>;
  readonly passwords: Passwords & { hash(password: string): Promise<string> };
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
  readonly settings: HttpSettings;
}

export interface HttpSettings {
  /** Our name among the nodes. */
  readonly node: string;
  readonly host: string;
  /** 0 takes a free one. */
  readonly port: number;
  /** Signs sessions and links. */
  readonly secret: string;
  readonly sessionMs: number;
  /** Empty: there is no operator. */
  readonly operatorToken: string;
  /** How long wrong sign-ins are remembered. */
  readonly failureWindowMs: number;
  /** Where transfers that go on are stored. */
  readonly spoolFolder: string;
  /** Bytes that stay free there: with less, no new transfer is begun. */
  readonly diskFreeMin: number;
  /** Where the built pages are; undefined: the API alone. */
  readonly pageFolder?: string;
  /** SIP domain of the subscribers. */
  readonly domain: string;
  /** How a number is written for people. */
  readonly shown: (number: string) => string;
}
