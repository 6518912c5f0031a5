import { mkdir, utimes, writeFile } from 'node:fs/promises';
import path from 'node:path';
import type { ObjectStore } from '../../src/objects/object-store.ts';
import { Reconciler, type Outcome } from '../../src/reconcile/reconciler.ts';
import { SpoolRecorder } from '../../src/recording/recorder.ts';
import type { StateStore } from '../../src/state/state-store.ts';
import { wallclock } from '../../src/base/units.ts';
import type { RecordedObject, TransferRecord } from '../../src/transfers/record.ts';
import { FixedClock } from './fixed-clock.ts';
import { RecordingLog } from './recording-log.ts';
import { octets, STARTED_AT, writeRtpSpool } from './rtp-spool.ts';
import { transferRecord } from './transfer-records.ts';

const FILE = {
  payloadType: 96,
  encoding: 'octet-stream',
  clockRate: 1_000,
  channels: 1,
} as const;
const GRACE_MS = 300_000;

export type Stored = TransferRecord & { readonly object: RecordedObject };

/** State, objects and spools of a platform, without the platform, and the reconciler over them. */
export class ReconcileRig {
  readonly state: StateStore;
  readonly objects: ObjectStore;
  readonly spools: string;
  readonly recorder: SpoolRecorder;
  readonly clock = new FixedClock(STARTED_AT + 10 * GRACE_MS);
  readonly log = new RecordingLog();
  /** What a running platform was asked to take up. */
  readonly takenUp: string[] = [];
  readonly live = new Set<string>();
  readonly reconciler: Reconciler;
  /** Runs between the two looks. */
  meanwhile: () => Promise<void> = () => Promise.resolve();

  constructor(stores: { state: StateStore; objects: ObjectStore }, folder: string) {
    this.state = stores.state;
    this.objects = stores.objects;
    this.spools = path.join(folder, 'spool');
    const folders = { spools: this.spools, scratch: path.join(folder, 'scratch') };
    this.recorder = new SpoolRecorder(folders, this.objects);
    const { recorder, clock, log, spools: spoolFolder } = this;
    this.reconciler = new Reconciler(
      {
        ...stores,
        recorder,
        clock,
        log,
        spoolFolder,
        node: 'rig',
        isLive: (transfer) => this.live.has(transfer),
        takeUp: (record) => Promise.resolve(void this.takenUp.push(record.id)),
        wait: () => this.meanwhile(),
      },
      { graceMs: GRACE_MS, promptMs: 120_000, hasAllSpools: true, isPlatform: true },
    );
  }

  /** A spool with a file of so many bytes, written long ago. */
  async spool(id: string, account: string, bytes = 100): Promise<string> {
    await mkdir(this.spools, { recursive: true });
    const header = { transfer: id, account, kind: 'file', payload: FILE, size: bytes, call: 'c1' };
    const payload = octets(0, Buffer.alloc(bytes, id), true);
    const file = await writeRtpSpool(this.spools, header, [
      { payload, sequence: 1, timestamp: 0, arrival: 0 },
    ]);
    await utimes(file, STARTED_AT / 1_000, STARTED_AT / 1_000);
    return file;
  }

  /** A file where spools are that says nothing. */
  async nonsense(id: string): Promise<void> {
    const file = path.join(this.spools, `${id}.spool`);
    await writeFile(file, 'no spool at all');
    await utimes(file, STARTED_AT / 1_000, STARTED_AT / 1_000);
  }

  /** A transfer that is over, with everything in its place. */
  async stored(id: string, account = 'alice'): Promise<Stored> {
    await this.spool(id, account);
    const object = await this.recorder.record(id, account);
    if (object === undefined) throw new Error('nothing was recorded');
    await this.recorder.discardSpool(id);
    const record = transferRecord({ id, account, kind: 'file', createdAt: wallclock(STARTED_AT) });
    const whole: Stored = {
      ...record,
      ingest: 'complete',
      delivery: 'left',
      capacity: object.size,
      stored: object.size,
      changedAt: wallclock(STARTED_AT),
      object,
    };
    await this.state.putTransfer(whole);
    await this.state.resizeSpace(account, id, object.size, 'settle');
    return whole;
  }

  /** `code transfer` of each finding, in order. */
  async found(mode: 'none' | 'by-itself' | 'all'): Promise<readonly string[]> {
    return (await this.reconciler.run(mode)).map(nameOf).toSorted();
  }

  /** Mends, and says what was not. */
  async unmended(mode: 'by-itself' | 'all'): Promise<readonly string[]> {
    const outcomes = await this.reconciler.run(mode);
    return outcomes
      .filter(({ mended }) => !mended)
      .map(nameOf)
      .toSorted();
  }

  async used(account: string): Promise<number> {
    return (await this.state.holdings(account)).used;
  }

  /** Bytes of an account's objects, without metadata. */
  async objectBytes(account: string): Promise<number> {
    let bytes = 0;
    for await (const { key, size } of this.objects.list(`${account}/`))
      if (!key.endsWith('/metadata.json')) bytes += size;
    return bytes;
  }
}

const nameOf = ({ code, transfer, text }: Outcome): string => `${code} ${transfer ?? text}`;
