import type { Command, StorageRequest, StoreRequest } from '../../src/incall/commands.ts';
import type { StoragePrompt } from '../../src/incall/events.ts';
import type { Party, Passwords, TransferSettings } from '../../src/transfers/ports.ts';
import type { TransferRecord } from '../../src/transfers/record.ts';
import { mailWriter } from '../../src/webhooks/event.ts';
import { Transfers } from '../../src/transfers/transfers.ts';
import { FixedClock } from './fixed-clock.ts';
import { MemoryTransferStore } from './memory-transfer-store.ts';
import { RecordingLog } from './recording-log.ts';
import { RecordingParties } from './recording-parties.ts';
import { ScriptedMediaPlane } from './scripted-media-plane.ts';
import { ScriptedRecorder } from './scripted-recorder.ts';
import { fileOffer } from './sdp-texts.ts';
import { SeededRandom } from './seeded-random.ts';
import { NODE, subscriber } from './transfer-records.ts';

/** Alice has storage and is in call c1 with Bob; Carol is in another call, with Dave. */
export const ALICE: Party = { number: 'alice', leg: { call: 'c1', side: 'caller' } };
export const BOB: Party = { number: 'bob', leg: { call: 'c1', side: 'callee' } };
export const CAROL: Party = { number: 'carol', leg: { call: 'c2', side: 'caller' } };
export const DAVE: Party = { number: 'dave', leg: { call: 'c2', side: 'callee' } };

export const PIN = '4711';
export const SPACE = 1_000_000;
export const SIZE = 1_000;

const SETTINGS: TransferSettings = {
  threshold: { percent: 30 },
  streamThresholdSeconds: 2,
  sizeMax: 10_000_000,
  promptSeconds: 120,
  offerSeconds: 60,
  idleMs: { file: 10_000, media: 30_000 },
  fileRateMax: 8_000_000,
  liveMax: 100,
  formats: ['*'],
};

const PASSWORDS: Passwords = {
  verify: async (known, password) => ({ match: known?.storagePassword === password }),
};

/** The service with everything around it faked: one call, one subscriber with space. */
export class TransferWorld {
  readonly clock = new FixedClock();
  readonly store: MemoryTransferStore;
  readonly media = new ScriptedMediaPlane();
  readonly recorder: ScriptedRecorder;
  readonly parties = new RecordingParties();
  readonly log = new RecordingLog();
  readonly random: SeededRandom;
  readonly transfers: Transfers;
  /** Transfers that others took the place of. */
  readonly removed: string[] = [];
  #commands = 0;

  constructor(
    options: {
      readonly settings?: Partial<TransferSettings>;
      readonly passwords?: Passwords;
      readonly seed?: number;
      /** What an earlier process left. */
      readonly store?: MemoryTransferStore;
      readonly recorder?: ScriptedRecorder;
    } = {},
  ) {
    this.store = options.store ?? new MemoryTransferStore();
    this.recorder = options.recorder ?? new ScriptedRecorder();
    this.random = new SeededRandom(options.seed ?? 1);
    for (const id of ['alice', 'carol'])
      this.store.subscribers.set(id, subscriber({ id, storagePassword: PIN, space: SPACE }));
    this.parties.present = [ALICE, BOB, CAROL, DAVE];
    this.recorder.sizeOf = (transfer) =>
      this.store.records.get(transfer)?.stored || this.store.records.get(transfer)?.size || 0;
    this.media.onSpool = (transfer) => this.recorder.spools.add(transfer);
    this.transfers = new Transfers({
      node: NODE,
      store: this.store,
      media: this.media,
      recorder: this.recorder,
      parties: this.parties,
      passwords: options.passwords ?? PASSWORDS,
      clock: this.clock,
      random: this.random,
      log: this.log,
      mail: mailWriter((number) => number),
      removed: ({ id }) => void this.removed.push(id),
      settings: { ...SETTINGS, ...options.settings },
    });
    this.media.listen((event) => this.transfers.onMedia(event));
  }

  /** An id that no command had yet. */
  nextId(): string {
    this.#commands += 1;
    return `m${this.#commands}`;
  }

  /** Says something, and waits until it has had all its effects. */
  async say(command: Command, from: Party): Promise<void> {
    await this.transfers.handle(command, from);
    await settled();
  }

  /** Alice asks Bob to send (M3). @returns what Bob was prompted. */
  async prompted(with_: Partial<StorageRequest> = {}): Promise<StoragePrompt> {
    const id = this.nextId();
    await this.say({ type: 'storage-request', id, sender: 'bob', password: PIN, ...with_ }, ALICE);
    return this.parties.last(BOB, 'storage-prompt');
  }

  /** A store request for a file, in answer to a prompt. */
  storeRequest(
    prompt: Pick<StoragePrompt, 'transfer' | 'token'>,
    with_: Partial<StoreRequest> = {},
  ): StoreRequest {
    return {
      type: 'store-request',
      id: this.nextId(),
      transfer: prompt.transfer,
      token: prompt.token,
      format: 'image/jpeg',
      size: SIZE,
      sdp: fileOffer('sendonly'),
      ...with_,
    };
  }

  /** Bob's store request is confirmed (M6). @returns the transfer. */
  async confirmed(
    store: Partial<StoreRequest> = {},
    request: Partial<StorageRequest> = {},
  ): Promise<string> {
    const prompt = await this.prompted(request);
    await this.say(this.storeRequest(prompt, store), BOB);
    this.parties.last(BOB, 'store-confirmation');
    return prompt.transfer;
  }

  /** Alice has been offered the data (M11). */
  async offered(store: Partial<StoreRequest> = {}): Promise<string> {
    const transfer = await this.confirmed(store);
    await this.progress(transfer, 400);
    this.parties.last(ALICE, 'receive-offer');
    return transfer;
  }

  /** Alice is receiving (M12). */
  async delivering(store: Partial<StoreRequest> = {}): Promise<string> {
    const transfer = await this.offered(store);
    await this.receive(transfer);
    this.parties.last(ALICE, 'receive-confirmation');
    return transfer;
  }

  async receive(transfer: string, with_: { from?: 'start' | 'live' } = {}): Promise<void> {
    const { token } = this.parties.last(ALICE, 'receive-offer');
    const sdp = fileOffer('recvonly');
    await this.say(
      { type: 'receive-request', id: this.nextId(), transfer, token, sdp, ...with_ },
      ALICE,
    );
  }

  async progress(
    transfer: string,
    stored: number,
    seen: Parameters<ScriptedMediaPlane['progress']>[2] = {},
  ): Promise<void> {
    this.media.progress(transfer, stored, seen);
    await settled();
  }

  async ends(...how: Parameters<ScriptedMediaPlane['end']>): Promise<void> {
    this.media.end(...how);
    await settled();
  }

  async cancel(transfer: string, from: Party): Promise<void> {
    await this.say({ type: 'cancel', id: this.nextId(), transfer }, from);
  }

  /** Time passes, and what is due is done. */
  async pass(ms: number): Promise<void> {
    this.clock.ms += ms;
    await this.transfers.tick();
    await settled();
  }

  /** What is kept of a transfer. @throws when nothing is. */
  record(transfer: string): TransferRecord {
    const record = this.store.records.get(transfer);
    if (record === undefined) throw new Error(`nothing is kept of ${transfer}`);
    return record;
  }

  /** Nothing is left open, held or live, but for what objects take. */
  leftovers(): Readonly<Record<string, unknown>> {
    return {
      live: this.transfers.liveCount,
      ingests: this.media.ingests.size,
      deliveries: this.media.deliveries.size,
      spools: this.recorder.spools.size,
    };
  }
}

export const NOTHING_LEFT = { live: 0, ingests: 0, deliveries: 0, spools: 0 };

/** Everything in this world is a promise that is kept at once: one turn of the event loop settles all of it. */
export const settled = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));
