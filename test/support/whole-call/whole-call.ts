import { DELIVERY, INGEST } from '../../../src/transfers/tables.ts';
import { SeededRandom } from '../seeded-random.ts';
import { BadNetwork, STORM } from './bad-network.ts';
import { MEDIA_ADDRESS, ModelPlatform, PIN, PORTS, SIP } from './model-platform.ts';
import { ModelPhone } from './model-phone.ts';
import type { Served } from './phone-transactions.ts';
import { TransferUser } from './transfer-user.ts';
import { VirtualTime } from './virtual-time.ts';

/** Everything must be over by then, ms: the longest wait in the platform is that for an application's word, 10 minutes. */
const HORIZON_MS = 1_800_000;
const ALICE = { name: 'alice', address: '192.0.2.10' };
const BOB = { name: 'bob', address: '192.0.2.20' };

/** What a seed's call came to: for the figures, not for the verdict. */
export interface Outcome {
  readonly answered: boolean;
  readonly transfers: number;
  readonly stored: number;
  readonly delivered: number;
  readonly datagrams: number;
  readonly lost: number;
  readonly virtualMs: number;
  readonly faults: readonly string[];
}

/** One call from INVITE to the last timer, with transfers in it: the same for the same seed. */
export class WholeCall {
  readonly platform: ModelPlatform;
  readonly #random: SeededRandom;
  readonly #time: VirtualTime;
  readonly #network: BadNetwork;
  readonly #phones: readonly ModelPhone[];
  readonly #users: readonly TransferUser[];
  /** What happened that must not. */
  readonly #faults: string[] = [];
  #isApplicationLost = false;
  /** How long the other one stays in the call, when both are of one mind. */
  #lastsMs: number | undefined;

  constructor(seed: number) {
    this.#random = new SeededRandom(seed);
    this.platform = new ModelPlatform(seed * 7, (from, to, bytes) =>
      this.#network.send(from, to, bytes),
    );
    this.#time = new VirtualTime(this.platform.rig.clock);
    this.#network = new BadNetwork(this.#time, new SeededRandom(seed * 3), STORM);
    for (const address of [SIP.address, MEDIA_ADDRESS])
      this.#network.host(address, (bytes, from, port) => this.platform.arrive(bytes, from, port));
    const pairs = [ALICE, BOB].map((who) => this.#phone(who));
    this.#phones = pairs.map(({ phone }) => phone);
    this.#users = pairs.map(({ user }) => user);
    for (const [at, user] of this.#users.entries()) user.peer = this.#phones[1 - at]?.name ?? '';
  }

  async run(): Promise<Outcome> {
    const startMs = this.#time.nowMs;
    await this.platform.start([ALICE, BOB]);
    const [caller] = this.#phones;
    caller?.call(BOB.name);
    if (this.#random.chance(15))
      this.#time.after(this.#random.below(6_000), () => caller?.cancel());
    if (this.#random.chance(4))
      this.#time.after(this.#random.below(30_000), () => {
        this.#isApplicationLost = true;
        this.platform.loseApplication();
      });
    const isOver = await this.#play(startMs + HORIZON_MS);
    const faults = [...this.#faults, ...(isOver ? [] : ['not over in time']), ...this.#leftovers()];
    this.platform.close();
    return { ...this.#figures(startMs), faults };
  }

  /** Lets things happen in their order. @returns false when it takes too long. */
  async #play(endMs: number): Promise<boolean> {
    for (;;) {
      const at = Math.min(this.#time.next, this.platform.next);
      if (at === Infinity) return true;
      if (at > endMs) return this.platform.idle;
      if (this.#time.next <= this.platform.next) this.#time.runNext();
      else {
        this.#time.passTo(at);
        this.platform.due();
      }
      await this.platform.settle();
    }
  }

  #phone(who: typeof ALICE): { phone: ModelPhone; user: TransferUser } {
    const send = (...datagram: Parameters<BadNetwork['send']>): void =>
      this.#network.send(...datagram);
    const mediaPort = PORTS[who.address] ?? 0;
    const phone: ModelPhone = new ModelPhone({
      ...who,
      server: SIP,
      mediaPort,
      time: this.#time,
      send,
      onInvite: (called, served) => this.#called(called, served),
      onUp: (up) => this.#up(up),
      onInfo: (_phone, body) => user.hear(body),
      onBye: () => this.#byeCame(phone),
      onUnacknowledged: () => this.#fault(`${phone.name}: a 200 was never acknowledged`),
    });
    const random = this.#random;
    const user = new TransferUser({ phone, time: this.#time, random, pin: PIN, mediaPort, send });
    this.#network.host(who.address, (bytes, from, port) =>
      port === 5060 ? phone.arrive(bytes) : user.datagram(bytes, from, port),
    );
    return { phone, user };
  }

  /** Nobody is cut off: a call ends when one of the two wants it to, or is gone. */
  #byeCame(phone: ModelPhone): void {
    const isWanted = this.#phones.some(({ hungUp, dead }) => hungUp || dead);
    if (!isWanted) this.#fault(`${phone.name} was cut off at ${this.#time.nowMs}`);
  }

  /** Without its application a call ends as it may. */
  #fault(text: string): void {
    if (!this.#isApplicationLost) this.#faults.push(text);
  }

  /** The callee's mood. */
  #called(phone: ModelPhone, served: Served): void {
    const random = this.#random;
    if (random.chance(90)) phone.ring(served);
    if (random.chance(3)) return this.#switchOff(phone);
    const thinkingMs = random.below(5_000);
    const isBusy = random.chance(8);
    this.#time.after(thinkingMs, () =>
      isBusy ? phone.refuse(served, '486 Busy Here') : phone.accept(served),
    );
  }

  /** What the user of this phone does in the call, and when it ends for him. */
  #up(phone: ModelPhone): void {
    const random = this.#random;
    const user = this.#users[this.#phones.indexOf(phone)];
    const lastsMs = this.#lastsMs ?? 500 + random.below(40_000);
    // Sometimes both hang up at the same time.
    if (random.chance(20)) this.#lastsMs = lastsMs;
    const asks = random.below(3);
    for (let count = 0; count < asks; count++) {
      const direct = random.chance(70);
      this.#time.after(random.below(8_000), () => user?.ask(user.peer, direct));
    }
    if (random.chance(25)) this.#time.after(random.below(20_000), () => phone.reinvite());
    if (random.chance(4)) this.#time.after(random.below(lastsMs), () => this.#switchOff(phone));
    this.#time.after(lastsMs, () => phone.hangUp());
  }

  /** One of the two at most: a call whose phones are both gone has nobody left to end it (no session timers yet). */
  #switchOff(phone: ModelPhone): void {
    if (this.#phones.every(({ dead }) => !dead)) phone.switchOff();
  }

  #figures(startMs: number): Omit<Outcome, 'faults'> {
    const records = [...this.platform.store.records.values()];
    return {
      answered: this.#phones[0]?.outcome === 200,
      transfers: records.length,
      stored: records.filter(({ ingest }) => ingest === 'complete').length,
      delivered: records.filter(({ delivery }) => delivery === 'delivered').length,
      datagrams: this.#network.sent,
      lost: this.#network.lost,
      virtualMs: this.#time.nowMs - startMs,
    };
  }

  /** Everything that a call takes is given back; both phones know that it is over; each transfer ended once. */
  #leftovers(): readonly string[] {
    const { core, calls, transfers, rig, log, recorder } = this.platform;
    const counts: Readonly<Record<string, number>> = {
      ...core.load,
      calls: calls.callCount,
      live: transfers.liveCount,
      sockets: rig.sockets.openCount,
      readers: rig.spools.opened - rig.spools.closed,
      spools: rig.spools.spools.size,
      scripted: recorder.spools.size,
    };
    return [
      ...Object.entries(counts).flatMap(([what, count]) =>
        count > 0 ? [`${what}: ${count}`] : [],
      ),
      ...log.errors
        .filter(({ event }) => event !== 'sip-server.lost')
        .map(({ event, facts }) => `${event} ${JSON.stringify(facts)}`),
      ...this.#phones.flatMap((phone) => this.#phoneFault(phone)),
      ...this.#unfinished(),
      ...this.#wrongSpace(),
      ...this.#lastWords(),
    ];
  }

  #phoneFault({ name, state, dead }: ModelPhone): readonly string[] {
    return dead || state === 'over' || state === 'idle' ? [] : [`${name} is still ${state}`];
  }

  #unfinished(): readonly string[] {
    return [...this.platform.store.records.values()].flatMap(({ id, ingest, delivery }) => {
      const more = Object.keys(INGEST[ingest]).length + Object.keys(DELIVERY[delivery]).length;
      return more > 0 ? [`not over: ${id} ${ingest}/${delivery}`] : [];
    });
  }

  /** The ledger of space has the kept objects and nothing else. */
  #wrongSpace(): readonly string[] {
    const { records, held } = this.platform.store;
    const kept = [...records.values()].filter(({ object }) => object !== undefined);
    const expected = kept.map(({ id, account, object }) => `${account} ${id} ${object?.size}`);
    const found = [...held].flatMap(([account, holdings]) =>
      [...holdings].map(([id, bytes]) => `${account} ${id} ${bytes}`),
    );
    return [
      ...expected.filter((one) => !found.includes(one)).map((one) => `not held: ${one}`),
      ...found.filter((one) => !expected.includes(one)).map((one) => `held: ${one}`),
    ];
  }

  /** Who was confirmed or offered a transfer is told once that it is over, and nobody is told twice. */
  #lastWords(): readonly string[] {
    const ends = new Map<string, number>();
    const count = (key: string, more: number): void =>
      void ends.set(key, (ends.get(key) ?? 0) + more);
    for (const { party, event } of this.platform.told) {
      if (!('transfer' in event)) continue;
      const key = `${party.number} ${String(event.transfer)}`;
      if (event.type === 'store-confirmation' || event.type === 'receive-offer') count(key, 0);
      if (event.type === 'transfer-complete') count(key, 1);
    }
    return [...ends].flatMap(([key, times]) => (times === 1 ? [] : [`${times} ends: ${key}`]));
  }
}
