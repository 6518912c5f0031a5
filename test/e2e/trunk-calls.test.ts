import { expect, test } from '@jest/globals';
import { ClientDialog } from '../support/sip-client.ts';
import type { SipClient } from '../support/sip-client.ts';
import type { SipText } from '../support/sip-text.ts';
import { CARRIER, SECOND, TRUNK_PIN, hopOf, sdpAt, withTrunks } from '../support/trunk-scene.ts';

const LIMIT_MS = 60_000;
const SDP = ['Content-Type: application/sdp'];
const TAKES_INFO = 'Recv-Info: midcall';
const INFO = ['Info-Package: midcall', 'Content-Type: application/vnd.midcall+json'];
const ALICE = '+493011122';

const trunks = ({ carrier, second }: { carrier: SipClient; second: SipClient }) => ({
  countryCode: '49',
  trunks: [
    {
      name: 'carrier',
      from: [CARRIER],
      transit: true,
      prefixes: [{ prefix: '+49', strip: 1, prepend: '00' }],
      nextHops: [hopOf(carrier)],
    },
    {
      name: 'second',
      from: [SECOND],
      prefixes: [{ prefix: '+44' }],
      nextHops: [hopOf(second)],
    },
  ],
});

/** Answers a call, as the peer at the other end of it. @returns its side. */
function answer(peer: SipClient, invite: SipText, headers: readonly string[] = []): ClientDialog {
  peer.answer(invite, '180 Ringing');
  peer.answer(invite, '200 OK', { headers, body: sdpAt(peer.local.address) });
  return ClientDialog.ofCallee(peer, invite);
}

async function acknowledged(peer: SipClient): Promise<ClientDialog> {
  const answered = await peer.response(200, 'INVITE');
  const dialog = ClientDialog.ofCaller(peer, answered);
  dialog.ack(answered);
  return dialog;
}

const storageRequest = (sender: string, more: object = {}): string => {
  const message = { v: 1, id: 'r1', type: 'storage-request', sender, password: TRUNK_PIN, ...more };
  return JSON.stringify({ ...message, maxBytes: 1_000 });
};

/** The next INFO of the platform's, acknowledged. */
async function told(peer: SipClient): Promise<Record<string, unknown>> {
  const info = await peer.request('INFO');
  peer.answer(info, '200 OK');
  return JSON.parse(info.body) as Record<string, unknown>;
}

test(
  'phone → trunk: by prefix, in the trunk’s numbers, with our word for the caller; and a prompt goes to the other end',
  async () => {
    await withTrunks(trunks, async ({ carrier, phone }) => {
      const alice = await phone(ALICE);
      const believeMe = [
        'P-Asserted-Identity: <sip:+49110@police>',
        'P-Preferred-Identity: <sip:x@y>',
      ];
      const placed = alice.send('INVITE', '0897654321', {
        headers: [...SDP, TAKES_INFO, ...believeMe],
        body: sdpAt('127.0.0.1'),
      });
      const invite = await carrier.request('INVITE');
      expect(invite.start).toContain('INVITE sip:0049897654321@127.0.0.2:');
      expect(invite.get('p-asserted-identity')).toBe(`<sip:${ALICE}@test>`);
      expect(invite.all('p-preferred-identity')).toEqual([]);
      expect(invite.get('from')).toContain(`<sip:${ALICE}@test>`);
      const theirs = answer(carrier, invite, [TAKES_INFO, 'P-Asserted-Identity: <sip:secret@x>']);
      await placed;
      const answered = await alice.sip.response(200, 'INVITE');
      expect(answered.all('p-asserted-identity')).toEqual([]);
      const ours = ClientDialog.ofCaller(alice.sip, answered);
      ours.ack(answered);
      await carrier.request('ACK');

      ours.send('INFO', { headers: INFO, body: storageRequest('+49897654321') });
      await alice.sip.response(200, 'INFO');
      expect(await told(carrier)).toMatchObject({ type: 'storage-prompt', receiver: ALICE });
      expect(await told(alice.sip)).toMatchObject({ type: 'transfer-status', state: 'prompted' });

      theirs.send('BYE');
      await alice.sip.request('BYE');
    });
  },
  LIMIT_MS,
);

test(
  'trunk → phone: the trunk’s word counts and stays with us; a party that takes no INFO gets text inside the call',
  async () => {
    await withTrunks(trunks, async ({ carrier, phone }) => {
      const alice = await phone(ALICE);
      const { text } = carrier.outside('INVITE', '03011122', {
        headers: [...SDP, 'P-Asserted-Identity: "Ann" <sip:0897654321;npdi@carrier>'],
        body: sdpAt(CARRIER),
      });
      carrier.send(text);
      const invite = await alice.sip.request('INVITE');
      expect(invite.get('from')).toContain('<sip:+49897654321@test>');
      expect(invite.all('p-asserted-identity')).toEqual([]);
      const mine = answer(alice.sip, invite, [TAKES_INFO]);
      await acknowledged(carrier);
      await alice.sip.request('ACK');

      mine.send('INFO', { headers: INFO, body: storageRequest('+49897654321') });
      await alice.sip.response(200, 'INFO');
      const prompt = await carrier.request('MESSAGE');
      expect(prompt.get('to')).toContain('tag=');
      expect(prompt.get('content-type')).toContain('text/plain');
      carrier.answer(prompt, '200 OK');
      expect(await told(alice.sip)).toMatchObject({ state: 'prompted' });
    });
  },
  LIMIT_MS,
);

test(
  'trunk → phone: text that the trunk does not take inside the call goes beside it',
  async () => {
    await withTrunks(trunks, async ({ carrier, phone }) => {
      const alice = await phone(ALICE);
      const identity = 'P-Asserted-Identity: <tel:+49897654321>';
      const offer = { headers: [...SDP, identity], body: sdpAt(CARRIER) };
      carrier.send(carrier.outside('INVITE', ALICE, offer).text);
      const mine = answer(alice.sip, await alice.sip.request('INVITE'), [TAKES_INFO]);
      await acknowledged(carrier);
      mine.send('INFO', { headers: INFO, body: storageRequest('+49897654321') });
      const inside = await carrier.request('MESSAGE');
      carrier.answer(inside, '405 Method Not Allowed');
      const beside = await carrier.request('MESSAGE');
      expect(beside.get('to')).not.toContain('tag=');
      expect(beside.start).toContain('MESSAGE sip:+49897654321@127.0.0.2:');
      expect(beside.body).toBe(inside.body);
      carrier.answer(beside, '202 Accepted');
    });
  },
  LIMIT_MS,
);

test(
  'trunk → trunk: where transit is allowed; the one end’s storage request prompts the other',
  async () => {
    await withTrunks(trunks, async ({ carrier, second, phone }) => {
      await phone(ALICE);
      const offer = {
        headers: [...SDP, TAKES_INFO, `P-Asserted-Identity: <sip:${ALICE}@carrier>`, 'Privacy: id'],
        body: sdpAt(CARRIER),
      };
      carrier.send(carrier.outside('INVITE', '00442012345', offer).text);
      const invite = await second.request('INVITE');
      expect(invite.start).toContain('INVITE sip:+442012345@127.0.0.3:');
      expect(invite.get('from')).toContain('sip:anonymous@anonymous.invalid');
      expect(invite.get('p-asserted-identity')).toBe(`<sip:${ALICE}@test>`);
      expect(invite.get('privacy')).toBe('id');
      answer(second, invite, [TAKES_INFO]);
      const theirs = await acknowledged(carrier);
      await second.request('ACK');

      theirs.send('INFO', { headers: INFO, body: storageRequest('+442012345') });
      await carrier.response(200, 'INFO');
      expect(await told(second)).toMatchObject({ type: 'storage-prompt', receiver: ALICE });

      // The other way there is no transit; and nothing goes back to where it came from.
      second.send(second.outside('INVITE', '+4989123456', { ...offer, body: sdpAt(SECOND) }).text);
      await second.response(404, 'INVITE');
      carrier.send(carrier.outside('INVITE', '+4989123456', offer).text);
      await carrier.response(404, 'INVITE');
    });
  },
  LIMIT_MS,
);

test(
  'chat passes both ways, and OPTIONS asks whether the trunk is there',
  async () => {
    await withTrunks(trunks, async ({ carrier, phone }) => {
      const alice = await phone(ALICE);
      const headers = ['Content-Type: text/plain'];
      const sent = alice.send('MESSAGE', '+4989123456', { headers, body: 'hello out there' });
      const outside = await carrier.request('MESSAGE');
      expect(outside.body).toBe('hello out there');
      expect(outside.get('p-asserted-identity')).toBe(`<sip:${ALICE}@test>`);
      carrier.answer(outside, '202 Accepted');
      expect((await sent).status).toBe(202);

      const identity = 'P-Asserted-Identity: <tel:+4989123456>';
      const back = carrier.outside('MESSAGE', ALICE, {
        headers: [...headers, identity],
        body: 'hello in there',
      });
      carrier.send(back.text);
      const inside = await alice.sip.request('MESSAGE');
      expect(inside.get('from')).toContain('<sip:+4989123456@test>');
      alice.sip.answer(inside, '200 OK');
      await carrier.response(200, 'MESSAGE');
      expect(carrier.count('OPTIONS')).toBeGreaterThan(0);
    });
  },
  LIMIT_MS,
);
