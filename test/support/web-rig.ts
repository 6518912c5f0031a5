import { createHash } from 'node:crypto';
import path from 'node:path';
import { wallclock } from '../../src/base/units.ts';
import type { CallService } from '../../src/calls/call-service.ts';
import { startHttp, type HttpServer } from '../../src/http/http-server.ts';
import type { HttpPorts, HttpSettings } from '../../src/http/http-ports.ts';
import { Metrics } from '../../src/http/metrics.ts';
import { PlatformMeter } from '../../src/http/platform-meter.ts';
import { TransferWatch } from '../../src/http/transfer-watch.ts';
import { systemRandom } from '../../src/net/system-clock.ts';
import { FsObjects } from '../../src/objects/fs-objects.ts';
import { SpoolRecorder } from '../../src/recording/recorder.ts';
import { LmdbState } from '../../src/state/lmdb-state.ts';
import { StoragePasswords } from '../../src/state/storage-password.ts';
import type { TransferRecord } from '../../src/transfers/record.ts';
import { removeTransfer } from '../../src/transfers/removal.ts';
import { FixedClock } from './fixed-clock.ts';
import { RecordingLog } from './recording-log.ts';
import { withTempFolder } from './temp-folder.ts';
import { subscriber, transferRecord } from './transfer-records.ts';

export const PASSWORD = '274815';
export const OPERATOR = 'operator-token-of-the-tests';
/** Fast: the real cost has tests of its own. */
const COST = { ln: 4, r: 8, p: 1 };

/** The HTTP server over a real state store and real objects, on loopback; transfers that go on are in a map. */
export class WebRig {
  readonly clock = new FixedClock();
  readonly log = new RecordingLog();
  readonly watch = new TransferWatch();
  readonly metrics = new Metrics();
  readonly meter = new PlatformMeter({
    span: (span, seconds) => this.metrics.span(span, seconds),
    callOver: () => {},
    transferOver: () => {},
  });
  /** What readiness sees of SIP. */
  isConnected = true;
  readonly sipCounts: Record<string, number> = { 'requests-received': 7 };
  readonly passwords = new StoragePasswords({ random: systemRandom, cost: COST });
  /** Transfers that go on. */
  readonly live = new Map<string, TransferRecord>();
  readonly calls: ReturnType<CallService['overview']>[number][] = [];
  drains = 0;
  readonly folder: string;
  readonly state: LmdbState;
  readonly objects: FsObjects;
  #server: HttpServer | undefined;

  constructor(folder: string, state: LmdbState, objects: FsObjects) {
    this.folder = folder;
    this.state = state;
    this.objects = objects;
  }

  get server(): HttpServer {
    if (this.#server === undefined) throw new Error('not started');
    return this.#server;
  }

  get url(): string {
    const { address, port } = this.server.address;
    return `http://${address}:${port}`;
  }

  async start(settings: Partial<HttpSettings>): Promise<void> {
    const recorder = new SpoolRecorder(
      { spools: this.folder, scratch: path.join(this.folder, 'scratch') },
      this.objects,
    );
    const removal = { store: this.state, recorder, clock: this.clock };
    this.#server = await startHttp({
      state: this.state,
      objects: this.objects,
      transfers: {
        live: () => [...this.live.values()],
        liveRecord: (id) => this.live.get(id),
        remove: (id) => removeTransfer(removal, id),
        drain: async () => {
          this.drains += 1;
        },
      },
      watch: this.watch,
      meter: this.meter,
      calls: liveCalls(this),
      backlog: { transfers: 0, bytes: 0, failures: 0 },
      counters: {
        sip: () => this.sipCounts,
        sipQueue: () => ({ waitMs: 20, admitted: 0.5 }),
        objects: () => ({}),
        webhooks: () => undefined,
      },
      metrics: this.metrics,
      media: {
        counts: async () => ({
          relays: 0,
          ingests: 0,
          deliveries: 0,
          packetsIn: 0,
          packetsOut: 0,
          kernelDropped: 3,
          foreign: 0,
          unconfirmed: 0,
          malformed: 0,
          unauthentic: 0,
          replayed: 0,
          keysDropped: 0,
        }),
      },
      passwords: this.passwords,
      clock: this.clock,
      random: systemRandom,
      log: this.log,
      settings: {
        host: '127.0.0.1',
        port: 0,
        secret: 'a-secret-of-the-tests-that-is-long',
        sessionMs: 60_000,
        operatorToken: OPERATOR,
        failureWindowMs: 300_000,
        spoolFolder: this.folder,
        diskFreeMin: 0,
        domain: 'midcall.test',
        shown: (number) => `…${number.slice(-2)}`,
        ...settings,
      },
    });
  }

  async subscriber(id: string): Promise<void> {
    const storagePassword = await this.passwords.hash(PASSWORD);
    await this.state.addSubscriber(subscriber({ id, storagePassword, space: 1_000_000 }));
  }

  /** A transfer that is over, with its object and its space. */
  async stored(
    id: string,
    content: Uint8Array,
    with_: Partial<TransferRecord> & { readonly contentType?: string } = {},
  ): Promise<TransferRecord> {
    const { contentType = 'image/jpeg', ...fields } = with_;
    const account = fields.account ?? 'alice';
    const key = `${account}/${id}/photo.jpg`;
    await this.objects.put(key, pieces(content), { contentType });
    await this.objects.put(`${account}/${id}/metadata.json`, pieces(Buffer.from('{}')), {
      contentType: 'application/json',
    });
    const sha256 = createHash('sha256').update(content).digest('hex');
    const size = content.length;
    await this.state.reserveSpace(account, id, size);
    const record = transferRecord({
      id,
      account,
      ingest: 'complete',
      delivery: 'left',
      sender: '+491701234567',
      name: 'photo.jpg',
      format: contentType,
      stored: size,
      object: { key, contentType, size, sha256, dataSha256: sha256, whole: true },
      createdAt: wallclock(this.clock.ms),
      changedAt: wallclock(this.clock.ms),
      ...fields,
    });
    await this.state.putTransfer(record);
    return record;
  }

  post(to: string, body: unknown, headers: Record<string, string> = {}): Promise<Response> {
    return fetch(this.url + to, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...headers },
      body: JSON.stringify(body),
    });
  }

  get(from: string, headers: Record<string, string> = {}): Promise<Response> {
    return fetch(this.url + from, { headers });
  }

  /** Signs in for a bearer token. @returns the header to send. */
  async signedIn(number = 'alice'): Promise<{ authorization: string }> {
    const answer = await this.post('/v1/sessions', { number, password: PASSWORD, as: 'token' });
    const { token } = await json(answer);
    return { authorization: `Bearer ${String(token)}` };
  }

  async close(): Promise<void> {
    await this.#server?.close();
    await this.state.close();
    await this.objects.close();
  }
}

const liveCalls = (rig: WebRig): HttpPorts['calls'] => ({
  overview: () => rig.calls,
  trunks: () => [],
  get callCount() {
    return rig.calls.length;
  },
  get isConnected() {
    return rig.isConnected;
  },
});

async function* pieces(bytes: Uint8Array): AsyncIterable<Uint8Array> {
  yield await Promise.resolve(bytes);
}

/** The JSON object of an answer. */
export async function json(answer: Response): Promise<Record<string, unknown>> {
  const value: unknown = await answer.json();
  if (typeof value !== 'object' || value === null) throw new Error('no JSON object');
  return { ...value };
}

/** Runs a test with a server that knows alice; ends it, also on failure. */
export async function withWeb(
  test: (rig: WebRig) => Promise<void>,
  settings: Partial<HttpSettings> = {},
): Promise<void> {
  await withTempFolder(async (folder) => {
    const state = LmdbState.open(path.join(folder, 'state'), new FixedClock());
    const objects = await FsObjects.open(path.join(folder, 'objects'), new FixedClock());
    const rig = new WebRig(folder, state, objects);
    try {
      await rig.start(settings);
      await rig.subscriber('alice');
      await test(rig);
    } finally {
      await rig.close();
    }
  });
}
