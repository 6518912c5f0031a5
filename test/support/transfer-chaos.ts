import type { Command } from '../../src/incall/commands.ts';
import type { IngestEndCause } from '../../src/transfers/media-plane.ts';
import type { Party } from '../../src/transfers/ports.ts';
import { fileOffer, voiceOffer } from './sdp-texts.ts';
import { SeededRandom } from './seeded-random.ts';
import { ALICE, BOB, CAROL, DAVE, PIN, TransferWorld, settled } from './transfer-world.ts';

const PARTIES: readonly Party[] = [ALICE, BOB, CAROL, DAVE];
const END_CAUSES: readonly IngestEndCause[] = [
  'complete',
  'incomplete',
  'bye',
  'idle',
  'limit',
  'disk',
];
const STORE_VERBS = ['putTransfer', 'releaseSpace', 'resizeSpace', 'reserveSpace', 'takePrompt'];
const MEDIA_VERBS = ['openIngest', 'confirmIngest', 'openDelivery', 'closeIngest', 'closeDelivery'];
const RECORDER_VERBS = ['record', 'discardSpool', 'hasSpool'];
const PAUSE_TURNS_MAX = 4;
/** A command that may stand for itself or for a repetition of itself. */
export interface Said {
  readonly command: Command;
  readonly from: Party;
  times: number;
}

/** A seeded life of several transfers: anything may happen at any time, and everything may fail. */
export class TransferChaos {
  world: TransferWorld;
  readonly said: Said[] = [];
  /** Worlds of processes that crashed, oldest first, and the one that runs. */
  readonly worlds: TransferWorld[] = [];
  readonly #seed: number;
  readonly #random: SeededRandom;
  readonly #steps: readonly [weight: number, step: () => unknown][] = [
    [6, () => this.#request()],
    [3, () => this.#instruct()],
    [8, () => this.#store()],
    [12, () => this.#progress()],
    [5, () => this.#ingestEnds()],
    [7, () => this.#receive()],
    [4, () => this.#delivers()],
    [3, () => this.#deliveryEnds()],
    [3, () => this.#say((id, transfer) => ({ type: 'cancel', id, transfer }))],
    [2, () => this.#say((id, transfer) => ({ type: 'end-of-data', id, transfer }))],
    [2, () => this.#forward()],
    [2, () => this.#repeat()],
    [2, () => this.world.transfers.callEnded(this.#random.oneOf(['c1', 'c2']))],
    [4, () => this.world.pass(this.#random.oneOf([10, 1_000, 30_000, 130_000]))],
    [2, () => this.#fail()],
  ];

  constructor(seed: number) {
    this.#seed = seed;
    this.#random = new SeededRandom(seed);
    this.world = this.#begin(undefined);
  }

  async run(steps: number): Promise<void> {
    const weights = this.#steps.flatMap(([weight, step]) =>
      Array.from({ length: weight }, () => step),
    );
    for (let count = 0; count < steps; count++) {
      const done = Promise.resolve(this.#random.oneOf(weights)());
      if (this.#random.chance(40)) await done;
      if (this.#random.chance(40)) await settled();
      if (this.#random.below(steps * 8) === 0) this.world.media.die();
      if (this.#random.below(steps * 8) === 0) await this.#crash();
    }
  }

  /** Everything works again; what is live comes to its end. @returns false when it does not. */
  async drain(): Promise<boolean> {
    await settled();
    for (const verb of STORE_VERBS) this.world.store.failures.heal(verb);
    for (const verb of MEDIA_VERBS) this.world.media.failures.heal(verb);
    for (const verb of RECORDER_VERBS) this.world.recorder.failures.heal(verb);
    let drained = false;
    void this.world.transfers.drain().then(() => (drained = true));
    for (let minute = 0; minute < 12 && !drained; minute++) await this.world.pass(60_000);
    return drained;
  }

  #begin(earlier: TransferWorld | undefined): TransferWorld {
    const seed = this.#seed * 31 + this.worlds.length;
    const world = new TransferWorld(
      earlier === undefined ? { seed } : { seed, store: earlier.store, recorder: earlier.recorder },
    );
    this.worlds.push(world);
    const pause = async (): Promise<void> => {
      for (let turns = this.#random.below(PAUSE_TURNS_MAX); turns > 0; turns--)
        await Promise.resolve();
    };
    for (const { failures } of [world.store, world.media, world.recorder]) failures.pause = pause;
    return world;
  }

  /** The process is gone between two moments; another one finds what is on disk. */
  async #crash(): Promise<void> {
    await settled();
    this.world = this.#begin(this.world);
    await this.world.transfers.recover();
  }

  #do(command: Command, from: Party): Promise<void> {
    this.said.push({ command, from, times: 1 });
    return this.world.transfers.handle(command, from);
  }

  #id(): string {
    return `${this.worlds.length}-${this.world.nextId()}`;
  }

  /** A transfer of this process, if there is one. */
  #transfer(): string {
    const ids = [...this.world.store.records.keys()];
    return ids.length === 0 ? 'none' : this.#random.oneOf(ids.slice(-4));
  }

  #request(): Promise<void> {
    const from = this.#random.oneOf([ALICE, CAROL]);
    const sender = this.#random.oneOf(['bob', 'dave', 'carol', 'nobody']);
    const password = this.#random.chance(90) ? PIN : 'wrong';
    const maxBytes = this.#random.oneOf([1_000, 5_000, 700_000]);
    const threshold = this.#random.oneOf([{ percent: 30 }, { bytes: 0 }, 'adaptive'] as const);
    const id = this.#id();
    return this.#do({ type: 'storage-request', id, sender, password, maxBytes, threshold }, from);
  }

  #instruct(): Promise<void> {
    const from = this.#random.oneOf([ALICE, CAROL]);
    const id = this.#id();
    return this.#do({ type: 'storage-instruction', id, password: PIN, maxBytes: 2_000 }, from);
  }

  #store(): Promise<void> {
    const transfer = this.#transfer();
    const prompt = [...this.world.store.prompts.values()].find(
      (known) => known.transfer === transfer,
    );
    const token =
      this.#random.oneOf([prompt?.token, prompt?.token, prompt?.code, 'wrong']) ?? 'wrong';
    const stream = this.#random.chance(30);
    const { sender, receiver } = this.world.store.records.get(transfer) ?? {};
    const others = PARTIES.filter(({ number }) => number !== receiver);
    const from = others.find(({ number }) => number === sender) ?? this.#random.oneOf(others);
    const common = { type: 'store-request', id: this.#id(), transfer, token } as const;
    return this.#do(
      stream
        ? { ...common, format: 'audio/PCMA', sdp: voiceOffer('sendonly') }
        : { ...common, format: 'image/jpeg', size: 1_000, sdp: fileOffer('sendonly') },
      from,
    );
  }

  #progress(): void {
    const open = [...this.world.media.ingests].filter(([, { terms, ended }]) => terms && !ended);
    if (open.length === 0) return;
    const [transfer, { stored }] = this.#random.oneOf(open);
    const more = Math.min(1_000, stored + this.#random.below(500));
    this.world.media.progress(transfer, more, { seconds: more / 8_000 });
  }

  #ingestEnds(): void {
    const { ingests } = this.world.media;
    const confirmed = [...ingests].filter(([, { terms }]) => terms !== undefined);
    if (confirmed.length === 0) return;
    const [transfer, { stored }] = this.#random.oneOf(confirmed);
    const cause = this.#random.oneOf(END_CAUSES);
    this.world.media.end(transfer, cause, cause === 'complete' ? 1_000 : stored);
  }

  #receive(): Promise<void> {
    const [offer] = this.#random
      .oneOf([ALICE, CAROL].map((party) => this.world.parties.heard(party, 'receive-offer')))
      .slice(-1);
    const transfer = offer?.transfer ?? this.#transfer();
    const record = this.world.store.records.get(transfer);
    const sdp = record?.kind === 'media' ? voiceOffer('recvonly') : fileOffer('recvonly');
    const proof = this.#random.oneOf([
      { token: offer?.token ?? 'wrong' },
      { password: PIN },
      { token: 'wrong' },
    ]);
    const from = this.#random.oneOf(PARTIES);
    return this.#do({ type: 'receive-request', id: this.#id(), transfer, sdp, ...proof }, from);
  }

  #delivers(): void {
    for (const transfer of this.world.media.deliveries.keys())
      this.world.media.delivered(transfer, this.#random.below(1_000));
  }

  #deliveryEnds(): void {
    const [transfer] = this.world.media.deliveries.keys();
    if (transfer === undefined) return;
    const cause = this.#random.oneOf(['complete', 'unreachable'] as const);
    this.world.media.deliveryEnds(transfer, cause, 1_000);
  }

  #say(write: (id: string, transfer: string) => Command): Promise<void> {
    return this.#do(write(this.#id(), this.#transfer()), this.#random.oneOf(PARTIES));
  }

  #forward(): Promise<void> {
    const to = this.#random.oneOf(['bob', 'dave', 'nobody']);
    return this.#say((id, transfer) => ({
      type: 'forward-prompt',
      id,
      transfer,
      to,
    }));
  }

  async #repeat(): Promise<void> {
    if (this.said.length === 0) return;
    const again = this.#random.oneOf(this.said);
    again.times += 1;
    await this.world.transfers.handle(again.command, again.from);
  }

  #fail(): void {
    const { store, media, recorder } = this.world;
    const error = new Error('made to fail');
    // Where it was made tells nothing, and takes long to find out.
    error.stack = error.message;
    const times = 1 + this.#random.below(3);
    const [failures, verbs] = this.#random.oneOf([
      [store.failures, STORE_VERBS] as const,
      [media.failures, MEDIA_VERBS] as const,
      [recorder.failures, RECORDER_VERBS] as const,
    ]);
    failures.fail(this.#random.oneOf(verbs), error, times);
  }
}
