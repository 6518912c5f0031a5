import { expect, test } from '@jest/globals';
import { HOP_SILENCE_MS } from '../../src/calls/ringing.ts';
import { ha1Of, parseCredentials, responseOf } from '../../src/calls/digest.ts';
import { freePort } from '../support/sipp.ts';
import type { SipClient } from '../support/sip-client.ts';
import { CARRIER, SECOND, hopOf, sdpAt, withTrunks } from '../support/trunk-scene.ts';

const LIMIT_MS = 60_000;
const INVITE = { headers: ['Content-Type: application/sdp'], body: sdpAt('127.0.0.1') };

test(
  'a next hop that is not there and one that answers 503 are passed over',
  async () => {
    const [dead, refusing] = [await freePort(), await freePort()];
    const plan = ({ carrier, second }: { carrier: SipClient; second: SipClient }) => ({
      trunks: [
        {
          name: 'carrier',
          from: [CARRIER, SECOND],
          prefixes: [{ prefix: '+' }],
          nextHops: [
            `sip:127.0.0.1:${dead}`,
            `sip:127.0.0.1:${refusing};transport=tcp`,
            hopOf(carrier),
            hopOf(second),
          ],
        },
      ],
    });
    await withTrunks(plan, async ({ carrier, second, phone }) => {
      const alice = await phone('alice');
      const placed = alice.send('INVITE', '+4930555', INVITE);
      placed.catch(() => {});
      const placedAt = performance.now();
      carrier.answer(await carrier.request('INVITE'), '503 Service Unavailable');
      // Two are not there, and both said so: nobody's patience was needed.
      expect(performance.now() - placedAt).toBeLessThan(HOP_SILENCE_MS);
      second.answer(await second.request('INVITE'), '486 Busy Here');
      // A person who is busy is an answer: nobody else is asked, and the caller is told.
      expect((await alice.sip.response(486, 'INVITE')).status).toBe(486);
    });
  },
  LIMIT_MS,
);

test(
  'when all are overloaded the caller gets 500, since our 503 would be about us',
  async () => {
    const plan = ({ carrier }: { carrier: SipClient }) => ({
      trunks: [{ name: 'carrier', prefixes: [{ prefix: '+' }], nextHops: [hopOf(carrier)] }],
    });
    await withTrunks(plan, async ({ carrier, phone }) => {
      const alice = await phone('alice');
      const placed = alice.send('INVITE', '+4930555', INVITE);
      carrier.answer(await carrier.request('INVITE'), '503 Service Unavailable');
      expect((await placed).status).toBe(500);
    });
  },
  LIMIT_MS,
);

test(
  'a trunk that challenges us gets the account’s answer, and the caller never hears of it',
  async () => {
    const realm = 'carrier.example';
    const ha1 = {
      md5: ha1Of('MD5', 'us', realm, 'pw'),
      sha256: ha1Of('SHA-256', 'us', realm, 'pw'),
    };
    const plan = ({ carrier }: { carrier: SipClient }) => ({
      trunks: [
        {
          name: 'carrier',
          prefixes: [{ prefix: '+' }],
          nextHops: [hopOf(carrier)],
          outboundDigest: { user: 'us', realm, ha1 },
        },
      ],
    });
    await withTrunks(plan, async ({ carrier, phone }) => {
      const alice = await phone('alice');
      const placed = alice.send('INVITE', '+4930555', INVITE);
      const first = await carrier.request('INVITE');
      carrier.answer(first, '407 Proxy Authentication Required', {
        headers: [
          `Proxy-Authenticate: Digest realm="${realm}", nonce="n1", algorithm=SHA-256, qop="auth"`,
        ],
      });
      const second = await carrier.request('INVITE');
      const credentials = parseCredentials(second.get('proxy-authorization'));
      if (credentials === undefined) throw new Error('no credentials');
      expect(credentials.response).toBe(responseOf(credentials, ha1.sha256, 'INVITE'));
      expect(second.get('call-id')).toBe(first.get('call-id'));
      expect(second.get('from')).toBe(first.get('from'));
      const sequence = Number.parseInt(first.get('cseq'), 10);
      expect(second.get('cseq')).toBe(`${sequence + 1} INVITE`);
      // What can't be answered any better is no challenge for the caller.
      carrier.answer(second, '407 Proxy Authentication Required', {
        headers: [
          `Proxy-Authenticate: Digest realm="${realm}", nonce="n2", algorithm=SHA-256, qop="auth"`,
        ],
      });
      expect((await placed).status).toBe(403);
    });
  },
  LIMIT_MS,
);
