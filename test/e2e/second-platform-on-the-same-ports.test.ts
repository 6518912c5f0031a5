import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { PlatformProcess } from '../../sip-scripts/platform-process.ts';
import { addressOf } from '../../src/net/listening.ts';
import { builtDist } from '../support/built-dist.ts';
import { selfSigned } from '../support/certificate.ts';
import { SipClient } from '../support/sip-client.ts';
import { withTempFolder } from '../support/temp-folder.ts';

const HOST = '127.0.0.1';
let first: PlatformProcess;

beforeAll(async () => {
  first = await PlatformProcess.start({ dist: builtDist() });
});
afterAll(() => first.stop());

/** What the second one says when it is started with these. */
const refusal = (env: Readonly<Record<string, string>>): Promise<string> =>
  PlatformProcess.start({ dist: builtDist(), env }).then(
    async (platform) => `started, ended with ${await platform.stop()}`,
    (cause: unknown) => String(cause),
  );

async function asksTheFirst(): Promise<number | undefined> {
  const phone = await SipClient.udp('a', { address: HOST, port: first.sip.port });
  try {
    phone.send(phone.outside('OPTIONS', 'x').text);
    return (await phone.next((it) => it.status !== undefined, 'answer')).status;
  } finally {
    await phone.close();
  }
}

test('the SIP port: it says which setting and ends with 1, and the first goes on', async () => {
  const { port } = first.sip;
  const before = await asksTheFirst();
  const said = await refusal({ MIDCALL_SIP_PORT: String(port) });
  expect(said).toContain('ended (1)');
  expect(said).toContain(
    `midcall: port ${port} is in use, by another midcall or another program (MIDCALL_SIP_PORT, 127.0.0.1:${port}, UDP)\n`,
  );
  expect(await asksTheFirst()).toBe(before);
});

test('a UDP port that another program would share', async () => {
  const other = createSocket({ type: 'udp4', reuseAddr: true });
  other.bind(0, HOST);
  await once(other, 'listening');
  const { port } = other.address();
  try {
    expect(await refusal({ MIDCALL_SIP_PORT: String(port) })).toContain(
      `(MIDCALL_SIP_PORT, 127.0.0.1:${port}, UDP)`,
    );
  } finally {
    other.close();
  }
});

test.each(['TLS', 'WS', 'WSS', 'HTTP'])('the %s port', async (name) => {
  await withTempFolder(async (folder) => {
    const [cert, key] = [join(folder, 'cert.pem'), join(folder, 'key.pem')];
    const certificate = selfSigned();
    writeFileSync(cert, certificate.cert);
    writeFileSync(key, certificate.key);
    const other = createServer();
    other.listen(0, HOST);
    await once(other, 'listening');
    const { port } = addressOf(other);
    const setting = `MIDCALL_${name}_PORT`;
    const tls = { MIDCALL_TLS_CERT: cert, MIDCALL_TLS_KEY: key };
    try {
      expect(await refusal({ ...tls, [setting]: String(port) })).toContain(
        `midcall: port ${port} is in use, by another midcall or another program (${setting}, 127.0.0.1:${port}, TCP)\n`,
      );
    } finally {
      other.close();
    }
  });
});

test('an address that is not of this machine', async () => {
  // RFC 5737: for documentation.
  expect(await refusal({ MIDCALL_SIP_HOST: '192.0.2.1', MIDCALL_MEDIA_HOST: HOST })).toContain(
    'is at no address of this machine',
  );
});
