import { expect, test } from '@jest/globals';
import { known } from './differences.ts';
import type { Probe } from './probe.ts';

/** Frames, secrets, routes and pings: docs/drachtio-wire-protocol.md §1 and §2. */
export function probeSessions(probe: () => Probe): void {
  test('the secret is answered with contacts and a version that drachtio-srf takes', async () => {
    const app = await probe().stranger();
    const verdict = await app.verdict(`authenticate|${probe().server.secret}|`);
    expect(verdict).toHaveLength(4);
    expect(verdict[0]).toBe('OK');
    const { address, port } = probe().server.sip;
    expect(verdict[1]?.split(',')).toEqual(
      expect.arrayContaining([`tcp/${address}:${port}`, `udp/${address}:${port}`]),
    );
    expect(verdict[2]).toMatch(/^v\d+\.\d+\.\d+/);
  });

  test.each([
    ['a wrong secret', 'authenticate|no|', 'incorrect secret'],
    ['an unknown kind of frame', 'greet|hello', 'Unknown message type'],
  ])('%s: NO, and the connection ends', async (_what, line, reason) => {
    const app = await probe().stranger();
    expect(await app.verdict(line)).toEqual(['NO', reason]);
    await app.closed;
  });

  test('an answer without a transaction: NO, and the connection ends', async () => {
    const { app } = probe();
    expect(await app.verdict('sip||', 'SIP/2.0 200 OK\r\n\r\n')).toEqual([
      'NO',
      'transaction id missing',
    ]);
    await app.closed;
  });

  test('a ping gets a pong', async () => {
    expect(await probe().app.verdict('ping')).toEqual(['OK', 'pong']);
  });

  test('frames may come in pieces, or several at once', async () => {
    const { app } = probe();
    const both = Buffer.concat([app.frame('one|ping'), app.frame('two|ping')]);
    for (const part of [both.subarray(0, 1), both.subarray(1, 9), both.subarray(9)]) {
      app.write(part);
      await new Promise((resolve) => setImmediate(resolve));
    }
    expect((await app.answer('one')).tokens.slice(3)).toEqual(['OK', 'pong']);
    expect((await app.answer('two')).tokens.slice(3)).toEqual(['OK', 'pong']);
  });

  test.each([
    ['no number', 'x#ping'],
    ['six digits', '000012#a|ping'],
  ])('a length that is %s ends the connection', async (_what, bytes) => {
    const { app } = probe();
    app.write(bytes);
    await app.closed;
  });

  test('a verb that nobody wants is refused', async () => {
    const phone = await probe().udp('alice');
    phone.send(phone.outside('PUBLISH', 'bob').text);
    await phone.response(Number(known('a verb that nobody wants', probe().server.kind)));
  });

  test('a verb that is not wanted any more is refused', async () => {
    const { app, server } = probe();
    const phone = await probe().udp('alice');
    await app.ask('remove_route|message');
    phone.send(phone.outside('MESSAGE', 'bob').text);
    await phone.response(Number(known('a verb that nobody wants', server.kind)));
    const others = known('one verb is not wanted any more', server.kind) === 'all';
    phone.send(phone.outside('OPTIONS', 'bob').text);
    await (others ? phone.response(503) : app.request('OPTIONS'));
  });
}
