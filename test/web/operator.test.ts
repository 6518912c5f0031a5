import { expect, test } from '@jest/globals';
import { seriousFaults } from '../support/accessibility.ts';
import { screenshot, withPage } from '../support/browser.ts';
import { withScene } from '../support/scene.ts';
import { sendPhoto } from '../support/stored-transfers.ts';

const TOKEN = 'operator-of-the-tests';

test('the operator sees a transfer as it goes on', async () => {
  await withScene({ env: { MIDCALL_OPERATOR_TOKEN: TOKEN } }, async (scene) => {
    const { callee } = await scene.call('alice', 'bob');
    await withPage(
      scene.platform.web,
      async ({ page, faults }) => {
        await page.goto('/operator');
        await page.getByLabel('Operator token').fill(TOKEN);
        await page.getByRole('button', { name: 'Sign in' }).click();
        const sending = await sendPhoto(scene, callee, 600_000);
        await page.getByRole('cell', { name: 'photo.jpg' }).waitFor();
        const stored = page.locator('.plot', { hasText: 'Stored' });
        await stored.getByText(/[kM]B\/s/).waitFor();
        expect(await seriousFaults(page)).toEqual([]);
        await screenshot(page, 'operator');
        await sending.sentAll;
        await page.locator('#ended').getByRole('cell', { name: 'complete' }).waitFor();
        expect(faults).toEqual([]);
      },
      { colorScheme: 'dark', viewport: { width: 1_200, height: 800 } },
    );
  });
}, 90_000);
