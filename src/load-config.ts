import { readFileSync } from 'node:fs';
import { S3_OBJECT_BYTES_MAX } from './objects/s3-limits.ts';
import { ConfigError, SETTINGS, type Config } from './config.ts';

/** Settings that may be empty: another one stands in, or there is none. */
const DERIVED: ReadonlySet<keyof Config> = new Set([
  'node',
  'nodeUri',
  'nodeSecret',
  's3Endpoint',
  's3Bucket',
  's3Key',
  's3Secret',
  'wireSecret',
  'mediaHost',
  'mediaAdvertise',
  'tlsCert',
  'tlsKey',
  'httpSecret',
  'operatorToken',
]);

/** @throws ConfigError. */
export function loadConfig(environment: Readonly<Record<string, string | undefined>>): Config {
  const file = environment['MIDCALL_CONFIG'];
  const given = { ...(file ? readFile(file) : {}), ...ours(environment) };
  refuseUnknown(given);
  const config: Record<string, unknown> = {};
  for (const key of Object.keys(SETTINGS)) config[key] = valueOf(key as keyof Config, given);
  config['mediaHost'] ||= config['sipHost'];
  config['mediaAdvertise'] ||= config['mediaHost'];
  return checked(Object.freeze(config) as unknown as Config);
}

const ours = (
  environment: Readonly<Record<string, string | undefined>>,
): Record<string, string | undefined> =>
  Object.fromEntries(Object.entries(environment).filter(([name]) => name.startsWith('MIDCALL_')));

function readFile(path: string): Record<string, string> {
  try {
    const value: unknown = JSON.parse(readFileSync(path, 'utf8'));
    const isObject = typeof value === 'object' && value !== null && !Array.isArray(value);
    if (!isObject) throw new Error('not an object');
    return Object.fromEntries(Object.entries(value).map(([key, entry]) => [key, String(entry)]));
  } catch (cause) {
    throw new ConfigError(`MIDCALL_CONFIG: ${path} can't be read as a JSON object`, { cause });
  }
}

function refuseUnknown(given: Readonly<Record<string, string | undefined>>): void {
  const known = new Set(['MIDCALL_CONFIG', ...Object.values(SETTINGS).map(({ name }) => name)]);
  for (const name of Object.keys(given))
    if (!known.has(name)) throw new ConfigError(`${name}: there is no such setting`);
}

function valueOf(key: keyof Config, given: Readonly<Record<string, string | undefined>>): unknown {
  const setting = SETTINGS[key];
  const written = given[setting.name] ?? setting.default;
  if (written === '' && DERIVED.has(key)) return '';
  const value = written === '' ? undefined : setting.parse(written);
  const shown = setting.secret ? 'its value' : `"${written}"`;
  if (value === undefined) throw new ConfigError(`${setting.name}: ${shown} is not possible`);
  return value;
}

/** Two relays of a voice line and a transfer, in pairs, with the first odd one left out. */
const PORTS_MIN = 8;

function checked(config: Config): Config {
  if (config.mediaPortMax - config.mediaPortMin < PORTS_MIN * config.mediaWorkers - 1)
    throw new ConfigError(
      'MIDCALL_MEDIA_PORT_MAX: one call needs eight media ports, on each of the workers',
    );
  const isSecure = config.tlsPort !== 'off' || config.wssPort !== 'off';
  if (isSecure && (config.tlsCert === '' || config.tlsKey === ''))
    throw new ConfigError('MIDCALL_TLS_CERT, MIDCALL_TLS_KEY: TLS needs both');
  checkS3(config);
  return config;
}

function checkS3({ s3Endpoint, s3Bucket, s3Key, s3Secret, transferSizeMax }: Config): void {
  if (typeof s3Endpoint === 'string') return;
  if (s3Bucket === '' || s3Key === '' || s3Secret === '')
    throw new ConfigError('MIDCALL_S3_BUCKET, MIDCALL_S3_KEY, MIDCALL_S3_SECRET: S3 needs all');
  // Silence of a gap makes a recording longer than its data: room for twice as much.
  if (transferSizeMax > S3_OBJECT_BYTES_MAX / 2)
    throw new ConfigError('MIDCALL_TRANSFER_SIZE_MAX: with S3, 40 GB is the most');
}
