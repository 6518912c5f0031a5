import { readFile } from 'node:fs/promises';
import { expect, test } from '@jest/globals';
import { seriousFaults } from '../support/accessibility.ts';
import {
  numberIn,
  playedSeconds,
  screenshot,
  signIn,
  widthOf,
  withPage,
} from '../support/browser.ts';
import { PHOTO, withScene } from '../support/scene.ts';
import { sendPhoto, storeSpeech } from '../support/stored-transfers.ts';
import { until } from '../support/until.ts';

const percentOf = (text: string | null): number => Number(text ?? -1);

test('a photo comes in before one’s eyes, is looked at, fetched, and deleted after all', async () => {
  await withScene({}, async (scene) => {
    const { callee } = await scene.call('alice', 'bob');
    await withPage(scene.platform.web, async ({ page, faults }) => {
      await page.goto('/');
      await signIn(page, 'bob');
      await page.getByText('Nothing here yet').waitFor();
      const sending = await sendPhoto(scene, callee, 1_000_000);
      const bar = page.getByRole('progressbar');
      await bar.waitFor();
      const first = percentOf(await bar.getAttribute('aria-valuenow'));
      await until(async () => percentOf(await bar.getAttribute('aria-valuenow')) > first);
      await screenshot(page, 'box-while-a-photo-comes-in');
      await sending.sentAll;
      await page.getByText('complete', { exact: true }).waitFor();
      expect(await bar.count()).toBe(0);

      const downloading = page.waitForEvent('download');
      await page.getByRole('link', { name: 'Download photo.jpg' }).click();
      const download = await downloading;
      expect(download.suggestedFilename()).toBe('photo.jpg');
      expect(await readFile(await download.path())).toEqual(await readFile(PHOTO));

      await page.getByRole('button', { name: 'View photo.jpg' }).click();
      expect(await widthOf(page, '#player-stage img')).toBeGreaterThan(0);
      await screenshot(page, 'box-viewing-a-photo');
      await page.keyboard.press('Escape');

      await page.getByRole('button', { name: 'Delete photo.jpg' }).click();
      await page.getByRole('button', { name: 'Undo' }).click();
      await page.getByRole('button', { name: 'Delete photo.jpg' }).click();
      await page.getByText('Nothing here yet').waitFor();
      await page.getByText('0 B of 10.0 MB used').waitFor();
      expect(await scene.used('bob')).toBe(0);
      expect(faults).toEqual([]);
    });
  });
}, 90_000);

test('speech plays after the call, and its playback advances', async () => {
  await withScene({}, async (scene) => {
    const { callee } = await scene.call('alice', 'bob');
    await storeSpeech(scene, callee, 3);
    await withPage(scene.platform.web, async ({ page, faults }) => {
      await page.goto('/');
      await signIn(page, 'bob');
      await page.locator('.thumb svg').waitFor();
      await screenshot(page, 'box-with-speech');
      await page.getByRole('button', { name: /^Play/ }).click();
      await until(async () => (await playedSeconds(page)) > 0.5);
      const duration = await numberIn(page, 'document.querySelector("audio").duration');
      expect(duration).toBeCloseTo(3, 0);
      await screenshot(page, 'box-playing-speech');
      expect(faults).toEqual([]);
    });
  });
}, 90_000);

test('a link leads somebody without an account to the photo', async () => {
  await withScene({}, async (scene) => {
    const { callee } = await scene.call('alice', 'bob');
    const sending = await sendPhoto(scene, callee, 8_000_000);
    await scene.party('alice').nextOf('transfer-complete', sending.transfer);
    await withPage(scene.platform.web, async ({ page }) => {
      await page.goto('/');
      await signIn(page, 'bob');
      await page.getByRole('button', { name: 'Share photo.jpg' }).click();
      await page.getByRole('button', { name: 'Make link' }).click();
      const url = page.getByRole('textbox', { name: 'Link' });
      await url.waitFor();
      await screenshot(page, 'box-sharing-a-link');
      const answer = await fetch(await url.inputValue());
      expect(Buffer.from(await answer.arrayBuffer())).toEqual(await readFile(PHOTO));
    });
  });
}, 90_000);

test.each(['light', 'dark'] as const)(
  'without serious faults of accessibility, on a phone’s screen: %s',
  async (colorScheme) => {
    await withScene({}, async (scene) => {
      const { callee } = await scene.call('alice', 'bob');
      await storeSpeech(scene, callee, 2);
      const sending = await sendPhoto(scene, callee, 8_000_000);
      await scene.party('alice').nextOf('transfer-complete', sending.transfer);
      const options = { colorScheme, viewport: { width: 390, height: 844 } };
      await withPage(
        scene.platform.web,
        async ({ page }) => {
          await page.goto('/');
          await page.getByLabel('Number').waitFor();
          expect(await seriousFaults(page)).toEqual([]);
          await screenshot(page, `phone-sign-in-${colorScheme}`);
          await signIn(page, 'bob');
          await page.locator('.thumb svg').waitFor();
          await widthOf(page, '.thumb img');
          expect(await seriousFaults(page)).toEqual([]);
          const overflow = await numberIn(page, 'document.body.scrollWidth - innerWidth');
          expect(overflow).toBeLessThanOrEqual(0);
          await screenshot(page, `phone-box-${colorScheme}`);
          await page.getByRole('button', { name: 'View photo.jpg' }).click();
          expect(await seriousFaults(page)).toEqual([]);
        },
        options,
      );
    });
  },
  90_000,
);
