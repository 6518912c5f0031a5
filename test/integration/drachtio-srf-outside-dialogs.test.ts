import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { startBench, type Bench, type Request } from '../support/sip-server.ts';

const CREDENTIALS =
  'Digest username="alice", realm="test", nonce="n,1", uri="sip:test", response="0123", algorithm=MD5';

describe('outside dialogs', () => {
  let bench: Bench;
  const seen: Request[] = [];
  beforeEach(async () => {
    seen.length = 0;
    bench = await startBench((srf) => {
      srf.use('register', (request, response) => {
        seen.push(request);
        const known = request.get('Authorization') === CREDENTIALS;
        const challenge = { 'WWW-Authenticate': 'Digest realm="test", nonce="n,1"' };
        response.send(known ? 200 : 401, { headers: known ? { Expires: '60' } : challenge });
      });
      srf.use('message', (request, response) => {
        seen.push(request);
        response.send(202);
      });
      srf.use('options', (_request, response) => response.send(200));
    });
  });
  afterEach(() => bench.close());

  test.each(['udp', 'tcp'] as const)(
    'REGISTER over %s is challenged and repeated',
    async (transport) => {
      const phone = await bench[transport]('alice');
      phone.send(phone.outside('REGISTER', 'alice').text);
      const challenge = await phone.response(401);
      expect(challenge.get('www-authenticate')).toBe('Digest realm="test", nonce="n,1"');
      phone.send(
        phone.outside('REGISTER', 'alice', { headers: [`Authorization: ${CREDENTIALS}`] }).text,
      );
      const done = await phone.response(200);
      expect(done.get('expires')).toBe('60');
      expect(seen[1]?.get('Contact')).toBe(`<${phone.contact}>`);
      expect(seen[1]?.source_port).toBe(phone.local.port);
      expect(seen[1]?.protocol).toBe(transport);
    },
  );

  test('MESSAGE of a phone', async () => {
    const phone = await bench.udp('alice');
    phone.send(
      phone.outside('MESSAGE', 'bob', { headers: ['Content-Type: text/plain'], body: 'hé' }).text,
    );
    await phone.response(202);
    expect(seen[0]?.body).toBe('hé');
  });

  test('OPTIONS of a phone', async () => {
    const phone = await bench.udp('alice');
    phone.send(phone.outside('OPTIONS', 'bob').text);
    const answer = await phone.response(200);
    expect(answer.get('to')).toContain(';tag=');
  });

  test('MESSAGE to a phone on its own TCP connection, whatever its Contact says', async () => {
    const phone = await bench.tcp('alice');
    phone.send(phone.outside('OPTIONS', 'x').text);
    await phone.response(200);
    const { address, port } = phone.local;
    const request = await bench.srf.request('sip:alice@nowhere.invalid;transport=tcp', {
      method: 'MESSAGE',
      proxy: `sip:${address}:${port};transport=tcp`,
      headers: { 'Content-Type': 'text/plain', From: 'sip:service@localhost' },
      body: 'hello',
    });
    const answered = new Promise((resolve) => {
      request.on('response', ({ status }) => resolve(status));
    });
    const message = await phone.request('MESSAGE');
    phone.answer(message, '200 OK');
    expect(await answered).toBe(200);
    expect(message.start).toBe('MESSAGE sip:alice@nowhere.invalid;transport=tcp SIP/2.0');
    expect(message.get('from')).toMatch(/^<sip:service@127\.0\.0\.1>;tag=/);
  });

  test('a challenge is met with the credentials given', async () => {
    const phone = await bench.udp('carrier');
    const request = await bench.srf.request(phone.contact, {
      method: 'OPTIONS',
      auth: { username: 'u', password: 'p' },
    });
    const answered = new Promise((resolve) => {
      request.on('response', ({ status }) => resolve(status));
    });
    const first = await phone.request('OPTIONS');
    phone.answer(first, '401 Unauthorized', {
      headers: ['WWW-Authenticate: Digest realm="r", nonce="1", qop="auth"'],
    });
    const second = await phone.request('OPTIONS');
    phone.answer(second, '200 OK');
    expect(await answered).toBe(200);
    expect(second.get('authorization')).toContain('username="u"');
    expect(second.get('call-id')).toBe(first.get('call-id'));
    expect(second.get('from')).toBe(first.get('from'));
    expect(Number.parseInt(second.get('cseq'), 10)).toBe(2);
  });

  test('nobody listens on the peer’s TCP port: 503', async () => {
    const phone = await bench.tcp('gone');
    const { port } = phone.local;
    const request = await bench.srf.request(`sip:x@127.0.0.1:${port};transport=tcp`, {
      method: 'OPTIONS',
    });
    await phone.close();
    const status = await new Promise((resolve) => {
      request.on('response', (response) => resolve(response.status));
    });
    expect(status).toBe(503);
  });

  test('a host name is looked up', async () => {
    const phone = await bench.udp('named');
    await bench.srf.request(`sip:x@localhost:${phone.local.port}`, { method: 'OPTIONS' });
    phone.answer(await phone.request('OPTIONS'), '200 OK');
  });

  test('a verb that no application wants is answered 405, with those that are', async () => {
    const phone = await bench.udp('alice');
    phone.send(phone.outside('PUBLISH', 'bob').text);
    const answer = await phone.response(405);
    expect(answer.get('allow')).toBe('MESSAGE, OPTIONS, REGISTER, ACK, CANCEL');
  });

  test('no application at all: 503', async () => {
    const phone = await bench.udp('alice');
    await bench.disconnect();
    phone.send(phone.outside('INVITE', 'bob').text);
    await phone.response(503);
  });
});
