import { expect, test } from '@jest/globals';
import { NODE_MESSAGE_BYTES_MAX, signatureOf } from '../../src/nodes/node-message.ts';
import { startRedis } from '../support/redis-server.ts';
import { withScene } from '../support/scene.ts';
import { SipClient } from '../support/sip-client.ts';

const SECRET = 'the nodes of this test share this secret';
const TOKEN = 'operator-of-the-tests';
const OLD_MS = 31_000;
const STATUS = { forged: 403, believed: 200 };

const envelope = (id: string, fields: object = {}): string =>
  JSON.stringify({
    v: 1,
    from: 'b',
    to: 'a',
    id,
    at: Date.now(),
    message: { kind: 'call-ended', call: 'none' },
    ...fields,
  });

test('what is not of another node, or was said before, is refused and counted; what is goes through', async () => {
  const redis = await startRedis();
  const env = {
    MIDCALL_STATE: redis.url,
    MIDCALL_NODE: 'a',
    MIDCALL_NODE_SECRET: SECRET,
    MIDCALL_OPERATOR_TOKEN: TOKEN,
  };
  try {
    await withScene({ env, people: [] }, async ({ platform }) => {
      const { host, port } = platform.sip;
      const other = await SipClient.tcp('b', { address: host, port });
      const says = async (body: string, signature: string): Promise<number | undefined> => {
        const headers = [
          'Content-Type: application/vnd.midcall.node+json',
          `X-Midcall-Signature: ${signature}`,
        ];
        const { text } = other.outside('MESSAGE', 'midcall', { headers, body });
        other.send(text);
        return (await other.next(({ status }) => status !== undefined, 'answer')).status;
      };
      const refused = async (): Promise<number> => {
        const answer = await fetch(`${platform.web}/metrics`, {
          headers: { authorization: `Bearer ${TOKEN}` },
        });
        const text = await answer.text();
        const [, count] = /^midcall_node_messages_refused_total (\d+)$/m.exec(text) ?? [];
        if (count === undefined) throw new Error(text);
        return Number(count);
      };
      const signed = (body: string): string => signatureOf(SECRET, body);
      const good = envelope('1');
      const late = envelope('2', { at: Date.now() - OLD_MS });
      const foreign = envelope('3', { to: 'c' });
      const long = envelope('4', { message: { kind: 'x', x: 'x'.repeat(NODE_MESSAGE_BYTES_MAX) } });
      const attempts: readonly (readonly [body: string, signature: string])[] = [
        [envelope('5'), signatureOf('another secret', envelope('5'))],
        [envelope('6'), signed(envelope('7'))],
        [envelope('8'), 'é'],
        [envelope('9'), ''],
        [late, signed(late)],
        [foreign, signed(foreign)],
        ['null', signed('null')],
        [long, signed(long)],
      ];
      expect(await refused()).toBe(0);
      for (const [body, signature] of attempts)
        expect([body, await says(body, signature)]).toEqual([body, STATUS.forged]);
      expect(await says(good, signed(good))).toBe(STATUS.believed);
      expect(await says(good, signed(good))).toBe(STATUS.forged);
      expect(await refused()).toBe(attempts.length + 1);
      expect(platform.stderr).toContain('node.refused');
      await other.close();
    });
  } finally {
    await redis.close();
  }
});
