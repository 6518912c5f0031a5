import { expect, test } from '@jest/globals';
import { wallclock } from '../../../src/base/units.ts';
import { Hops } from '../../../src/nodes/hops.ts';
import { NodeLinks } from '../../../src/nodes/node-links.ts';
import { NODE_MESSAGE_BYTES_MAX, signatureOf } from '../../../src/nodes/node-message.ts';
import type { NodeMessage } from '../../../src/nodes/node-message.ts';
import type { NodeLease } from '../../../src/state/state-store.ts';
import { FixedClock } from '../../support/fixed-clock.ts';
import { MemoryBindings } from '../../support/memory-bindings.ts';
import { SeededRandom } from '../../support/seeded-random.ts';
import { binding } from '../../support/transfer-records.ts';

const SECRET = 's'.repeat(32);
const ENDED: NodeMessage = { kind: 'call-ended', call: 'c1' };

const lease = (node: string): NodeLease => ({
  node,
  holder: node,
  fence: 1,
  uri: `sip:${node}.example`,
  expiresAt: wallclock(0),
});

/** Nodes a and b that live, and what a's messages became on the way. */
function linked(secret = SECRET) {
  const clock = new FixedClock();
  const sent: { readonly body: string; readonly signature: string }[] = [];
  const answer = { status: 200 };
  const at = (node: string, key: string): NodeLinks =>
    new NodeLinks({
      membership: {
        lease: lease(node),
        find: async (name) => (name === 'dead' ? undefined : lease(name)),
      },
      send: async (_uri, body, signature) => {
        sent.push({ body, signature });
        return answer.status;
      },
      clock,
      random: new SeededRandom(1),
      secret: key,
    });
  return { clock, sent, answer, a: at('a', secret), b: at('b', SECRET), c: at('c', SECRET) };
}

test('a message arrives once, at whom it is for', async () => {
  const { a, b, c, sent } = linked();
  await a.send('b', ENDED);
  const [{ body, signature } = { body: '', signature: '' }] = sent;
  expect(c.receive(body, signature)).toBeUndefined();
  expect(b.receive(body, signature)).toMatchObject({ from: 'a', to: 'b', message: ENDED });
  expect(b.receive(body, signature)).toBeUndefined();
});

test('forged, changed, and late ones do not', async () => {
  const { a, b, clock, sent } = linked('another secret of the same sort');
  await a.send('b', ENDED);
  const [{ body, signature } = { body: '', signature: '' }] = sent;
  for (const wrong of [signature, '', 'é', signatureOf(SECRET, `${body} `)])
    expect(b.receive(body, wrong)).toBeUndefined();
  clock.ms += 30_001;
  expect(b.receive(body, signatureOf(SECRET, body))).toBeUndefined();
  for (const odd of ['null', '[]', '{"v":2}'])
    expect(b.receive(odd, signatureOf(SECRET, odd))).toBeUndefined();
});

test('a dead node, one that refuses, and a message that is too long are told', async () => {
  const { a, answer } = linked();
  const down = { code: 'storage-unavailable', facts: { retryAfter: 30 } };
  await expect(a.send('dead', ENDED)).rejects.toMatchObject(down);
  answer.status = 403;
  await expect(a.send('b', ENDED)).rejects.toMatchObject(down);
  const long = 'x'.repeat(NODE_MESSAGE_BYTES_MAX);
  await expect(a.send('b', { kind: 'call-ended', call: long })).rejects.toMatchObject({
    code: 'bad-request',
  });
});

test('the way to a phone: directly where any node can, through its node else, and nowhere when that is dead', async () => {
  const clock = new FixedClock();
  const state = new MemoryBindings();
  const at = (node: string): Hops =>
    new Hops({
      membership: {
        lease: lease(node),
        find: async (name) => (name === 'dead' ? undefined : lease(name)),
      },
      state,
      clock,
      random: new SeededRandom(1),
      secret: SECRET,
    });
  const [a, b] = [at('a'), at('b')];
  const udp = binding({ node: 'b' });
  const tcp = binding({ node: 'b', source: { ...udp.source, protocol: 'tcp', port: 40_000 } });
  const behindNat = binding({ node: 'b', source: { ...udp.source, address: '203.0.113.9' } });
  expect(await a.wayTo('alice', udp)).toEqual({ kind: 'direct' });
  expect(await b.wayTo('alice', tcp)).toEqual({ kind: 'direct' });
  expect(await a.wayTo('alice', { ...tcp, path: ['<sip:edge;lr>'] })).toEqual({ kind: 'direct' });
  expect(await a.wayTo('alice', { ...tcp, node: 'dead' })).toEqual({ kind: 'none' });
  expect(await a.wayTo('alice', behindNat)).toMatchObject({ kind: 'node', uri: 'sip:b.example' });

  await state.putBinding('alice', tcp);
  const way = await a.wayTo('alice', tcp);
  const [hop = ''] = way.kind === 'node' ? Object.values(way.headers) : [];
  expect(await a.arrived(hop)).toBeUndefined();
  expect(await b.arrived(`${hop}0`)).toBeUndefined();
  expect(await b.arrived('')).toBeUndefined();
  expect(await b.arrived(hop)).toEqual({ number: 'alice', binding: tcp });
  expect(await b.arrived(hop)).toBeUndefined();
});
