/** Where a Redis is, and how it is kept alive there. */
export type RedisAddress =
  | { readonly kind: 'single'; readonly url: string }
  | (RedisNodes & {
      readonly kind: 'sentinel';
      /** The master's name with the sentinels. */
      readonly name: string;
      readonly database: number;
    })
  | (RedisNodes & { readonly kind: 'cluster' });

export interface RedisNodes {
  readonly nodes: readonly { readonly host: string; readonly port: number }[];
  readonly tls: boolean;
  readonly username?: string;
  readonly password?: string;
}

const DEFAULT_PORTS = { sentinel: 26_379, cluster: 6_379 };
/** Of Redis itself, unless it was built otherwise; a cluster has the first only. */
const DATABASE_MAX = 15;

/** `redis-cluster://user:password@host:port,host:port`, `redis-sentinel://…/name/database`; `rediss-` for TLS. */
const SEVERAL =
  /^redis(?<tls>s?)-(?<kind>sentinel|cluster):\/\/(?:(?<user>[^:@/]*)(?::(?<password>[^@/]*))?@)?(?<nodes>[^@/]+)(?:\/(?<name>[^/]*))?(?:\/(?<database>\d{1,2}))?$/;
const NODE = /^(?<host>[A-Za-z0-9.-]{1,253}|\[[0-9a-fA-F:.]{2,45}\])(?::(?<port>\d{1,5}))?$/;

/** @returns undefined when the text is no address of a Redis. */
export function parseRedisAddress(text: string): RedisAddress | undefined {
  if (!/^rediss?:/.test(text)) return parseSeveral(text);
  return URL.canParse(text) ? { kind: 'single', url: text } : undefined;
}

function parseSeveral(text: string): RedisAddress | undefined {
  const groups = SEVERAL.exec(text)?.groups;
  if (groups === undefined) return undefined;
  const kind = groups['kind'] === 'cluster' ? 'cluster' : 'sentinel';
  const nodes = parseNodes(groups['nodes'] ?? '', DEFAULT_PORTS[kind]);
  if (nodes === undefined) return undefined;
  const shared = { nodes, tls: groups['tls'] === 's', ...credentialsOf(groups) };
  if (kind === 'sentinel') return withMaster(shared, groups);
  return groups['name'] === undefined ? { kind, ...shared } : undefined;
}

type Groups = Readonly<Record<string, string | undefined>>;

function withMaster(
  shared: RedisNodes,
  { name, database = '0' }: Groups,
): RedisAddress | undefined {
  if (name === undefined || name === '' || Number(database) > DATABASE_MAX) return undefined;
  return { kind: 'sentinel', ...shared, name: decoded(name), database: Number(database) };
}

function credentialsOf({ user, password }: Groups): Pick<RedisNodes, 'username' | 'password'> {
  return {
    ...(user ? { username: decoded(user) } : {}),
    ...(password ? { password: decoded(password) } : {}),
  };
}

/** Escapes that are none stand for themselves. */
function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

function parseNodes(text: string, defaultPort: number): RedisNodes['nodes'] | undefined {
  const nodes = text.split(',').map((node) => NODE.exec(node)?.groups);
  const parsed = nodes.flatMap((groups) => {
    const { host, port = String(defaultPort) } = groups ?? {};
    const isPort = Number(port) >= 1 && Number(port) <= 65_535;
    return host !== undefined && isPort
      ? [{ host: host.replace(/^\[|\]$/g, ''), port: Number(port) }]
      : [];
  });
  return parsed.length === nodes.length ? parsed : undefined;
}
