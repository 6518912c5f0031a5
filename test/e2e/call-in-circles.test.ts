import { expect, test } from '@jest/globals';
import type { SipClient } from '../support/sip-client.ts';
import type { SipText } from '../support/sip-text.ts';
import { CARRIER, hopOf, SECOND, sdpAt, withTrunks } from '../support/trunk-scene.ts';

const LIMIT_MS = 60_000;
const NUMBER = '+4930555';

/** Two operators who each think that the number is the other's, with us between them. */
const circle = ({ carrier, second }: { carrier: SipClient; second: SipClient }): object => ({
  trunks: [[CARRIER, carrier] as const, [SECOND, second] as const].map(
    ([address, peer], index) => ({
      name: `operator${index}`,
      from: [address],
      prefixes: [{ prefix: '+' }],
      nextHops: [hopOf(peer)],
      transit: true,
    }),
  ),
});

/** The operator sends what came from us back to us: another call, with as many hops left. */
function sendOn(peer: SipClient, method: string, hops: number): void {
  const isCall = method === 'INVITE';
  const headers = [`Content-Type: ${isCall ? 'application/sdp' : 'text/plain'}`];
  const { text } = peer.outside(method, NUMBER, { headers, body: isCall ? sdpAt(CARRIER) : 'hi' });
  peer.send(text.replace('Max-Forwards: 70', `Max-Forwards: ${hops}`));
}

test.each(['INVITE', 'MESSAGE'])(
  '%s that comes back again and again ends with 483 when its hops are used up',
  async (method) => {
    await withTrunks(circle, async ({ carrier, second }) => {
      const open: { peer: SipClient; request: SipText }[] = [];
      sendOn(carrier, method, 3);
      for (const [peer, hops] of [
        [second, 2],
        [carrier, 1],
        [second, 0],
      ] as const) {
        const request = await peer.request(method);
        expect(request.get('max-forwards')).toBe(String(hops));
        open.push({ peer, request });
        sendOn(peer, method, hops);
      }
      // The last of them is refused by us, and each passes that on to who is before it.
      await second.response(483, method);
      for (const { peer, request } of open.toReversed()) peer.answer(request, '483 Too Many Hops');
      expect((await carrier.response(483, method)).status).toBe(483);
    });
  },
  LIMIT_MS,
);

test(
  'a request that came by two ways is 482 (RFC 3261 §8.2.2.2)',
  async () => {
    await withTrunks(circle, async ({ carrier, second }) => {
      const headers = ['Content-Type: application/sdp'];
      const { text, via } = carrier.outside('INVITE', NUMBER, { headers, body: sdpAt(CARRIER) });
      carrier.send(text);
      await second.request('INVITE');
      carrier.send(text.replace(via, carrier.via));
      expect((await carrier.response(482, 'INVITE')).status).toBe(482);
    });
  },
  LIMIT_MS,
);
