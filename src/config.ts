import { readFileSync } from 'node:fs';
import { parseBytes } from './base/sizes.ts';
import type { DigestMode } from './calls/digest.ts';
import { NO_TRUNKS } from './calls/trunks/trunk.ts';
import type { TrunkPlan } from './calls/trunks/trunk.ts';
import { parseTrunks, TrunkFileError } from './calls/trunks/trunk-file.ts';
import type { Threshold } from './incall/commands.ts';
import { HTTP_SETTINGS, type HttpConfig } from './http-settings.ts';
import { parseThresholdText } from './incall/threshold-text.ts';
import { parseRedisAddress, type RedisAddress } from './state/redis-address.ts';
import { UDP_CHOICES, type UdpChoice } from './net/open-udp.ts';
import { KEY_SETTINGS, type KeyConfig } from './key-settings.ts';
import { NODE_SETTINGS, type NodeConfig } from './node-settings.ts';
import type { Setting } from './setting.ts';
import {
  host,
  hostPort,
  list,
  minutesOrOff,
  oneOf,
  onOrOff,
  port,
  portOrOff,
  seconds,
  sipServer,
  text,
  whole,
  type HostPort,
  type SipServerSetting,
} from './config-values.ts';

/**
 * All settings: environment first, then the JSON file that MIDCALL_CONFIG names, then the default. Each is parsed and
 * validated before anything starts; a setting we do not know is an error, since it is one misspelt.
 */
export interface Config extends HttpConfig, KeyConfig, NodeConfig {
  readonly dataDir: string;
  readonly state: 'embedded' | RedisAddress;
  /** Empty: objects are files. */
  readonly s3Endpoint: string | HostPort;
  readonly s3Region: string;
  readonly s3Bucket: string;
  readonly s3Key: string;
  readonly s3Secret: string;
  readonly s3Secure: boolean;
  readonly domain: string;
  readonly serviceUser: string;
  readonly digest: DigestMode;
  readonly authWindowSeconds: number;
  readonly trunks: TrunkPlan;
  readonly sipHost: string;
  readonly sipPort: number;
  readonly tlsPort: number | 'off';
  readonly wsPort: number | 'off';
  readonly wssPort: number | 'off';
  readonly tlsCert: string;
  readonly tlsKey: string;
  readonly sipServer: SipServerSetting;
  readonly wireSecret: string;
  readonly mediaHost: string;
  readonly mediaAdvertise: string;
  readonly mediaPortMin: number;
  readonly mediaPortMax: number;
  readonly mediaAnchor: boolean;
  readonly mediaSource: 'signalled' | 'nat';
  readonly mediaWorkers: number;
  readonly mediaSockets: UdpChoice;
  readonly threshold: Threshold;
  readonly streamThresholdSeconds: number;
  readonly transferSizeMax: number;
  /** Bytes that stay free on the disk of the spools. */
  readonly diskFreeMin: number;
  readonly transfersMax: number;
  readonly callsMax: number;
  readonly promptSeconds: number;
  readonly offerSeconds: number;
  readonly idleFileSeconds: number;
  readonly idleMediaSeconds: number;
  readonly fileRateMax: number;
  readonly formats: readonly string[];
  /** Between two comparisons of state, objects and spools. */
  readonly reconcileMinutes: number | 'off';
  readonly logLevel: string;
  readonly logNumbers: 'masked' | 'plain';
  /** 0: no detail records are written. */
  readonly recordDays: number;
}

/** The trunks in a file. @throws ConfigError that says what is wrong in it. */
const trunkFile = (path: string): TrunkPlan => {
  if (path === 'none') return NO_TRUNKS;
  try {
    return parseTrunks(JSON.parse(readFileSync(path, 'utf8')));
  } catch (cause) {
    const why = cause instanceof TrunkFileError ? cause.message : "can't be read as JSON";
    throw new ConfigError(`MIDCALL_TRUNKS: ${path}: ${why}`, { cause });
  }
};

/** The specification: docs/configuration.md shows this table. */
export const SETTINGS: { readonly [Key in keyof Config]: Setting<Config[Key]> } = {
  dataDir: {
    name: 'MIDCALL_DATA_DIR',
    default: 'data',
    about: 'Folder of state, spools and objects.',
    parse: text,
  },
  state: {
    name: 'MIDCALL_STATE',
    default: 'embedded',
    about:
      '`embedded` (lmdb in the data folder), or a Redis that several nodes share: `redis://host:port`, `redis-sentinel://host:port,…/name` or `redis-cluster://host:port,…`.',
    parse: (value) => (value === 'embedded' ? value : parseRedisAddress(value)),
    secret: true,
  },
  s3Endpoint: {
    name: 'MIDCALL_S3_ENDPOINT',
    default: '',
    about: 'Host and port of an S3 server for the objects; empty keeps them in the data folder.',
    parse: hostPort,
  },
  s3Region: {
    name: 'MIDCALL_S3_REGION',
    default: 'us-east-1',
    about: 'Its region, as it signs requests.',
    parse: host,
  },
  s3Bucket: {
    name: 'MIDCALL_S3_BUCKET',
    default: '',
    about: 'The bucket; it must be there.',
    parse: host,
  },
  s3Key: {
    name: 'MIDCALL_S3_KEY',
    default: '',
    about: 'Access key.',
    parse: text,
  },
  s3Secret: {
    name: 'MIDCALL_S3_SECRET',
    default: '',
    about: 'Its secret.',
    parse: text,
    secret: true,
  },
  s3Secure: {
    name: 'MIDCALL_S3_SECURE',
    default: 'on',
    about: '`on`: over TLS; `off`: unencrypted.',
    parse: onOrOff,
  },
  domain: {
    name: 'MIDCALL_DOMAIN',
    default: 'midcall.local',
    about: 'Host part of the subscribers’ addresses, and digest realm.',
    parse: host,
  },
  serviceUser: {
    name: 'MIDCALL_SERVICE_USER',
    default: 'midcall',
    about: 'User part of the service address that people write to.',
    parse: host,
  },
  digest: {
    name: 'MIDCALL_DIGEST',
    default: 'md5',
    about: 'Challenges with `md5`, which every phone can do, `sha-256`, or `both`.',
    parse: oneOf('md5', 'sha-256', 'both'),
  },
  authWindowSeconds: {
    name: 'MIDCALL_AUTH_WINDOW_SECONDS',
    default: '300',
    about:
      'Within this time an account may be guessed at 10 times, and an address may guess 50 times; beyond, 503.',
    parse: seconds,
  },
  trunks: {
    name: 'MIDCALL_TRUNKS',
    default: 'none',
    about: 'JSON file of the operators’ trunks, as `src/calls/README.md` describes it; or `none`.',
    parse: trunkFile,
  },
  sipHost: {
    name: 'MIDCALL_SIP_HOST',
    default: '127.0.0.1',
    about: 'Address the embedded SIP server listens on.',
    parse: host,
  },
  sipPort: {
    name: 'MIDCALL_SIP_PORT',
    default: '5060',
    about: 'Its port for UDP and TCP; 0 takes a free one.',
    parse: port,
  },
  tlsPort: {
    name: 'MIDCALL_TLS_PORT',
    default: 'off',
    about: 'Its port for SIP over TLS, usually 5061; `off` for none, 0 takes a free one.',
    parse: portOrOff,
  },
  wsPort: {
    name: 'MIDCALL_WS_PORT',
    default: 'off',
    about: 'Its port for SIP over WebSocket, unencrypted; `off` for none.',
    parse: portOrOff,
  },
  wssPort: {
    name: 'MIDCALL_WSS_PORT',
    default: 'off',
    about: 'Its port for SIP over secure WebSocket, as browsers need it; `off` for none.',
    parse: portOrOff,
  },
  tlsCert: {
    name: 'MIDCALL_TLS_CERT',
    default: '',
    about: 'PEM file with the certificate, and its chain, for TLS and secure WebSocket.',
    parse: text,
  },
  tlsKey: {
    name: 'MIDCALL_TLS_KEY',
    default: '',
    about: 'PEM file with its key.',
    parse: text,
  },
  sipServer: {
    name: 'MIDCALL_SIP_SERVER',
    default: 'embedded',
    about: '`embedded`, or `host:port` of a drachtio-server’s control port.',
    parse: sipServer,
  },
  wireSecret: {
    name: 'MIDCALL_WIRE_SECRET',
    default: '',
    about: 'Secret of a drachtio-server’s control port; the embedded server needs none.',
    parse: text,
  },
  mediaHost: {
    name: 'MIDCALL_MEDIA_HOST',
    default: '',
    about: 'Address RTP is bound to; empty is MIDCALL_SIP_HOST.',
    parse: host,
  },
  mediaAdvertise: {
    name: 'MIDCALL_MEDIA_ADVERTISE',
    default: '',
    about: 'Address written into SDP and prompts; empty is MIDCALL_MEDIA_HOST.',
    parse: host,
  },
  mediaPortMin: {
    name: 'MIDCALL_MEDIA_PORT_MIN',
    default: '30000',
    about: 'First RTP port.',
    parse: whole(1_024, 65_534),
  },
  mediaPortMax: {
    name: 'MIDCALL_MEDIA_PORT_MAX',
    default: '39999',
    about: 'Last RTCP port.',
    parse: whole(1_025, 65_535),
  },
  mediaAnchor: {
    name: 'MIDCALL_MEDIA_ANCHOR',
    default: 'always',
    about: '`always`: voice passes through the platform; `never`: from phone to phone.',
    parse: (value) =>
      oneOf('always', 'never')(value) === undefined ? undefined : value === 'always',
  },
  mediaSource: {
    name: 'MIDCALL_MEDIA_SOURCE',
    default: 'signalled',
    about:
      '`signalled`: media is taken only from the address in the SDP; `nat`: from phones also from the source that sends first, and only it.',
    parse: oneOf('signalled', 'nat'),
  },
  mediaWorkers: {
    name: 'MIDCALL_MEDIA_WORKERS',
    default: '1',
    about: 'Threads that carry media; each has its part of the ports, and a stream stays on one.',
    parse: whole(1, 64),
  },
  mediaSockets: {
    name: 'MIDCALL_MEDIA_SOCKETS',
    default: 'auto',
    about: '`io_uring`, `epoll` or `dgram`; `auto` takes the first of these that works here.',
    parse: oneOf(...UDP_CHOICES),
  },
  ...KEY_SETTINGS,
  threshold: {
    name: 'MIDCALL_THRESHOLD',
    default: '30%',
    about: 'When the receiver is offered the data: `30%`, `2MB`, `5s`, `auto` or `0`.',
    parse: parseThresholdText,
  },
  streamThresholdSeconds: {
    name: 'MIDCALL_STREAM_THRESHOLD',
    default: '2',
    about: 'Seconds that stand in for a percentage when a stream has no announced size.',
    parse: whole(0, 3_600),
  },
  transferSizeMax: {
    name: 'MIDCALL_TRANSFER_SIZE_MAX',
    default: '2GB',
    about: 'Most one transfer may have.',
    parse: parseBytes,
  },
  diskFreeMin: {
    name: 'MIDCALL_DISK_FREE_MIN',
    default: '256MB',
    about: 'With less free on the disk of the spools, no new transfer is begun: `busy`.',
    parse: parseBytes,
  },
  transfersMax: {
    name: 'MIDCALL_TRANSFERS_MAX',
    default: '500',
    about: 'Transfers at a time; beyond, `busy`.',
    parse: whole(1, 100_000),
  },
  callsMax: {
    name: 'MIDCALL_CALLS_MAX',
    default: '1000',
    about: 'Calls at a time; beyond, 503.',
    parse: whole(1, 100_000),
  },
  promptSeconds: {
    name: 'MIDCALL_PROMPT_SECONDS',
    default: '120',
    about: 'Life of a storage prompt.',
    parse: seconds,
  },
  offerSeconds: {
    name: 'MIDCALL_OFFER_SECONDS',
    default: '120',
    about: 'Life of a receive offer.',
    parse: seconds,
  },
  idleFileSeconds: {
    name: 'MIDCALL_IDLE_FILE_SECONDS',
    default: '10',
    about: 'A file without a packet for this long ends as partial.',
    parse: seconds,
  },
  idleMediaSeconds: {
    name: 'MIDCALL_IDLE_MEDIA_SECONDS',
    default: '30',
    about: 'The same for a stream, which may pause.',
    parse: seconds,
  },
  fileRateMax: {
    name: 'MIDCALL_FILE_RATE_MAX',
    default: '20000000',
    about: 'bit/s of a file, in and out.',
    parse: whole(64_000, 10_000_000_000),
  },
  formats: {
    name: 'MIDCALL_FORMATS',
    default: 'audio/*,video/*,image/*,text/*,application/*',
    about: 'Media types that may be stored.',
    parse: list,
  },
  reconcileMinutes: {
    name: 'MIDCALL_RECONCILE_MINUTES',
    default: '60',
    about:
      'So often, and at the start, state, objects and spools are compared, and what leaves no doubt is mended; `off` for never.',
    parse: minutesOrOff,
  },
  ...NODE_SETTINGS,
  ...HTTP_SETTINGS,
  logLevel: {
    name: 'MIDCALL_LOG_LEVEL',
    default: 'info',
    about: '`error`, `warn` or `info`.',
    parse: oneOf('error', 'warn', 'info'),
  },
  logNumbers: {
    name: 'MIDCALL_LOG_NUMBERS',
    default: 'masked',
    about: '`masked` or `plain` numbers in the log and in detail records.',
    parse: oneOf('masked', 'plain'),
  },
  recordDays: {
    name: 'MIDCALL_RECORD_DAYS',
    default: '90',
    about:
      'Days that detail records of calls and transfers are kept: `records/` in the data folder, a file of JSON lines a day. 0 writes none.',
    parse: whole(0, 36_500),
  },
};

/** A setting that is not one, with its name: for the person who wrote it. */
export class ConfigError extends Error {
  constructor(message: string, options?: { cause: unknown }) {
    super(message, options);
    this.name = 'ConfigError';
  }
}
