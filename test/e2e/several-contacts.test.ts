import { expect, test } from '@jest/globals';
import { ClientDialog } from '../support/sip-client.ts';
import { SubscriberPhone } from '../support/subscriber-phone.ts';
import { sdpAt, withTrunks } from '../support/trunk-scene.ts';

const LIMIT_MS = 60_000;
const OFFER = { headers: ['Content-Type: application/sdp'], body: sdpAt('127.0.0.1') };
const NONE = () => ({ trunks: [] });

test(
  'all phones of a subscriber ring, the first to answer has the call, the other is cancelled',
  async () => {
    await withTrunks(NONE, async ({ phone, server }) => {
      const [alice, home] = [await phone('alice'), await phone('bob')];
      const mobile = await SubscriberPhone.open('bob', 'bob-sip', server);
      try {
        await mobile.register();
        const placed = alice.send('INVITE', 'bob', OFFER);
        const atHome = await home.sip.request('INVITE');
        const onTheMove = await mobile.sip.request('INVITE');
        expect(atHome.get('call-id')).not.toBe(onTheMove.get('call-id'));
        home.sip.answer(atHome, '183 Session Progress', { body: sdpAt('127.0.0.1') });
        // Two phones ring as one, without early media: whose would it be?
        const ringing = await placed;
        expect([ringing.status, ringing.body]).toEqual([180, '']);
        mobile.sip.answer(onTheMove, '200 OK', { body: sdpAt('127.0.0.1') });
        const answered = await alice.sip.response(200, 'INVITE');
        ClientDialog.ofCaller(alice.sip, answered).ack(answered);
        await mobile.sip.request('ACK');
        const cancel = await home.sip.request('CANCEL');
        home.sip.answer(cancel, '200 OK');
        home.sip.answer(atHome, '487 Request Terminated');
        await home.sip.request('ACK');
        expect(home.sip.count('BYE') + mobile.sip.count('BYE')).toBe(0);
      } finally {
        await mobile.sip.close();
      }
    });
  },
  LIMIT_MS,
);

test(
  'a caller that gives up stops all phones',
  async () => {
    await withTrunks(NONE, async ({ phone }) => {
      const [alice, bob] = [await phone('alice'), await phone('bob')];
      const placed = alice.send('INVITE', 'bob', OFFER);
      const invite = await bob.sip.request('INVITE');
      bob.sip.answer(invite, '180 Ringing');
      await placed;
      alice.sip.send(cancelOf(alice.sip.lastSent('INVITE')));
      await alice.sip.response(200, 'CANCEL');
      expect((await alice.sip.response(487, 'INVITE')).status).toBe(487);
      bob.sip.answer(await bob.sip.request('CANCEL'), '200 OK');
      bob.sip.answer(invite, '487 Request Terminated');
      await bob.sip.request('ACK');
    });
  },
  LIMIT_MS,
);

/** RFC 3261 §9.1: the request's own line, Via, From, To and Call-ID. */
const cancelOf = (invite: string): string => {
  const [line = '', ...headers] = invite.slice(0, invite.indexOf('\r\n\r\n')).split('\r\n');
  const kept = headers.filter((header) => /^(Via|From|To|Call-ID|Max-Forwards):/i.test(header));
  const sequence = /^CSeq: (\d+)/im.exec(invite)?.[1];
  const start = line.replace(/^INVITE/, 'CANCEL');
  return [start, ...kept, `CSeq: ${sequence} CANCEL`, 'Content-Length: 0', '', ''].join('\r\n');
};

test(
  'a phone behind several proxies is reached through all of its Path, in order',
  async () => {
    await withTrunks(NONE, async ({ phone, client }) => {
      const [alice, bob] = [await phone('alice'), await phone('bob')];
      const edge = await client('127.0.0.4', 'edge');
      const path = [
        `<sip:${edge.local.address}:${edge.local.port};lr>`,
        '<sip:inner@192.0.2.8;lr;ob>',
        '<sip:cell@192.0.2.9:5062;transport=tcp;lr>',
      ];
      // One header or several, it is one list (RFC 3261 §7.3.1).
      const headers = ['Expires: 600', `Path: ${path[0]}, ${path[1]}`, `Path: ${path[2]}`];
      const registered = await bob.send('REGISTER', 'bob', { headers });
      expect(registered.get('path')).toBe(path.join(', '));
      for (const method of ['INVITE', 'MESSAGE']) {
        const parts =
          method === 'INVITE' ? OFFER : { headers: ['Content-Type: text/plain'], body: 'hi' };
        const placed = alice.send(method, 'bob', parts);
        const request = await edge.request(method);
        expect(request.start).toContain(`${method} ${bob.sip.contact} `);
        expect(request.all('route')).toEqual(path);
        edge.answer(request, '486 Busy Here');
        expect((await placed).status).toBe(486);
      }
    });
  },
  LIMIT_MS,
);

test(
  'a phone behind a proxy is reached through its Path (RFC 3327)',
  async () => {
    await withTrunks(NONE, async ({ phone, client }) => {
      const [alice, bob] = [await phone('alice'), await phone('bob')];
      const edge = await client('127.0.0.4', 'edge');
      const { address, port } = edge.local;
      const path = `<sip:${address}:${port};lr>`;
      const headers = ['Expires: 600', `Path: ${path}`, 'Supported: path'];
      const registered = await bob.send('REGISTER', 'bob', { headers });
      expect(registered.get('path')).toBe(path);
      const placed = alice.send('INVITE', 'bob', OFFER);
      const invite = await edge.request('INVITE');
      expect(invite.start).toContain(`INVITE ${bob.sip.contact} `);
      edge.answer(invite, '480 Temporarily Unavailable');
      expect((await placed).status).toBe(480);
      expect(bob.sip.count('INVITE')).toBe(0);
    });
  },
  LIMIT_MS,
);

test.each([
  ['md5', ['MD5']],
  ['sha-256', ['SHA-256']],
  ['both', ['SHA-256', 'MD5']],
])(
  'MIDCALL_DIGEST=%s: one header for each of %j',
  async (mode, algorithms) => {
    await withTrunks(
      NONE,
      async ({ client }) => {
        const stranger = await client('127.0.0.1', 'alice');
        const { text } = stranger.outside('REGISTER', 'alice');
        const challenge = await stranger.exchange(text, ({ status }) => status === 401);
        const values = challenge.all('www-authenticate');
        expect(values.map((value) => /algorithm=([^,]+)/.exec(value)?.[1])).toEqual(algorithms);
      },
      { MIDCALL_DIGEST: mode },
    );
  },
  LIMIT_MS,
);
