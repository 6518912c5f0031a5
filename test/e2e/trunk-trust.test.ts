import { createHash } from 'node:crypto';
import { expect, test } from '@jest/globals';
import type { SipClient } from '../support/sip-client.ts';
import { CARRIER, STRANGER, hopOf, sdpAt, withTrunks } from '../support/trunk-scene.ts';

const LIMIT_MS = 60_000;
const SDP = ['Content-Type: application/sdp'];
const WINDOW_SECONDS = 2;
const md5 = (text: string): string => createHash('md5').update(text).digest('hex');
const isFinal = (message: { status: number }): boolean => message.status >= 200;

const plan = ({ carrier }: { carrier: SipClient }) => ({
  trunks: [
    { name: 'carrier', from: [CARRIER], prefixes: [{ prefix: '+' }], nextHops: [hopOf(carrier)] },
  ],
});

test(
  'who says to be the trunk from another address is challenged',
  async () => {
    await withTrunks(plan, async ({ client, phone }) => {
      const alice = await phone('alice');
      const stranger = await client(STRANGER, 'carrier');
      const headers = [...SDP, 'P-Asserted-Identity: <sip:+4930555@carrier>'];
      const spoofed = stranger.outside('INVITE', 'alice', { headers, body: sdpAt(STRANGER) });
      expect((await stranger.exchange(spoofed.text, isFinal)).status).toBe(407);
      const text = ['Content-Type: text/plain'];
      const message = stranger.outside('MESSAGE', 'alice', { headers: text, body: 'hello' });
      expect((await stranger.exchange(message.text, isFinal)).status).toBe(407);
      expect(alice.sip.count('INVITE') + alice.sip.count('MESSAGE')).toBe(0);
    });
  },
  LIMIT_MS,
);

test(
  'a phone’s P-Asserted-Identity is not believed, not passed, and Privacy is kept',
  async () => {
    await withTrunks(plan, async ({ phone }) => {
      const [alice, bob] = [await phone('alice'), await phone('bob')];
      const headers = [...SDP, 'P-Asserted-Identity: <sip:+49110@police>', 'Privacy: id'];
      const placed = alice.send('INVITE', 'bob', { headers, body: sdpAt('127.0.0.1') });
      const invite = await bob.sip.request('INVITE');
      expect(invite.all('p-asserted-identity')).toEqual([]);
      expect(invite.get('from')).toContain('sip:anonymous@anonymous.invalid');
      expect(invite.get('from')).not.toContain('alice');
      bob.sip.answer(invite, '603 Decline');
      expect((await placed).status).toBe(603);
    });
  },
  LIMIT_MS,
);

test(
  'methods that nobody serves do nothing, whoever asks',
  async () => {
    await withTrunks(plan, async ({ phone }) => {
      const alice = await phone('alice');
      for (const method of ['SUBSCRIBE', 'PUBLISH', 'REFER', 'NOTIFY', 'INFO']) {
        const headers = ['Event: presence', 'Refer-To: <sip:bob@test>', 'Expires: 600'];
        const { status } = await alice.send(method, 'alice', { headers });
        expect([405, 481, 501]).toContain(status);
      }
      expect(alice.sip.count('INVITE') + alice.sip.count('NOTIFY')).toBe(0);
    });
  },
  LIMIT_MS,
);

/** REGISTER with a wrong answer to the challenge. @returns the status that it gets. */
async function guess(client: SipClient, user: string): Promise<number> {
  const ask = (headers: readonly string[]) =>
    client.exchange(client.outside('REGISTER', user, { headers }).text, isFinal);
  const challenge = await ask([]);
  if (challenge.status !== 401) return challenge.status;
  const nonce = /nonce="([^"]*)"/.exec(challenge.get('www-authenticate'))?.[1];
  const credentials = `username="${user}", realm="test", nonce="${nonce}", uri="sip:test", response="${md5('guess')}"`;
  return (await ask([`Authorization: Digest ${credentials}`])).status;
}

test(
  'an account that is guessed at is closed for a while; others are not, nor is the trunk; then it opens again',
  async () => {
    await withTrunks(
      plan,
      async ({ client, carrier, phone }) => {
        await phone('alice');
        const stranger = await client(STRANGER, 'alice');
        const guesses: number[] = [];
        for (let index = 0; index < 10; index++) guesses.push(await guess(stranger, 'alice'));
        expect(guesses).toEqual(Array.from({ length: 10 }, () => 401));
        // At the limit: whoever names the account waits.
        const nonce = 'x';
        const headers = [
          `Authorization: Digest username="alice", realm="test", nonce="${nonce}", uri="sip:test", response="${md5('guess')}"`,
        ];
        const refused = await stranger.exchange(
          stranger.outside('REGISTER', 'alice', { headers }).text,
          isFinal,
        );
        expect(refused.status).toBe(503);
        expect(Number(refused.get('retry-after'))).toBeGreaterThan(0);
        // Another account, from the same address, is heard.
        expect(await guess(stranger, 'bob')).toBe(401);
        // The trunk can't be shut out, however often it is wrong.
        for (let index = 0; index < 12; index++) expect(await guess(carrier, 'alice')).toBe(401);
        await expect(phone('carol')).resolves.toBeDefined();
      },
      { MIDCALL_AUTH_WINDOW_SECONDS: '300' },
    );
  },
  LIMIT_MS,
);

test(
  'the limit is forgotten when its time is over',
  async () => {
    await withTrunks(
      plan,
      async ({ client, phone }) => {
        const alice = await phone('alice');
        const stranger = await client(STRANGER, 'alice');
        for (let index = 0; index < 10; index++) await guess(stranger, 'alice');
        await expect(alice.register()).rejects.toThrow('503');
        const deadline = performance.now() + 10_000;
        let isOpen = false;
        while (!isOpen && performance.now() < deadline)
          isOpen = await alice.register().then(
            () => true,
            () => false,
          );
        expect(isOpen).toBe(true);
      },
      { MIDCALL_AUTH_WINDOW_SECONDS: String(WINDOW_SECONDS) },
    );
  },
  LIMIT_MS,
);
