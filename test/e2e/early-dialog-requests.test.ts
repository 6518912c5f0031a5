import { expect, test } from '@jest/globals';
import { ClientDialog } from '../support/sip-client.ts';
import { sdpAt, withTrunks } from '../support/trunk-scene.ts';

const LIMIT_MS = 60_000;
const INVITE = { headers: ['Content-Type: application/sdp'], body: sdpAt('127.0.0.1') };
const TEXT = ['Content-Type: text/plain'];

test(
  'while it rings, INFO and MESSAGE pass both ways, and a command to the platform is 480',
  async () => {
    await withTrunks(
      () => ({ trunks: [] }),
      async ({ phone }) => {
        const [alice, bob] = [await phone('alice'), await phone('bob')];
        const placed = alice.send('INVITE', 'bob', INVITE);
        const invite = await bob.sip.request('INVITE');
        bob.sip.answer(invite, '180 Ringing');
        const sides = {
          alice: ClientDialog.ofCaller(alice.sip, await placed),
          bob: ClientDialog.ofCallee(bob.sip, invite),
        };
        for (const method of ['INFO', 'MESSAGE']) {
          for (const [near, far] of [
            ['alice', 'bob'],
            ['bob', 'alice'],
          ] as const) {
            const [from, to] = near === 'alice' ? [alice, bob] : [bob, alice];
            sides[near].send(method, { headers: TEXT, body: `${method} for ${far}` });
            const passed = await to.sip.request(method);
            expect(passed.body).toBe(`${method} for ${far}`);
            to.sip.answer(passed, '202 Accepted');
            expect((await from.sip.response(202, method)).status).toBe(202);
          }
        }
        const headers = ['Info-Package: midcall', 'Content-Type: application/vnd.midcall+json'];
        sides.alice.send('INFO', { headers, body: '{"v":1}' });
        await alice.sip.response(480, 'INFO');
        // The call goes on as ever.
        bob.sip.answer(invite, '200 OK', { body: sdpAt('127.0.0.1') });
        const answered = await alice.sip.response(200, 'INVITE');
        sides.alice.ack(answered);
        await bob.sip.request('ACK');
        sides.alice.send('INFO', { headers: TEXT, body: 'in the call' });
        const info = await bob.sip.request('INFO');
        expect(info.body).toBe('in the call');
        bob.sip.answer(info, '200 OK');
        await alice.sip.response(200, 'INFO');
        sides.alice.send('BYE');
        await alice.sip.response(200, 'BYE');
        bob.sip.answer(await bob.sip.request('BYE'), '200 OK');
      },
    );
  },
  LIMIT_MS,
);

test(
  'a caller that requires 100rel gets its 180 reliably, and its PRACK is answered',
  async () => {
    await withTrunks(
      () => ({ trunks: [] }),
      async ({ phone }) => {
        const [alice, bob] = [await phone('alice'), await phone('bob')];
        const headers = [...INVITE.headers, 'Require: 100rel'];
        const placed = alice.send('INVITE', 'bob', { ...INVITE, headers });
        const invite = await bob.sip.request('INVITE');
        bob.sip.answer(invite, '180 Ringing');
        const ringing = await placed;
        expect(ringing.get('require')).toBe('100rel');
        const side = ClientDialog.ofCaller(alice.sip, ringing);
        side.send('PRACK', { headers: [`RAck: ${ringing.get('rseq')} ${ringing.get('cseq')}`] });
        await alice.sip.response(200, 'PRACK');
        bob.sip.answer(invite, '486 Busy Here');
        expect((await alice.sip.response(486, 'INVITE')).status).toBe(486);
      },
    );
  },
  LIMIT_MS,
);
