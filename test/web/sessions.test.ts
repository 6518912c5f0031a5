import { expect, test } from '@jest/globals';
import { screenshot, signIn, withPage } from '../support/browser.ts';
import { withScene } from '../support/scene.ts';

test('a wrong password is told as such, and no more', async () => {
  await withScene({ people: ['bob'] }, async (scene) => {
    await withPage(scene.platform.web, async ({ page, faults }) => {
      await page.goto('/');
      await signIn(page, 'bob', 'wrong');
      await page.getByText('The number or the storage password is wrong.').waitFor();
      await screenshot(page, 'sign-in-wrong-password');
      await signIn(page, 'bob');
      await page.getByText('Nothing here yet').waitFor();
      await page.reload();
      await page.getByText('Nothing here yet').waitFor();
      await page.getByRole('button', { name: 'Sign out' }).click();
      await page.getByLabel('Number').waitFor();
      await page.reload();
      await page.getByLabel('Number').waitFor();
      // The browser itself tells of the one refusal.
      expect(faults).toEqual([expect.stringContaining('403')]);
    });
  });
}, 60_000);

test('a session that is over leads back to signing in', async () => {
  const env = { MIDCALL_SESSION_SECONDS: '2' };
  await withScene({ people: ['bob'], env }, async (scene) => {
    await withPage(scene.platform.web, async ({ page }) => {
      await page.goto('/');
      await signIn(page, 'bob');
      await page.getByText('Nothing here yet').waitFor();
      await page.getByText('Your session is over. Sign in again.').waitFor();
      await screenshot(page, 'sign-in-session-over');
    });
  });
}, 60_000);

test('by keyboard alone', async () => {
  await withScene({ people: ['bob'] }, async (scene) => {
    await withPage(scene.platform.web, async ({ page }) => {
      await page.goto('/');
      await page.getByLabel('Number').waitFor();
      await page.keyboard.type('bob');
      await page.keyboard.press('Tab');
      await page.keyboard.type('274815');
      await page.keyboard.press('Enter');
      await page.getByText('Nothing here yet').waitFor();
    });
  });
}, 60_000);
