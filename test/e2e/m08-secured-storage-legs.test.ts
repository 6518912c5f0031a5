import { readFile } from 'node:fs/promises';
import { expect, test } from '@jest/globals';
import {
  acceptOfferAndReceive,
  acceptPromptAndSendFile,
  requestStorage,
} from '../../sip-scripts/in-call.ts';
import { InCallRefusal } from '../../sip-scripts/in-call-message.ts';
import type { InCallParty, Received } from '../../sip-scripts/in-call-party.ts';
import { fileSha256 } from '../../sip-scripts/streams/file-source.ts';
import { SUITE_NAMES } from '../support/srtp.ts';
import { PHOTO, PIN, withScene, type Scene } from '../support/scene.ts';

const RATE = 8_000_000;
const SUITE = 'AES_CM_128_HMAC_SHA1_80';

/** Bob asks for a file of Alice's: the prompt that she gets. */
async function prompted(scene: Scene, callee: string): Promise<Received> {
  await requestStorage(scene.party('bob'), { sender: 'alice', password: PIN }, callee);
  return scene.party('alice').nextOf('storage-prompt');
}

/** Alice asks to store a photo of this size; the offer is her phone's, changed. */
async function ask(
  alice: InCallParty,
  prompt: Received,
  change: (offer: string) => string,
): Promise<{ readonly handle: unknown; readonly answer: Promise<Received> }> {
  const opened = await alice.phone.command('open-media', {
    kind: 'file',
    direction: 'sendonly',
    srtp: SUITE,
  });
  const { transfer, token } = prompt.message;
  const { length } = await readFile(PHOTO);
  const facts = { transfer, token, format: 'image/jpeg', size: length };
  const sdp = change(String(opened['sdp']));
  return {
    handle: opened['handle'],
    answer: alice.ask('store-request', { ...facts, sdp }, prompt.call),
  };
}

test('M8 a file is stored and delivered by SRTP, with keys of its own on each leg', async () => {
  await withScene({ space: '50MB' }, async (scene) => {
    const { callee } = await scene.call('alice', 'bob');
    const [alice, bob] = [scene.party('alice'), scene.party('bob')];
    for (const srtp of SUITE_NAMES) {
      const prompt = await prompted(scene, callee);
      const order = { path: PHOTO, format: 'image/jpeg', rate: RATE, srtp };
      const sending = await acceptPromptAndSendFile(alice, prompt, order);
      const offer = await bob.nextOf('receive-offer', sending.transfer);
      const path = scene.path(srtp);
      const to = { kind: 'file', path, password: PIN, srtp } as const;
      const receiving = await acceptOfferAndReceive(bob, offer, to);
      const answer = String(receiving.confirmation.message['sdp']);
      expect(answer).toMatch(/^m=application \d+ RTP\/SAVPF \d+\r$/m);
      expect(answer).toMatch(new RegExp(`^a=crypto:1 ${srtp} inline:[\\w+/]{38,60}=*\r$`, 'm'));
      await receiving.received;
      expect(await fileSha256(path)).toBe(await fileSha256(PHOTO));
      const sent = await alice.phone.command('close-media', { handle: sending.handle });
      const got = await bob.phone.command('close-media', { handle: receiving.handle });
      expect([sent['refused'], got['refused']]).toEqual([0, 0]);
      expect(await scene.ended(sending.transfer)).toMatchObject({
        ingest: 'complete',
        reception: { unauthentic: 0, replayed: 0, malformed: 0 },
      });
    }
  });
}, 120_000);

test('M8 under another key than the offered nothing is stored, and it is counted', async () => {
  await withScene({ env: { MIDCALL_IDLE_FILE_SECONDS: '1' } }, async (scene) => {
    const { callee } = await scene.call('alice', 'bob');
    const alice = scene.party('alice');
    const prompt = await prompted(scene, callee);
    const otherKey = Buffer.alloc(30, 7).toString('base64');
    const { handle, answer } = await ask(alice, prompt, (offer) =>
      offer.replace(/inline:\S+/, `inline:${otherKey}`),
    );
    const sdp = (await answer).message['sdp'];
    await alice.phone.command('send-file', { handle, answer: sdp, path: PHOTO, rate: RATE });
    const record = await scene.ended(String(prompt.message.transfer));
    expect(record).toMatchObject({
      ingest: 'failed',
      reason: 'ingest-timeout',
      stored: 0,
      reception: { received: 0, expected: 0, malformed: 0, foreign: 0 },
    });
    const { unauthentic } = record['reception'] as { unauthentic: number };
    expect(unauthentic).toBeGreaterThan(50);
    expect(await scene.used('bob')).toBe(0);
  });
}, 60_000);

test('M8 a crypto line that can not be used is refused with the reason, and the prompt stays good', async () => {
  await withScene({}, async (scene) => {
    const { callee } = await scene.call('alice', 'bob');
    const prompt = await prompted(scene, callee);
    const outcome = async (change: (offer: string) => string): Promise<unknown> => {
      const { answer } = await ask(scene.party('alice'), prompt, change);
      return answer.then(
        ({ message }) => message.type,
        (error: unknown) =>
          error instanceof InCallRefusal ? [error.code, error.message].join(': ') : error,
      );
    };
    const refused = 'transport-not-supported';
    expect(await outcome((offer) => offer.replace(SUITE, 'F8_128_HMAC_SHA1_80'))).toContain(
      refused,
    );
    expect(await outcome((offer) => offer.replace(/(inline:\S+)/, '$1|2^31|1:4'))).toContain(
      refused,
    );
    expect(await outcome((offer) => offer.replace(/(inline:\S+)/, '$1|2^20'))).toContain(refused);
    expect(await outcome((offer) => offer.replace(/(inline:\S{8})/, '$1AAAA'))).toContain(refused);
    expect(await outcome((offer) => offer)).toBe('store-confirmation');
  });
}, 60_000);
