import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { InCallParty, type Passing } from '../in-call-party.ts';
import { readMessage } from '../in-call-message.ts';
import { PhoneProcess } from '../phone-process.ts';
import type { EventLine } from '../phone/lines.ts';
import { PlatformProcess } from '../platform-process.ts';

/** Who takes part, and what each says on the phone. */
export const PEOPLE = {
  alice: 'voice-alice.ulaw',
  bob: 'voice-bob.ulaw',
  carol: 'voice-carol.ulaw',
} as const;

export type Person = keyof typeof PEOPLE;

/** The password of a storage, spoken to nobody but the platform. */
export const STORAGE_PASSWORD = '274815';
/** A name that exists nowhere else (RFC 6761 §6.5). */
const DOMAIN = 'midcall.example';
/** What each subscriber gets, beside what the file needs: bytes. */
const SPACE_BYTES = 10_000_000;

export interface StageOptions {
  /** Folder of the built code. */
  readonly dist: string;
  /** Folder of the shipped recordings. */
  readonly media: string;
  /** Bytes of the largest thing to be stored. */
  readonly fileBytes: number;
  /** Told every in-call message. */
  readonly onMessage: (passing: Passing) => void;
  /** Told every event of a phone. */
  readonly onEvent: (person: Person, event: EventLine) => void;
}

/** The platform and three phones, each in its own process, and a folder for what is received. */
export class Stage {
  readonly folder: string;
  readonly #parties = new Map<Person, InCallParty>();
  /** A platform on its way up, which must be ended too. */
  #starting: Promise<PlatformProcess> | undefined;
  #platform: PlatformProcess | undefined;
  readonly #options: StageOptions;
  #struck: Promise<number> | undefined;

  private constructor(options: StageOptions, folder: string) {
    this.#options = options;
    this.folder = folder;
  }

  /** Nothing runs yet. */
  static async create(options: StageOptions): Promise<Stage> {
    return new Stage(options, await mkdtemp(join(tmpdir(), 'midcall-demo-')));
  }

  /** Starts everything and registers the phones. Whatever comes of it, `strike` ends what was started. */
  async build(): Promise<void> {
    this.#starting = PlatformProcess.start({
      dist: this.#options.dist,
      env: { MIDCALL_DOMAIN: DOMAIN },
    });
    this.#platform = await this.#starting;
    const people: Person[] = ['alice', 'bob', 'carol'];
    // One after another: they share a database, and two of them would only wait for each other.
    for (const person of people) await this.#subscribe(person);
    await Promise.all(people.map((person) => this.#connect(person)));
  }

  /** @throws Error before it is built. */
  get platform(): PlatformProcess {
    if (this.#platform === undefined) throw new Error('the platform is not up');
    return this.#platform;
  }

  /** The end of the platform's log. */
  get log(): string {
    return this.#platform?.stderr ?? '';
  }

  /** Bytes of each subscriber's storage. */
  get space(): number {
    return SPACE_BYTES + this.#options.fileBytes;
  }

  party(person: Person): InCallParty {
    const party = this.#parties.get(person);
    if (party === undefined) throw new Error(`${person} is not here`);
    return party;
  }

  /** Ends every process and removes the folder. Repeatable. @returns the platform's exit code. */
  strike(): Promise<number> {
    this.#struck ??= this.#strike();
    return this.#struck;
  }

  async #subscribe(person: Person): Promise<void> {
    const secrets = ['--password', sipPassword(person), '--storage-password', STORAGE_PASSWORD];
    const space = ['--space', String(this.space)];
    await this.platform.cli(['subscribers', 'add', person, ...secrets, ...space]);
  }

  async #connect(person: Person): Promise<void> {
    const { sip } = this.platform;
    const { dist, media, onEvent, onMessage } = this.#options;
    const voice = join(media, PEOPLE[person]);
    const password = sipPassword(person);
    const phone = await PhoneProcess.start({
      dist,
      phone: { user: person, password, domain: DOMAIN, server: sip, transport: 'tcp', voice },
      onEvent: (event) => {
        const message = readMessage(event);
        if (message !== undefined) {
          onMessage({ at: event.at, user: person, direction: 'received', message });
        }
        onEvent(person, event);
      },
    });
    this.#parties.set(person, new InCallParty(phone, onMessage));
    const answer = await phone.command('register');
    if (answer['status'] !== 200) {
      throw new Error(`${person} could not register: ${String(answer['status'])}`);
    }
  }

  async #strike(): Promise<number> {
    const parties = [...this.#parties.values()];
    await Promise.allSettled(parties.map((party) => party.phone.stop()));
    const platform = await this.#starting?.catch(() => undefined);
    const code = (await platform?.stop()) ?? 0;
    await rm(this.folder, { recursive: true, force: true });
    return code;
  }
}

/** Digest and storage passwords are different secrets (docs/storage.md §3). */
const sipPassword = (person: Person): string => `${person}-on-the-phone`;
