import { expect, test } from '@jest/globals';
import { probe } from '../support/ffmpeg.ts';
import { withSoftphones } from '../support/softphones.ts';

const LIMIT_MS = 120_000;
/** Between the button and the first stored picture, and at the end. */
const DURATION_TOLERANCE_MS = 1_500;

/** Every two of transport, voice and video once. */
test.each([
  ['udp', 'pcmu', 'vp8'],
  ['udp', 'opus/48000/2', 'h264'],
  ['tcp', 'pcmu', 'h264'],
  ['tcp', 'opus/48000/2', 'vp8'],
] as const)(
  'unmodified softphones over %s with %s and %s: asked, filmed, seen while it comes, and kept',
  async (transport, voice, video) => {
    await withSoftphones({ transport, voice, video }, async (phones) => {
      const { alice, bob } = phones;
      await phones.call();
      await phones.asks();
      await phones.agrees();
      const startedAt = performance.now();
      await phones.films();
      await phones.plays();
      expect((await phones.newest())['ingest']).toBe('storing');
      await phones.switchVideo(bob, 'inactive');
      const filmedMs = performance.now() - startedAt;
      await bob.hears(/^Done: /);
      await alice.hears(/^Done: /);

      const stored = await phones.ended();
      expect(stored).toMatchObject({ ingest: 'complete', delivery: 'delivered' });
      await alice.types('/list 27481536');
      expect(await alice.hears(/are free\.$/)).toContain(String(stored['id']).slice(0, 6));
      const probed = await probe((stored['object'] as { path: string }).path);
      expect(probed).toMatchObject({ codec: video, width: 176, height: 144 });
      expect(Math.abs(probed.durationMs - filmedMs)).toBeLessThan(DURATION_TOLERANCE_MS);

      // Their own video is theirs again, and nobody lost a word.
      await phones.switchVideo(bob, 'sendrecv');
      await phones.seesBars(alice);
      await phones.hangUp(alice);
      expect(await phones.hasHeard('alice', 'bob')).toBe(true);
      expect(await phones.hasHeard('bob', 'alice')).toBe(true);
      expect(phones.platform.stderr).not.toContain('27481536');
    });
  },
  LIMIT_MS,
);
