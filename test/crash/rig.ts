import { randomFillSync } from 'node:crypto';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { InCallParty } from '../../sip-scripts/in-call-party.ts';
import { LineProcess } from '../../sip-scripts/line-process.ts';
import { PhoneProcess } from '../../sip-scripts/phone-process.ts';
import { isFields } from '../../sip-scripts/phone/lines.ts';
import { PlatformProcess } from '../../sip-scripts/platform-process.ts';
import { newSubscriber } from '../../src/calls/new-subscriber.ts';
import { systemClock, systemRandom } from '../../src/net/system-clock.ts';
import { StoragePasswords } from '../../src/state/storage-password.ts';
import { builtDist, shippedMedia } from '../support/built-dist.ts';
import { freePort } from '../support/redis-server.ts';
import type { Stores } from './backend.ts';
import { Book } from './book.ts';
import { PIN, type Line } from './conversation.ts';
import type { TransferPlan, User } from './plan.ts';
import { PowerCut } from './power-cut.ts';

export const USERS: readonly User[] = ['alice', 'bob'];
export const SPEECH = shippedMedia('voice-carol.ulaw');
const DOMAIN = 'midcall.local';
const SPACE = 1_000_000_000;

/** Short, so that what nobody waits for any more ends soon. */
const SETTINGS: Readonly<Record<string, string>> = {
  MIDCALL_HTTP_PORT: 'off',
  MIDCALL_PROMPT_SECONDS: '15',
  MIDCALL_OFFER_SECONDS: '2',
  MIDCALL_IDLE_FILE_SECONDS: '3',
  MIDCALL_IDLE_MEDIA_SECONDS: '3',
  MIDCALL_FILE_RATE_MAX: '100000000',
  MIDCALL_LOG_LEVEL: 'warn',
};

const sipPassword = (user: User): string => `${user}-sip`;

/**
 * The platform and two phones, each a process. The platform is killed, as by a power cut, and started again; folder and phones stay.
 */
export class Rig<S extends Stores = Stores> {
  readonly folder: string;
  readonly dataDir: string;
  readonly stores: S;
  readonly book = new Book();
  readonly #env: Readonly<Record<string, string>>;
  readonly #powerCut: PowerCut;
  readonly #phones = new Map<User, PhoneProcess>();
  #platform: PlatformProcess | undefined;
  #files = 0;
  kills = 0;
  /** When the platform was last started, epoch ms. */
  startedAt = 0;

  private constructor(folder: string, stores: S, env: Readonly<Record<string, string>>) {
    this.folder = folder;
    this.dataDir = path.join(folder, 'data');
    this.stores = stores;
    this.#powerCut = new PowerCut(folder, this.dataDir);
    this.#env = { ...env, ...this.#powerCut.env };
  }

  /** @param open opens the stores that a platform with this data folder uses. */
  static async start<S extends Stores>(open: (dataDir: string) => Promise<S>): Promise<Rig<S>> {
    const folder = await mkdtemp(path.join(os.tmpdir(), 'midcall-crash-'));
    const dataDir = path.join(folder, 'data');
    await mkdir(path.join(dataDir, 'state'), { recursive: true });
    const stores = await open(dataDir);
    const port = await freePort();
    const env = { ...SETTINGS, ...stores.env, MIDCALL_SIP_PORT: String(port) };
    const rig = new Rig(folder, stores, env);
    try {
      for (const user of USERS) await rig.#subscribe(user);
      await rig.startPlatform();
      for (const user of USERS) await rig.#startPhone(user, port);
    } catch (cause) {
      await rig.close();
      throw cause;
    }
    return rig;
  }

  async close(): Promise<void> {
    await Promise.allSettled([...this.#phones.values()].map((phone) => phone.kill()));
    await this.#platform?.kill();
    await this.stores.close();
    await rm(this.folder, { recursive: true, force: true });
  }

  async startPlatform(): Promise<void> {
    const { dataDir } = this;
    this.startedAt = Date.now();
    this.book.texts.clear();
    const env = this.#env;
    const order = { dist: builtDist(), dataDir, env };
    this.#platform = await PlatformProcess.start(order);
  }

  async kill(): Promise<void> {
    this.kills += 1;
    await this.#platform?.kill();
    await this.#powerCut.happen();
  }

  /** Starts a platform and kills it so many milliseconds later, wherever it is by then. */
  async killStarting(afterMs: number): Promise<void> {
    this.kills += 1;
    const env = { ...this.#env, MIDCALL_DATA_DIR: this.dataDir };
    const script = path.join(builtDist(), 'src/cli.js');
    const starting = new LineProcess({ script, args: ['serve', '--json'], env });
    await new Promise((resolve) => setTimeout(resolve, afterMs));
    await starting.stop('SIGKILL');
    await this.#powerCut.happen();
  }

  /** The end of the platform's log. */
  get log(): string {
    return this.#platform?.stderr ?? '';
  }

  /** A call between the two, and nothing left of the calls before. */
  async call(): Promise<Line> {
    await Promise.all([...this.#phones.values()].map((phone) => hangUpAll(phone)));
    const [alice, bob] = [this.#phone('alice'), this.#phone('bob')];
    const incoming = bob.waitFor('incoming');
    const placed = String((await alice.command('call', { to: 'bob' }))['call']);
    const arrived = String((await incoming)['call']);
    await alice.waitFor('established', ({ call }) => call === placed);
    await bob.waitFor('established', ({ call }) => call === arrived);
    const said = (phone: PhoneProcess): InCallParty =>
      new InCallParty(phone, ({ message }) => this.book.heard(message));
    return {
      parties: { alice: said(alice), bob: said(bob) },
      calls: { alice: placed, bob: arrived },
      book: this.book,
    };
  }

  /** What a transfer sends, and where it may be received. */
  async source({ kind, bytes }: TransferPlan): Promise<{ file: string; received: string }> {
    const received = path.join(this.folder, `received-${++this.#files}`);
    if (kind === 'stream') return { file: SPEECH, received };
    const file = path.join(this.folder, `sent-${this.#files}.jpg`);
    await writeFile(file, randomFillSync(Buffer.allocUnsafe(bytes)));
    return { file, received };
  }

  #phone(user: User): PhoneProcess {
    const phone = this.#phones.get(user);
    if (phone === undefined) throw new Error(`${user} has no phone`);
    return phone;
  }

  async #subscribe(id: User): Promise<void> {
    const passwords = new StoragePasswords({ random: systemRandom });
    const order = { id, sipPassword: sipPassword(id), storagePassword: PIN, space: SPACE };
    const maker = { domain: DOMAIN, passwords, clock: systemClock };
    await this.stores.state.addSubscriber(await newSubscriber(order, maker));
  }

  /** Over UDP: it notices nothing of the platform's end, and is there when it is back. */
  async #startPhone(user: User, port: number): Promise<void> {
    const phone = await PhoneProcess.start({
      dist: builtDist(),
      phone: {
        user,
        password: sipPassword(user),
        domain: DOMAIN,
        server: { host: '127.0.0.1', port },
        transport: 'udp',
      },
      onEvent: (event) => this.book.note(user, event),
    });
    this.#phones.set(user, phone);
    const { status } = await phone.command('register');
    if (status !== 200) throw new Error(`${user} could not register: ${String(status)}`);
  }
}

/** Calls of a platform that was killed, and the lines that went with them. */
async function hangUpAll(phone: PhoneProcess): Promise<void> {
  const { calls, media } = await phone.command('stats');
  for (const { handle } of [media].flat().filter(isFields))
    await phone.command('close-media', { handle });
  const ends = [calls].flat().filter(isFields);
  await Promise.allSettled(ends.map(({ call }) => phone.command('hangup', { call })));
}
