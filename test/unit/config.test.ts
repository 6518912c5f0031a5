import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { ConfigError, SETTINGS } from '../../src/config.ts';
import { loadConfig } from '../../src/load-config.ts';

test('nothing given: the embedded defaults, on loopback', () => {
  expect(loadConfig({})).toMatchObject({
    state: 'embedded',
    sipServer: 'embedded',
    sipHost: '127.0.0.1',
    mediaHost: '127.0.0.1',
    mediaAdvertise: '127.0.0.1',
    threshold: { percent: 30 },
    mediaAnchor: true,
  });
});

test('the configuration can not be changed', () => {
  expect(Object.isFrozen(loadConfig({}))).toBe(true);
});

test('addresses follow from one another', () => {
  expect(loadConfig({ MIDCALL_SIP_HOST: '192.0.2.1' })).toMatchObject({
    mediaHost: '192.0.2.1',
    mediaAdvertise: '192.0.2.1',
  });
  const behindNat = { MIDCALL_MEDIA_HOST: '10.0.0.5', MIDCALL_MEDIA_ADVERTISE: '203.0.113.9' };
  expect(loadConfig(behindNat)).toMatchObject({
    sipHost: '127.0.0.1',
    mediaHost: '10.0.0.5',
    mediaAdvertise: '203.0.113.9',
  });
});

describe('a value that is not one keeps the platform from starting, and is named', () => {
  test.each([
    ['MIDCALL_SIP_PORT', 'false'],
    ['MIDCALL_SIP_PORT', '65536'],
    ['MIDCALL_SIP_PORT', '-1'],
    ['MIDCALL_SIP_PORT', ''],
    ['MIDCALL_SIP_HOST', 'a host'],
    ['MIDCALL_SIP_SERVER', 'drachtio'],
    ['MIDCALL_STATE', 'http://redis'],
    ['MIDCALL_S3_ENDPOINT', 'https://s3'],
    ['MIDCALL_S3_ENDPOINT', 's3:0'],
    ['MIDCALL_S3_SECURE', 'true'],
    ['MIDCALL_MEDIA_ANCHOR', 'true'],
    ['MIDCALL_MEDIA_PORT_MIN', '1023'],
    ['MIDCALL_THRESHOLD', '101%'],
    ['MIDCALL_TRANSFER_SIZE_MAX', 'plenty'],
    ['MIDCALL_PROMPT_SECONDS', '0'],
    ['MIDCALL_FORMATS', 'image/*;audio/*'],
    ['MIDCALL_LOG_LEVEL', 'debug'],
    ['MIDCALL_STAR_CODES', 'on'],
    ['MIDCALL_STAR_CODES', 'store=*1,send=*12'],
  ])('%s=%s', (name, value) => {
    expect(() => loadConfig({ [name]: value })).toThrow(ConfigError);
    expect(() => loadConfig({ [name]: value })).toThrow(name);
  });

  test.each([
    ['MIDCALL_SIP_PORT', '65535'],
    ['MIDCALL_MEDIA_PORT_MIN', '1024'],
    ['MIDCALL_THRESHOLD', '100%'],
    ['MIDCALL_STATE', 'rediss://user:secret@redis:6379/2'],
    ['MIDCALL_STATE', 'redis-sentinel://a,b:26380/main'],
    ['MIDCALL_STATE', 'redis-cluster://a:7000,b:7000'],
    ['MIDCALL_SIP_SERVER', 'drachtio:9022'],
  ])('%s=%s is one', (name, value) => {
    expect(() => loadConfig({ [name]: value })).not.toThrow();
  });
});

test('a name we do not know is one misspelt; other programs’ variables are theirs', () => {
  expect(() => loadConfig({ MIDCALL_SIPPORT: '5060' })).toThrow('MIDCALL_SIPPORT');
  expect(() => loadConfig({ SIPPORT: '5060', PATH: '/bin' })).not.toThrow();
});

describe('S3', () => {
  const s3 = {
    MIDCALL_S3_ENDPOINT: 's3.example.org',
    MIDCALL_S3_BUCKET: 'midcall',
    MIDCALL_S3_KEY: 'key',
    MIDCALL_S3_SECRET: 'secret',
  };

  test('needs a bucket, a key and its secret', () => {
    expect(loadConfig(s3)).toMatchObject({
      s3Endpoint: { host: 's3.example.org', port: undefined },
      s3Region: 'us-east-1',
      s3Secure: true,
    });
    for (const name of ['MIDCALL_S3_BUCKET', 'MIDCALL_S3_KEY', 'MIDCALL_S3_SECRET'])
      expect(() => loadConfig({ ...s3, [name]: '' })).toThrow(name);
  });

  test('takes objects of 80 GiB, and half of that may be silence', () => {
    const sized = (bytes: number): object =>
      loadConfig({ ...s3, MIDCALL_TRANSFER_SIZE_MAX: String(bytes) });
    expect(() => sized(5_000 * 8_388_608)).not.toThrow();
    expect(() => sized(5_000 * 8_388_608 + 1)).toThrow('MIDCALL_TRANSFER_SIZE_MAX');
  });
});

test('a secret that is wrong is not shown', () => {
  const address = 'redis-cluster://:hunter2@host:port';
  expect(() => loadConfig({ MIDCALL_STATE: address })).toThrow(
    /^MIDCALL_STATE: its value is not possible$/,
  );
});

test('one call needs eight media ports', () => {
  const from = { MIDCALL_MEDIA_PORT_MIN: '40000' };
  expect(() => loadConfig({ ...from, MIDCALL_MEDIA_PORT_MAX: '40006' })).toThrow('eight');
  expect(() => loadConfig({ ...from, MIDCALL_MEDIA_PORT_MAX: '40007' })).not.toThrow();
});

describe('the file', () => {
  const withFile = (text: string, check: (path: string) => void): void => {
    const folder = mkdtempSync(join(tmpdir(), 'midcall-config-'));
    const path = join(folder, 'config.json');
    try {
      writeFileSync(path, text);
      check(path);
    } finally {
      rmSync(folder, { recursive: true });
    }
  };

  test('says what the environment does not', () => {
    withFile('{"MIDCALL_DOMAIN": "example.org", "MIDCALL_SIP_PORT": 5070}', (path) => {
      const config = loadConfig({ MIDCALL_CONFIG: path, MIDCALL_SIP_PORT: '5080' });
      expect(config).toMatchObject({ domain: 'example.org', sipPort: 5_080 });
    });
  });

  test.each(['', '[]', 'null', '{', '{"MIDCALL_NOTHING": 1}'])('%j is refused', (text) => {
    withFile(text, (path) => {
      expect(() => loadConfig({ MIDCALL_CONFIG: path })).toThrow(ConfigError);
    });
  });
});

test('docs/configuration.md shows every setting with its default', () => {
  const page = readFileSync(join(import.meta.dirname, '../../docs/configuration.md'), 'utf8');
  for (const { name, default: value, about } of Object.values(SETTINGS))
    expect(page).toContain(`| \`${name}\` | ${value === '' ? '' : `\`${value}\``} | ${about} |`);
});

test.each(['MIDCALL_TLS_PORT', 'MIDCALL_WSS_PORT'])(
  '%s needs a certificate and its key',
  (name) => {
    const cert = { [name]: '0', MIDCALL_TLS_CERT: 'cert.pem' };
    expect(() => loadConfig(cert)).toThrow('MIDCALL_TLS_KEY');
    expect(() => loadConfig({ ...cert, MIDCALL_TLS_KEY: 'key.pem' })).not.toThrow();
    expect(() => loadConfig({ [name]: 'off' })).not.toThrow();
  },
);
