import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { InCallParty } from '../../sip-scripts/in-call-party.ts';
import { PhoneProcess } from '../../sip-scripts/phone-process.ts';
import type { Fields } from '../../sip-scripts/phone/lines.ts';
import { PlatformProcess } from '../../sip-scripts/platform-process.ts';
import { builtDist, shippedMedia } from './built-dist.ts';

export const PIN = '274815';
const SPACE = '10MB';
/** Each asks a process of its own, a third of a second. */
const ATTEMPTS_MAX = 40;

export type Person = 'alice' | 'bob' | 'carol' | 'dave';

export interface SceneOptions {
  readonly people?: readonly Person[];
  /** Settings of the platform. */
  readonly env?: Readonly<Record<string, string>>;
  readonly transport?: 'tcp' | 'udp';
  /** Space of each subscriber. */
  readonly space?: string;
  /** Where the platform keeps its data; a folder of its own by default. */
  readonly dataDir?: string;
}

/** The platform and some registered phones, each in its own process: what is driven from outside, over the wire. */
export class Scene {
  readonly platform: PlatformProcess;
  readonly folder: string;
  readonly #parties: ReadonlyMap<Person, InCallParty>;

  constructor(
    platform: PlatformProcess,
    folder: string,
    parties: ReadonlyMap<Person, InCallParty>,
  ) {
    this.platform = platform;
    this.folder = folder;
    this.#parties = parties;
  }

  party(person: Person): InCallParty {
    const party = this.#parties.get(person);
    if (party === undefined) throw new Error(`${person} is not in this scene`);
    return party;
  }

  /** One calls another. @returns the call's name on each phone. */
  async call(
    from: Person,
    to: Person,
  ): Promise<{ readonly caller: string; readonly callee: string }> {
    const callee = this.party(to).phone;
    const incoming = callee.waitFor('incoming');
    const { call } = await this.party(from).phone.command('call', { to });
    const arrived = await incoming;
    await this.party(from).phone.waitFor('established', (event) => event['call'] === call);
    await callee.waitFor('established', (event) => event['call'] === arrived['call']);
    return { caller: String(call), callee: String(arrived['call']) };
  }

  /** A file in the scene's folder. */
  path(name: string): string {
    return join(this.folder, name);
  }

  transfer(id: string): Promise<Fields> {
    return this.platform.cliObject(['transfers', 'show', id]);
  }

  /** The record of a transfer once it has come to a terminal state. */
  async ended(id: string): Promise<Fields> {
    const terminal = ['complete', 'partial', 'failed', 'cancelled', 'expired'];
    for (let attempt = 0; attempt < ATTEMPTS_MAX; attempt++) {
      const record = await this.transfer(id);
      if (terminal.includes(String(record['ingest']))) return record;
    }
    throw new Error(`${id} does not end`);
  }

  /** Bytes of an account that are held by objects and reservations. */
  async used(account: string): Promise<number> {
    const rows: unknown = JSON.parse(await this.platform.cli(['subscribers', 'list']));
    if (!Array.isArray(rows)) throw new Error('no list');
    const row: unknown = rows.find((entry: Fields) => entry['id'] === account);
    return Number((row as Fields)['used']);
  }
}

export const PHOTO = shippedMedia('photo.jpg');
export const SPEECH = shippedMedia('voice-carol.ulaw');

/** Runs a test in a scene; ends every process and removes every file, also when it fails. */
export async function withScene(
  options: SceneOptions,
  test: (scene: Scene) => Promise<void>,
): Promise<void> {
  const dist = builtDist();
  const folder = await mkdtemp(join(tmpdir(), 'midcall-scene-'));
  const phones: PhoneProcess[] = [];
  let platform: PlatformProcess | undefined;
  try {
    const { env, dataDir } = options;
    platform = await PlatformProcess.start({
      dist,
      ...(env === undefined ? {} : { env }),
      ...(dataDir === undefined ? {} : { dataDir }),
    });
    const parties = new Map<Person, InCallParty>();
    for (const person of options.people ?? ['alice', 'bob']) {
      const phone = await subscribe(platform, person, options);
      phones.push(phone);
      parties.set(person, new InCallParty(phone));
      const { status } = await phone.command('register');
      if (status !== 200) throw new Error(`${person} could not register: ${String(status)}`);
    }
    await test(new Scene(platform, folder, parties));
  } finally {
    await Promise.allSettled(phones.map((phone) => phone.stop()));
    await platform?.stop();
    await rm(folder, { recursive: true, force: true });
  }
}

/** Adds a subscriber, and opens its phone at that platform. */
export async function subscribe(
  platform: PlatformProcess,
  person: Person,
  options: Pick<SceneOptions, 'space' | 'transport'>,
): Promise<PhoneProcess> {
  const password = `${person}-sip`;
  const secrets = ['--password', password, '--storage-password', PIN];
  const space = ['--space', options.space ?? SPACE];
  await platform.cli(['subscribers', 'add', person, ...secrets, ...space]);
  return PhoneProcess.start({
    dist: builtDist(),
    phone: {
      user: person,
      password,
      domain: String(platform.ready['domain']),
      server: platform.sip,
      transport: options.transport ?? 'tcp',
      voice: shippedMedia(`voice-${person === 'dave' ? 'bob' : person}.ulaw`),
    },
  });
}
