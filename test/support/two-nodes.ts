import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { InCallParty } from '../../sip-scripts/in-call-party.ts';
import type { PhoneProcess } from '../../sip-scripts/phone-process.ts';
import { PlatformProcess } from '../../sip-scripts/platform-process.ts';
import { builtDist } from './built-dist.ts';
import { startRedis, type RedisServer } from './redis-server.ts';
import { openBucket, type S3Bucket } from './rgw/s3-bucket.ts';
import { Scene, subscribe, type Person, type SceneOptions } from './scene.ts';

export type NodeName = 'a' | 'b';

/** A node that is not heard of for this long is dead. */
export const LEASE_SECONDS = 2;
const MEDIA_PORTS = { a: [31_000, 31_999], b: [32_000, 32_999] } as const;
const SECRET = 'the two of them share this secret';

export interface TwoNodesOptions extends Omit<SceneOptions, 'people'> {
  /** Who has a phone, and at which node it is registered. */
  readonly people: Partial<Readonly<Record<Person, NodeName>>>;
}

/** Two platforms as processes on one real Redis and one real S3, and phones at each. */
export class TwoNodes {
  readonly #env: Readonly<Record<string, string>>;
  readonly #folder: string;
  readonly #redis: RedisServer;
  readonly #bucket: S3Bucket;
  readonly #phones: PhoneProcess[] = [];
  readonly #parties = new Map<Person, InCallParty>();
  readonly #nodes = new Map<NodeName, PlatformProcess>();

  private constructor(parts: {
    readonly env: Readonly<Record<string, string>>;
    readonly folder: string;
    readonly redis: RedisServer;
    readonly bucket: S3Bucket;
  }) {
    this.#env = parts.env;
    this.#folder = parts.folder;
    this.#redis = parts.redis;
    this.#bucket = parts.bucket;
  }

  static async start(env: Readonly<Record<string, string>>): Promise<TwoNodes> {
    const redis = await startRedis();
    const bucket = await openBucket();
    const { settings } = bucket;
    const shared = {
      MIDCALL_STATE: redis.url,
      MIDCALL_S3_ENDPOINT: `${settings.host}:${settings.port}`,
      MIDCALL_S3_SECURE: 'off',
      MIDCALL_S3_BUCKET: settings.bucket,
      MIDCALL_S3_KEY: settings.accessKey,
      MIDCALL_S3_SECRET: settings.secretKey,
      MIDCALL_NODE_SECRET: SECRET,
      MIDCALL_NODE_LEASE_SECONDS: String(LEASE_SECONDS),
      MIDCALL_HTTP_SECRET: SECRET,
      ...env,
    };
    const folder = await mkdtemp(join(tmpdir(), 'midcall-nodes-'));
    const nodes = new TwoNodes({ env: shared, folder, redis, bucket });
    try {
      await Promise.all([nodes.boot('a'), nodes.boot('b')]);
      return nodes;
    } catch (error) {
      await nodes.close();
      throw error;
    }
  }

  /** Starts a node, or starts it again on the data that it left. */
  async boot(name: NodeName): Promise<PlatformProcess> {
    const [min, max] = MEDIA_PORTS[name];
    const node = await PlatformProcess.start({
      dist: builtDist(),
      dataDir: join(this.#folder, name),
      env: {
        ...this.#env,
        MIDCALL_NODE: name,
        MIDCALL_MEDIA_PORT_MIN: String(min),
        MIDCALL_MEDIA_PORT_MAX: String(max),
      },
    });
    this.#nodes.set(name, node);
    return node;
  }

  node(name: NodeName): PlatformProcess {
    const node = this.#nodes.get(name);
    if (node === undefined) throw new Error(`${name} does not run`);
    return node;
  }

  /** Opens somebody's phone at a node, and registers it there. */
  async open(person: Person, at: NodeName, options: TwoNodesOptions): Promise<void> {
    const phone = await subscribe(this.node(at), person, options);
    this.#phones.push(phone);
    this.#parties.set(person, new InCallParty(phone));
    const { status } = await phone.command('register');
    if (status !== 200) throw new Error(`${person} could not register: ${String(status)}`);
  }

  /** The phones, and what a node says of transfers. */
  at(name: NodeName): Scene {
    return new Scene(this.node(name), this.#folder, this.#parties);
  }

  async close(): Promise<void> {
    await Promise.allSettled(this.#phones.map((phone) => phone.stop()));
    await Promise.allSettled([...this.#nodes.values()].map((node) => node.stop()));
    await this.#redis.close();
    await this.#bucket.close();
    await rm(this.#folder, { recursive: true, force: true });
  }
}

/** Runs a test with two nodes; ends every process and removes every file, also when it fails. */
export async function withTwoNodes(
  options: TwoNodesOptions,
  test: (nodes: TwoNodes) => Promise<void>,
): Promise<void> {
  const nodes = await TwoNodes.start(options.env ?? {});
  try {
    const people = Object.entries(options.people) as [Person, NodeName][];
    for (const [person, at] of people) await nodes.open(person, at, options);
    await test(nodes);
  } finally {
    await nodes.close();
  }
}
