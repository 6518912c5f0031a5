import { expect, test } from '@jest/globals';
import { PIN, withSoftphones } from '../support/softphones.ts';
import { until } from '../support/until.ts';

/** Two calls, each of a dozen steps. */
const LIMIT_MS = 240_000;
const STAR_CODES = 'store=*1,send=*2,play=*3,cancel=*0';
/** Longer than any prompt of these. */
const PROMPT_SECONDS = 2;
/** Of two prompts, what is louder than the other's voice; a call begins with a click or two. */
const SPEECH_TENTHS_MIN = 6;
const CLICKS_MAX = 3;

/** Bob's side hears, reads and sees; Alice and Bob have twelve keys and a video button. */
test.each(['pcmu', 'opus/48000/2'])(
  'phones without a keyboard, in %s: the PIN by keys, prompts for one ear, and a video',
  async (voice) => {
    const env = { MIDCALL_STAR_CODES: STAR_CODES };
    await withSoftphones({ voice, env }, async (phones) => {
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

      await phones.call();
      await alice.presses(`*1${PIN}#`);
      await bob.hears(/^alice asks you to send a video/);
      await bob.presses('*2');
      await phones.listens('bob', PROMPT_SECONDS);
      expect([alice.keysHeard, bob.keysHeard]).toEqual(['*', '*5*']);
      await phones.films();
      await alice.presses('*3');
      await until(async () => (await phones.newest())['delivery'] === 'delivering', LIMIT_MS);
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
      expect(phones.platform.stderr).not.toContain('1111');
    });
  },
  LIMIT_MS,
);
