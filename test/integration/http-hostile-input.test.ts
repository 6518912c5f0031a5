import { createConnection } from 'node:net';
import { describe, expect, test } from '@jest/globals';
import { BODY_BYTES_MAX, HEADER_BYTES_MAX } from '../../src/http/http-server.ts';
import { json, withWeb, type WebRig } from '../support/web-rig.ts';

/** Sends text as it is. @returns all that comes back until the server closes. */
async function raw(rig: WebRig, text: string): Promise<string> {
  const { address, port } = rig.server.address;
  const socket = createConnection(port, address);
  let answer = '';
  socket.on('data', (bytes: Buffer) => (answer += bytes.toString()));
  // A server that has said no may close while we still write.
  socket.on('error', () => {});
  socket.write(text);
  await new Promise((resolve) => socket.once('close', resolve));
  return answer;
}

const request = (path: string, ...headers: readonly string[]): string =>
  [`GET ${path} HTTP/1.1`, 'Host: x', 'Connection: close', ...headers, '', ''].join('\r\n');

describe('limits', () => {
  test(`a body has ${BODY_BYTES_MAX} bytes at most`, async () => {
    await withWeb(async (rig) => {
      const send = (bytes: number): Promise<Response> => {
        const frame = JSON.stringify({ number: 'alice', password: 'x' });
        const padded = frame.replace('}', `${' '.repeat(bytes - frame.length)}}`);
        const headers = { 'content-type': 'application/json' };
        return fetch(`${rig.url}/v1/sessions`, { method: 'POST', headers, body: padded });
      };
      expect((await send(BODY_BYTES_MAX)).status).toBe(403);
      expect(await json(await send(BODY_BYTES_MAX + 1))).toMatchObject({
        status: 413,
        code: 'too-large',
      });
      expect(rig.server.counts.problems.get('too-large')).toBe(1);
    });
  });

  test(`headers have about ${HEADER_BYTES_MAX} bytes at most`, async () => {
    await withWeb(async (rig) => {
      const fits = await raw(
        rig,
        request('/v1/session', `X-Pad: ${'x'.repeat(HEADER_BYTES_MAX - 200)}`),
      );
      expect(fits).toMatch(/^HTTP\/1.1 401 /);
      const over = await raw(rig, request('/v1/session', `X-Pad: ${'x'.repeat(HEADER_BYTES_MAX)}`));
      expect(over).toMatch(
        /^HTTP\/1.1 431 headers too large\r\ncontent-type: application\/problem\+json/,
      );
      expect(rig.server.counts.problems.get('headers-too-large')).toBe(1);
    });
  });

  test('a request that does not come to its end is ended', async () => {
    await withWeb(async (rig) => {
      const answer = await raw(rig, 'POST /v1/sessions HTTP/1.1\r\nHost: x\r\n');
      expect(answer).toMatch(/^HTTP\/1.1 408 /);
      expect(rig.server.counts.problems.get('request-timeout')).toBe(1);
    });
  }, 20_000);
});

describe('nonsense', () => {
  test.each([
    ['no HTTP', 'INVITE sip:bob@x SIP/2.0\r\n\r\n', 400],
    ['nothing of the kind', '\u0000\u0001\u0002\r\n\r\n', 400],
    [
      'two lengths',
      'POST /v1/sessions HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nx',
      400,
    ],
    [
      'length and chunks',
      'POST /v1/sessions HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n',
      400,
    ],
  ])('%s', async (_what, text, status) => {
    await withWeb(async (rig) => {
      expect(await raw(rig, text)).toMatch(new RegExp(`^HTTP/1.1 ${status} `));
    });
  });

  test.each([
    '/../../etc/passwd',
    '/..%2f..%2fetc%2fpasswd',
    '/%2e%2e/%2e%2e/etc/passwd',
    '//etc/passwd',
    '/v1/accounts/alice/transfers/..%2f..%2fx/content',
    '/v1/accounts/alice/transfers/%00/content',
    '/v1/accounts/alice%00/usage',
    '/v1/accounts/../accounts/alice/usage',
    '/%',
    `/${'x'.repeat(4_000)}`,
  ])('%.60s leads nowhere', async (path) => {
    await withWeb(async (rig) => {
      const { authorization } = await rig.signedIn();
      const answer = await raw(rig, request(path, `Authorization: ${authorization}`));
      expect(answer).toMatch(/^HTTP\/1.1 40[04] /);
      expect(answer).toContain('application/problem+json');
      expect(answer).not.toContain('root:');
    });
  });

  test.each([
    ['not JSON', '{', 'application/json', 400],
    ['an array', '[]', 'application/json', 400],
    ['null', 'null', 'application/json', 400],
    ['nothing', '', 'application/json', 400],
    ['a field missing', '{"number":"alice"}', 'application/json', 400],
    ['a wrong type', '{"number":"alice","password":{"a":1}}', 'application/json', 400],
    ['a field too many', '{"number":"a","password":"b","admin":true}', 'application/json', 400],
    ['a prototype', '{"number":"a","password":"b","__proto__":{"x":1}}', 'application/json', 400],
    [
      'a password too long',
      JSON.stringify({ number: 'a', password: 'x'.repeat(1_025) }),
      'application/json',
      400,
    ],
    ['a form', 'number=alice&password=x', 'application/x-www-form-urlencoded', 415],
    ['XML', '<x/>', 'text/xml', 415],
  ])('%s as a sign-in', async (_what, body, type, status) => {
    await withWeb(async (rig) => {
      const headers = { 'content-type': type };
      const answer = await fetch(`${rig.url}/v1/sessions`, { method: 'POST', headers, body });
      expect(answer.status).toBe(status);
      expect(answer.headers.get('content-type')).toBe('application/problem+json');
      expect(rig.log.errors).toEqual([]);
    });
  });
});

test('what nobody expected is told without details, and logged with them', async () => {
  await withWeb(async (rig) => {
    const bearer = await rig.signedIn();
    rig.state.usage = () => Promise.reject(new Error('a secret detail'));
    const answer = await rig.get('/v1/accounts/alice/usage', bearer);
    expect(await json(answer)).toEqual({
      type: 'urn:midcall:error:internal',
      title: 'internal',
      status: 500,
      detail: 'something went wrong here',
      code: 'internal',
    });
    expect(rig.log.errors[0]?.facts['cause']).toContain('a secret detail');
  });
});
