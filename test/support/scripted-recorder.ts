import type { ByteRange } from '../../src/base/byte-range.ts';
import type { RecordedObject } from '../../src/transfers/record.ts';
import type { Recorder } from '../../src/transfers/recorder.ts';
import { Failures } from './failures.ts';

/** SHA-256 of nothing in particular. */
export const DATA_SHA256 = '5e'.repeat(32);

/** A recorder whose objects are what a test says. */
export class ScriptedRecorder implements Recorder {
  readonly failures = new Failures();
  readonly spools = new Set<string>();
  readonly objects = new Map<string, RecordedObject>();
  attempts = 0;
  /** What the next objects are like. */
  next: Partial<RecordedObject> = {};
  /** Bytes of a transfer's object. */
  sizeOf: (transfer: string) => number = () => 1_000;

  async record(transfer: string, account: string): Promise<RecordedObject> {
    this.attempts += 1;
    await this.failures.before('record');
    const object = {
      key: `${account}/${transfer}/data`,
      contentType: 'application/octet-stream',
      size: this.sizeOf(transfer),
      sha256: DATA_SHA256,
      dataSha256: DATA_SHA256,
      dataBytes: 0,
      whole: true,
      ...this.next,
    };
    this.objects.set(transfer, object);
    return object;
  }

  /** Bytes of each transfer, as last told. */
  readonly grownTo = new Map<string, number>();

  grown(transfer: string, stored: number): void {
    this.grownTo.set(transfer, stored);
  }

  /** What there is to go on with. */
  held: readonly ByteRange[] = [];
  /** Keys of the objects that spools were begun with, by transfer. */
  readonly seeds = new Map<string, string>();
  /** Each time, in order. */
  readonly seeded: string[] = [];
  readonly discarded: string[] = [];

  async seed(transfer: string, { key }: RecordedObject): Promise<readonly ByteRange[]> {
    await this.failures.before('seed');
    this.seeds.set(transfer, key);
    this.seeded.push(transfer);
    this.spools.add(transfer);
    return this.held;
  }

  async recoverSpools(): Promise<readonly string[]> {
    await this.failures.before('recoverSpools');
    return [...this.spools];
  }

  async hasSpool(transfer: string): Promise<boolean> {
    await this.failures.before('hasSpool');
    return this.spools.has(transfer);
  }

  async discardSpool(transfer: string): Promise<void> {
    await this.failures.before('discardSpool');
    this.spools.delete(transfer);
    this.discarded.push(transfer);
  }

  async removeObject(key: string): Promise<void> {
    await this.failures.before('removeObject');
    for (const [transfer, object] of this.objects)
      if (object.key === key) this.objects.delete(transfer);
  }
}
