import { readFile, stat } from 'node:fs/promises';
import { expect, test } from '@jest/globals';
import type { InCallMessage } from '../../sip-scripts/in-call-message.ts';
import {
  acceptOfferAndReceive,
  acceptPromptAndSendAudio,
  acceptPromptAndSendFile,
  endOfData,
} from '../../sip-scripts/in-call.ts';
import { PHOTO, PIN, SPEECH, withScene, type Scene } from '../support/scene.ts';

/** Bytes that one sync may add beyond a threshold: what comes in 200 ms, with as much again for a busy machine. */
const SLACK_SECONDS = 0.6;
const RATE = 2_000_000;
const SECONDS = 6;
/** When somebody joins live. */
const JOIN_BYTES = 20_000;

async function prompted(scene: Scene, call: string, threshold: unknown) {
  const request = { sender: 'alice', password: PIN, maxBytes: 1_000_000, threshold };
  const { message } = await scene.party('bob').ask('storage-request', request, call);
  return scene.party('alice').nextOf('storage-prompt', message.transfer);
}

/** Sends the photo. @returns how much was stored when the receiver was offered it. */
async function storedAtOffer(scene: Scene, call: string, threshold: unknown): Promise<number> {
  const alice = scene.party('alice');
  const prompt = await prompted(scene, call, threshold);
  const order = { path: PHOTO, format: 'image/jpeg', rate: RATE };
  const sending = await acceptPromptAndSendFile(alice, prompt, order);
  const offer = await scene.party('bob').nextOf('receive-offer', sending.transfer);
  await alice.ask('cancel', { transfer: sending.transfer }, prompt.call);
  return Number(offer.message['stored']);
}

test('M10 forwarding starts at a percentage, a number of bytes, or zero', async () => {
  await withScene({}, async (scene) => {
    const { callee } = await scene.call('alice', 'bob');
    const { size } = await stat(PHOTO);
    const slack = (RATE / 8) * SLACK_SECONDS;
    const cases = [
      { threshold: undefined, from: 0.3 * size },
      { threshold: { percent: 60 }, from: 0.6 * size },
      { threshold: { bytes: 100_000 }, from: 100_000 },
      { threshold: { percent: 0 }, from: 1 },
      { threshold: { bytes: 0 }, from: 1 },
      { threshold: 'adaptive', from: 1 },
    ];
    for (const { threshold, from } of cases) {
      const stored = await storedAtOffer(scene, callee, threshold);
      expect(stored).toBeGreaterThanOrEqual(Math.floor(from));
      expect(stored).toBeLessThan(from + slack);
    }
  });
}, 90_000);

test('M10 seconds, and a percentage of a stream that has no size', async () => {
  await withScene({ env: { MIDCALL_STREAM_THRESHOLD: '1' } }, async (scene) => {
    const { callee } = await scene.call('alice', 'bob');
    const alice = scene.party('alice');
    for (const [threshold, seconds] of [
      [{ seconds: 2 }, 2],
      [{ percent: 30 }, 1],
    ] as const) {
      const prompt = await prompted(scene, callee, threshold);
      const sending = await acceptPromptAndSendAudio(alice, prompt, { path: SPEECH, seconds: 6 });
      const offer = await scene.party('bob').nextOf('receive-offer', sending.transfer);
      const stored = Number(offer.message['stored']);
      expect(stored).toBeGreaterThanOrEqual(seconds * 8_000 - 320);
      expect(stored).toBeLessThan((seconds + SLACK_SECONDS) * 8_000);
      await alice.ask('cancel', { transfer: sending.transfer }, prompt.call);
      const { decision } = await scene.transfer(sending.transfer);
      expect(decision).toMatchObject({ threshold, stored });
    }
  });
}, 60_000);

test('M10 adaptive decides by what is measured, and says so; live joins what is being spoken', async () => {
  await withScene({}, async (scene) => {
    const { callee } = await scene.call('alice', 'bob');
    const [alice, bob] = [scene.party('alice'), scene.party('bob')];
    const prompt = await prompted(scene, callee, 'adaptive');
    const sending = await acceptPromptAndSendAudio(alice, prompt, {
      path: SPEECH,
      seconds: SECONDS,
    });
    const offer = await bob.nextOf('receive-offer', sending.transfer);
    const { decision } = await scene.transfer(sending.transfer);
    expect(decision).toMatchObject({
      threshold: 'adaptive',
      stored: Number(offer.message['stored']),
      jitterSeconds: expect.any(Number),
      lost: expect.any(Number),
      repairSeconds: expect.any(Number),
      needed: expect.any(Number),
    });
    // G.711 is played at 8,000 bytes a second, but for what is on its way to the disk.
    expect(Math.round(Number((decision as { rateOut: number }).rateOut) / 1_000)).toBe(8);
    // Two seconds later bob joins: what was said before is in his storage only.
    const isLater = ({ type, transfer, stored }: InCallMessage): boolean =>
      type === 'transfer-status' && transfer === sending.transfer && Number(stored) >= JOIN_BYTES;
    const joined = await bob.next('a status', isLater);
    const order = { kind: 'audio', path: scene.path('live.ulaw'), password: PIN } as const;
    const receiving = await acceptOfferAndReceive(bob, offer, {
      ...order,
      fields: { from: 'live' },
    });
    await sending.sentAll;
    await endOfData(alice, sending, prompt.call);
    await receiving.received;
    // What he got is the end of what was said, without a gap, and begins where it was when he asked.
    const live = await readFile(scene.path('live.ulaw'));
    const said = (await readFile(SPEECH)).subarray(0, SECONDS * 8_000);
    expect(live.length).toBeGreaterThan(0);
    expect(live.equals(said.subarray(-live.length))).toBe(true);
    const behind = SLACK_SECONDS * 8_000;
    expect(said.length - live.length).toBeGreaterThan(Number(joined.message['stored']) - behind);
    expect(await scene.ended(sending.transfer)).toMatchObject({ stored: SECONDS * 8_000 });
  });
}, 60_000);
