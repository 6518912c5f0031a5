import { expect, test } from '@jest/globals';
import { PIN, withSoftphones } from '../support/softphones.ts';
import type { Softphones } from '../support/softphones.ts';
import { until } from '../support/until.ts';

/** Two calls, each of a dozen steps. */
const LIMIT_MS = 240_000;
const env = { MIDCALL_STAR_CODES: 'store=*1,send=*2,play=*3,cancel=*0' };
/** Longer than any prompt of these. */
const PROMPT_SECONDS = 2;
/** Of two prompts, what is louder than the other's voice; a call begins with a click or two. */
const SPEECH_TENTHS_MIN = 6;
const CLICKS_MAX = 3;

/** A call in which Alice's keys ask with a wrong PIN, and then say something to Bob. */
async function refused(phones: Softphones): Promise<void> {
  const { alice, bob } = phones;
  await phones.call();
  await alice.presses('*11111#');
  await bob.until(() => bob.keysHeard === '*', 'the star alone');
  await until(async () => phones.platform.stderr.includes('secret.wrong'));
  await alice.presses('5');
  await bob.until(() => bob.keysHeard === '*5', 'the key that is for nobody else');
  await phones.listens('alice', PROMPT_SECONDS);
  await phones.hangUp(alice);
  expect(await phones.heardSpeech('alice', 'bob')).toBeGreaterThan(SPEECH_TENTHS_MIN);
  expect(await phones.heardSpeech('bob', 'alice')).toBeLessThan(CLICKS_MAX);
  expect(await phones.hasHeard('bob', 'alice')).toBe(true);
  expect(phones.platform.stderr).not.toContain('1111');
}

/** A call in which twelve keys and a video button are all that Alice and Bob have. */
async function filmed(phones: Softphones): Promise<void> {
  const { alice, bob } = phones;
  await phones.call();
  await alice.presses(`*1${PIN}#`);
  await bob.hears(/^alice asks you to send a video/);
  await bob.presses('*2');
  await phones.listens('bob', PROMPT_SECONDS);
  expect([alice.keysHeard, bob.keysHeard]).toEqual(['*', '*5*']);
  await phones.films();
  await alice.presses('*3');
  await until(async () => (await phones.newest())['delivery'] === 'delivering', LIMIT_MS / 4);
  await phones.seesBars(alice);
  await phones.switchVideo(bob, 'inactive');
  await bob.hears(/^Done: /);
  await alice.hears(/^Done: /);
  expect(await phones.ended()).toMatchObject({ ingest: 'complete', delivery: 'delivered' });
  await phones.hangUp(bob);
  for (const [listener, speaker] of [
    ['alice', 'bob'],
    ['bob', 'alice'],
  ] as const) {
    expect(await phones.heardSpeech(listener, speaker)).toBeGreaterThan(SPEECH_TENTHS_MIN);
    expect(await phones.hasHeard(listener, speaker)).toBe(true);
  }
  expect(phones.platform.stderr).not.toContain(PIN);
}

test(
  'phones without a keyboard: the PIN by keys, prompts for one ear, and a video',
  async () => {
    await withSoftphones({ env }, async (phones) => {
      await refused(phones);
      await filmed(phones);
    });
  },
  LIMIT_MS,
);

test(
  'prompts instead of the voice, where it is Opus',
  () => withSoftphones({ voice: 'opus/48000/2', env }, refused),
  LIMIT_MS,
);
