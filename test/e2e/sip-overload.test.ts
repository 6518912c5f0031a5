import { expect, test } from '@jest/globals';
import { PlatformProcess } from '../../sip-scripts/platform-process.ts';
import { builtDist } from '../support/built-dist.ts';
import { SipClient } from '../support/sip-client.ts';
import type { SipText } from '../support/sip-text.ts';
import { until } from '../support/until.ts';

const OPERATOR_TOKEN = 'operator-of-the-test';
const HOST = '127.0.0.1';
/** Between two looks at the metrics. */
const BURST = 500;

async function admitted({ web }: PlatformProcess): Promise<number> {
  const headers = { authorization: `Bearer ${OPERATOR_TOKEN}` };
  const text = await (await fetch(`${web}/metrics`, { headers })).text();
  return Number(/^midcall_sip_admitted (\S+)$/m.exec(text)?.[1]);
}

/** Asks until it is answered: a datagram may find no room. @returns the answer’s status. */
async function asks(phone: SipClient, method: string): Promise<number | undefined> {
  const { text, sent } = phone.outside(method, 'alice');
  const callId = sent.get('call-id');
  const answer = await phone.exchange(text, (it) => it.get('call-id') === callId);
  return answer.status;
}

/** More than anybody could read, all from one phone, until `enough`. */
async function flood(phone: SipClient, enough: () => Promise<boolean>): Promise<void> {
  await until(async () => {
    for (let sent = 0; sent < BURST; sent++) phone.send(phone.outside('REGISTER', 'alice').text);
    return enough();
  });
}

test('a platform that is flooded refuses part of what is new at once, until it is over', async () => {
  const env = { MIDCALL_OPERATOR_TOKEN: OPERATOR_TOKEN };
  const platform = await PlatformProcess.start({ dist: builtDist(), env });
  const server = { address: HOST, port: platform.sip.port };
  const phone = await SipClient.udp('alice', server);
  const flooder = await SipClient.udp('mallory', server, '127.0.0.9');
  try {
    await until(async () => (await admitted(platform)) === 1);
    expect(await asks(phone, 'REGISTER')).toBe(401);
    const refused = (): readonly SipText[] =>
      flooder.received.filter(({ status }) => status === 503);
    await flood(flooder, async () => (await admitted(platform)) < 1 && refused().length > 0);
    for (const refusal of refused()) expect(Number(refusal.get('retry-after'))).toBeGreaterThan(0);
    expect(await asks(phone, 'OPTIONS')).toBe(200);
    await until(async () => (await admitted(platform)) === 1);
    expect(await asks(phone, 'REGISTER')).toBe(401);
  } finally {
    await Promise.all([phone.close(), flooder.close()]);
    await platform.stop();
  }
}, 60_000);
