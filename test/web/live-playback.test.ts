import { expect, test } from '@jest/globals';
import { screenshot, signIn, withPage } from '../support/browser.ts';
import { withScene } from '../support/scene.ts';
import { beginSpeech } from '../support/stored-transfers.ts';

test('speech is played while it is still being spoken', async () => {
  await withScene({}, async (scene) => {
    const { callee } = await scene.call('alice', 'bob');
    await withPage(scene.platform.web, async ({ page, faults }) => {
      await page.goto('/');
      await signIn(page, 'bob');
      await page.getByText('Nothing here yet').waitFor();
      const { sending, end } = await beginSpeech(scene, callee, 12);
      await page.getByRole('button', { name: /^Play/ }).click();
      const played = page.getByRole('timer', { name: 'Played' });
      await played.getByText('0:02').waitFor();
      expect(await scene.transfer(sending.transfer)).toMatchObject({ ingest: 'storing' });
      await screenshot(page, 'box-playing-while-it-comes-in');
      await sending.sentAll;
      await end();
      expect(faults).toEqual([]);
    });
  });
}, 90_000);
