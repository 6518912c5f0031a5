import { parseRange } from './address-range.ts';
import type { AddressRange } from './address-range.ts';
import { hopUri } from './trunk.ts';
import type { Hop, KeepAlive, Prefix, Trunk, TrunkPlan } from './trunk.ts';
import type { NumberPlan } from './number-plan.ts';

/** What one platform can be connected to: every request looks through them. */
export const TRUNKS_MAX = 100;
export const RANGES_MAX = 100;
export const PREFIXES_MAX = 1_000;
export const HOPS_MAX = 16;

/** A trunk file that is wrong, with the path of what is: `trunks[0].nextHops`. */
export class TrunkFileError extends Error {}

interface Field<T> {
  /** What a value has to be, for whom it isn't. */
  readonly is: string;
  /** @returns undefined when the value is not one. @throws TrunkFileError for what is inside of it. */
  readonly parse: (value: unknown, at: string) => T | undefined;
  /** For a field that may be left out. */
  readonly default?: { readonly value: T };
}

type Fields<T> = { readonly [Key in keyof T]-?: Field<T[Key]> };

const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** Reads an object by its table. @throws TrunkFileError. */
function readObject<T extends object>(fields: Fields<T>, value: unknown, at: string): T {
  if (!isObject(value)) throw new TrunkFileError(`${at || 'the file'} is no object`);
  const prefix = at === '' ? '' : `${at}.`;
  for (const name of Object.keys(value))
    if (!Object.hasOwn(fields, name))
      throw new TrunkFileError(`${prefix}${name}: there is no such field`);
  const read: Record<string, unknown> = {};
  for (const name in fields) read[name] = readField(fields[name], value[name], prefix + name);
  return read as T;
}

function readField<T>(field: Field<T>, value: unknown, at: string): T {
  if (value === undefined && field.default !== undefined) return field.default.value;
  const read = value === undefined ? undefined : field.parse(value, at);
  if (read === undefined) throw new TrunkFileError(`${at} has to be ${field.is}`);
  return read;
}

const textField = (is: string, pattern: RegExp): Field<string> => ({
  is,
  parse: (value) => (typeof value === 'string' && pattern.test(value) ? value : undefined),
});

const wholeField = (min: number, max: number): Field<number> => ({
  is: `a whole number from ${min} to ${max}`,
  parse: (value) =>
    typeof value === 'number' && Number.isInteger(value) && value >= min && value <= max
      ? value
      : undefined,
});

const listField = <T>(
  item: Field<T>,
  { min, max }: { min: number; max: number },
): Field<readonly T[]> => ({
  is: `a list of ${min} to ${max}, each ${item.is}`,
  parse: (value, at) =>
    Array.isArray(value) && value.length >= min && value.length <= max
      ? value.map((entry, index) => readField(item, entry, `${at}[${index}]`))
      : undefined,
});

const objectField = <T extends object>(is: string, fields: Fields<T>): Field<T> => ({
  is,
  parse: (value, at) => readObject(fields, value, at),
});

const or = <T, D>(field: Field<T>, value: D): Field<T | D> => ({ ...field, default: { value } });

const NAME = textField('a name of letters, digits, - and _', /^[\w-]{1,64}$/);
const DIALLED = textField('what is dialled: digits, + * #', /^\+?[\d*#]{0,15}$/);
const DIGITS = textField('up to 5 digits', /^\d{0,5}$/);

const RANGE: Field<AddressRange> = {
  is: 'an address or a network such as 192.0.2.0/24',
  parse: (value) => (typeof value === 'string' ? parseRange(value) : undefined),
};

const HOP: Field<Hop> = {
  is: 'a URI such as sip:192.0.2.1:5060;transport=udp',
  parse: (value) => (typeof value === 'string' ? parseHop(value) : undefined),
};

/** Host, port 5060 and UDP by default (RFC 3261 §19.1.2). */
function parseHop(text: string): Hop | undefined {
  const [, host, port = '5060', transport = 'udp'] =
    /^sip:([A-Za-z0-9.-]{1,253}|\[[0-9a-fA-F:.]+\])(?::(\d{1,5}))?(?:;transport=(\w+))?$/.exec(
      text,
    ) ?? [];
  const isPort = Number(port) >= 1 && Number(port) <= 65_535;
  if (host === undefined || !isPort || !isTransport(transport)) return undefined;
  return { host, port: Number(port), transport };
}

const isTransport = (text: string): text is Hop['transport'] =>
  text === 'udp' || text === 'tcp' || text === 'tls';

/** Lower-case hexadecimal of a hash, or nothing. */
const hash = (characters: number): Field<string> =>
  or(textField(`${characters} hexadecimal digits`, new RegExp(`^[0-9a-f]{${characters}}$`)), '');

const HA1 = objectField<{ md5: string; sha256: string }>('an object with md5 or sha256, or both', {
  md5: hash(32),
  sha256: hash(64),
});
const LOGIN = textField('a user name', /^[^\s"\\:]{1,128}$/);
const REALM = textField('a realm', /^[^"\\\r\n]{1,128}$/);

const secrets = ({
  md5,
  sha256,
}: {
  md5: string;
  sha256: string;
}): { MD5: string; 'SHA-256': string } => ({
  MD5: md5,
  'SHA-256': sha256,
});

const INBOUND_DIGEST: Field<Trunk['inboundDigest']> = {
  is: 'an object with user and ha1',
  parse: (value, at) => {
    const read = readObject<{ user: string; ha1: { md5: string; sha256: string } }>(
      { user: LOGIN, ha1: HA1 },
      value,
      at,
    );
    return { user: read.user, ha1: secrets(read.ha1) };
  },
};

const OUTBOUND_DIGEST: Field<Trunk['outboundDigest']> = {
  is: 'an object with user, realm and ha1',
  parse: (value, at) => {
    const read = readObject<{ user: string; realm: string; ha1: { md5: string; sha256: string } }>(
      { user: LOGIN, realm: REALM, ha1: HA1 },
      value,
      at,
    );
    return { user: read.user, realm: read.realm, ha1: secrets(read.ha1) };
  },
};

const PREFIX = objectField<Prefix>('an object with prefix', {
  prefix: DIALLED,
  strip: or(wholeField(0, 15), 0),
  prepend: or(DIALLED, ''),
});

const BOOLEAN: Field<boolean> = {
  is: 'true or false',
  parse: (value) => (typeof value === 'boolean' ? value : undefined),
};

/** How numbers are written, of all trunks or of one. */
const planFields = (plan: NumberPlan): Fields<NumberPlan> => ({
  countryCode: or(DIGITS, plan.countryCode),
  nationalPrefix: or(DIGITS, plan.nationalPrefix),
  internationalPrefix: or(DIGITS, plan.internationalPrefix),
});

const USUAL: NumberPlan = { countryCode: '', nationalPrefix: '0', internationalPrefix: '00' };
const KEEP_ALIVE: KeepAlive = { seconds: 30, failures: 3 };

type FlatTrunk = Omit<Trunk, 'plan'> & NumberPlan;

const trunkFields = (plan: NumberPlan): Fields<FlatTrunk> => ({
  name: NAME,
  from: or(listField(RANGE, { min: 0, max: RANGES_MAX }), []),
  inboundDigest: or(INBOUND_DIGEST, undefined),
  outboundDigest: or(OUTBOUND_DIGEST, undefined),
  prefixes: or(listField(PREFIX, { min: 0, max: PREFIXES_MAX }), []),
  nextHops: or(listField(HOP, { min: 0, max: HOPS_MAX }), []),
  transit: or(BOOLEAN, false),
  ...planFields(plan),
});

interface File extends NumberPlan {
  readonly trunks: readonly unknown[];
  readonly keepAlive: KeepAlive;
}

const ANYTHING: Field<unknown> = { is: 'an object', parse: (value) => value };

const FILE: Fields<File> = {
  trunks: listField(ANYTHING, { min: 0, max: TRUNKS_MAX }),
  keepAlive: or(
    objectField<KeepAlive>('an object', {
      seconds: or(wholeField(0, 3_600), KEEP_ALIVE.seconds),
      failures: or(wholeField(1, 100), KEEP_ALIVE.failures),
    }),
    KEEP_ALIVE,
  ),
  ...planFields(USUAL),
};

/**
 * Reads the content of the file that MIDCALL_TRUNKS names; src/calls/README.md describes it.
 * @throws TrunkFileError.
 */
export function parseTrunks(content: unknown): TrunkPlan {
  const { trunks, keepAlive, ...plan } = readObject(FILE, content, '');
  const read = trunks.map((value, index) => trunkOf(value, `trunks[${index}]`, plan));
  const names = read.map(({ name }) => name);
  const twice = names.find((name, index) => names.indexOf(name) !== index);
  if (twice !== undefined) throw new TrunkFileError(`there are two trunks named ${twice}`);
  return { trunks: read, plan, keepAlive };
}

function trunkOf(value: unknown, at: string, common: NumberPlan): Trunk {
  const flat = readObject(trunkFields(common), value, at);
  const { countryCode, nationalPrefix, internationalPrefix, ...trunk } = flat;
  if (trunk.prefixes.length > 0 && trunk.nextHops.length === 0)
    throw new TrunkFileError(`${at}.nextHops: numbers are sent to it, but where?`);
  return { ...trunk, plan: { countryCode, nationalPrefix, internationalPrefix } };
}

/** One line for people. */
export const describeTrunk = ({ name, from, prefixes, nextHops }: Trunk): string =>
  [
    name.padEnd(16),
    `from ${from.map(({ text }) => text).join(' ') || 'nowhere'}`,
    `takes ${prefixes.map(({ prefix }) => prefix || 'all').join(' ') || 'nothing'}`,
    `at ${nextHops.map(hopUri).join(' then ') || 'nowhere'}`,
  ].join('  ');
