import { expect, test } from '@jest/globals';
import { requestStorage } from '../../sip-scripts/in-call.ts';
import { InCallRefusal } from '../../sip-scripts/in-call-message.ts';
import type { Received } from '../../sip-scripts/in-call-party.ts';
import { PHOTO, PIN, withScene, type Scene } from '../support/scene.ts';

/** A store request by alice, with fields in place of the honest ones. @returns the refusal's facts. */
async function refusal(scene: Scene, prompt: Received, fields: Record<string, unknown>) {
  const alice = scene.party('alice');
  const { sdp } = await alice.phone.command('open-media', { kind: 'file', direction: 'sendonly' });
  const { transfer, token } = prompt.message;
  const honest = { transfer, token, format: 'image/jpeg', size: 1_000, sdp };
  try {
    await alice.ask('store-request', { ...honest, ...fields }, prompt.call);
    return undefined;
  } catch (error) {
    if (error instanceof InCallRefusal) return error.facts;
    throw error;
  }
}

async function prompted(scene: Scene, call: string): Promise<Received> {
  const request = { sender: 'alice', password: PIN, maxBytes: 5_000 };
  const { message } = await scene.party('bob').ask('storage-request', request, call);
  return scene.party('alice').nextOf('storage-prompt', message.transfer);
}

test('M7 a store request is refused with the reason, and the prompt stays good', async () => {
  const env = { MIDCALL_FORMATS: 'image/*,audio/PCMU' };
  await withScene({ env }, async (scene) => {
    const { callee } = await scene.call('alice', 'bob');
    const prompt = await prompted(scene, callee);
    const refused = (fields: Record<string, unknown>) => refusal(scene, prompt, fields);
    expect(await refused({ format: 'video/VP8' })).toMatchObject({
      code: 'format-not-allowed',
      status: 415,
    });
    expect(await refused({ size: 5_001 })).toMatchObject({
      code: 'too-large',
      status: 413,
      free: 5_000,
    });
    expect(await refused({ token: 'f'.repeat(32) })).toMatchObject({
      code: 'unknown-prompt',
      status: 404,
    });
    expect(await refused({ transfer: 'other' })).toMatchObject({ code: 'unknown-prompt' });
    expect(await refused({ size: undefined })).toMatchObject({
      code: 'bad-request',
      field: 'size',
    });
    expect(await refused({ size: 5_000 })).toBeUndefined();
    expect(await refused({})).toMatchObject({ code: 'prompt-used', status: 409 });
  });
}, 60_000);

test('M7 an expired prompt is refused, and its space is free again', async () => {
  await withScene({ env: { MIDCALL_PROMPT_SECONDS: '1' } }, async (scene) => {
    const { callee } = await scene.call('alice', 'bob');
    const prompt = await prompted(scene, callee);
    const over = await scene.party('bob').nextOf('transfer-complete', prompt.message.transfer);
    expect(over.message).toMatchObject({ state: 'expired', reason: 'prompt-expired' });
    expect(await refusal(scene, prompt, {})).toMatchObject({ code: 'prompt-expired', status: 410 });
    expect(await scene.used('bob')).toBe(0);
  });
}, 60_000);

test('M7 more data than announced ends the transfer at its size', async () => {
  await withScene({}, async (scene) => {
    const { callee } = await scene.call('alice', 'bob');
    const alice = scene.party('alice');
    await requestStorage(scene.party('bob'), { sender: 'alice', password: PIN }, callee);
    const prompt = await alice.nextOf('storage-prompt');
    const opened = await alice.phone.command('open-media', { kind: 'file', direction: 'sendonly' });
    const { transfer, token } = prompt.message;
    const request = { transfer, token, format: 'image/jpeg', size: 10_000, sdp: opened['sdp'] };
    const confirmation = await alice.ask('store-request', request, prompt.call);
    const { handle } = opened;
    const answer = confirmation.message['sdp'];
    await alice.phone.command('send-file', { handle, answer, path: PHOTO, rate: 1_000_000 });
    const done = await alice.nextOf('transfer-complete', transfer);
    expect(done.message).toMatchObject({ state: 'partial', reason: 'too-large' });
    expect(Number(done.message['stored'])).toBeLessThanOrEqual(10_000);
    expect(await scene.used('bob')).toBe(Number(done.message['stored']));
  });
}, 60_000);
