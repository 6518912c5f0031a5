import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { chromium, type Browser, type BrowserContextOptions, type Page } from 'playwright-core';
import { PIN } from './scene.ts';

/** Debian's; playwright-core brings none. */
const CHROMIUM = '/usr/bin/chromium';
/** Git-ignored: for people to look at. */
const SCREENSHOTS = join(import.meta.dirname, '../../screenshots');

/** What went wrong in a page: errors on its console, exceptions, requests that failed. */
export interface Watched {
  readonly page: Page;
  readonly faults: readonly string[];
}

/** Runs a test in a new browser; ends it, also on failure. */
export async function withPage(
  url: string,
  test: (watched: Watched) => Promise<void>,
  options: BrowserContextOptions = {},
): Promise<void> {
  // As root, as in a container, Chromium's own sandbox can't be had; it opens nothing but our pages.
  const args = ['--no-sandbox', '--autoplay-policy=no-user-gesture-required', '--disable-gpu'];
  const browser: Browser = await chromium.launch({ executablePath: CHROMIUM, args });
  try {
    const context = await browser.newContext({ baseURL: url, acceptDownloads: true, ...options });
    const page = await context.newPage();
    const faults: string[] = [];
    page.on('console', (message) => {
      if (message.type() === 'error') faults.push(message.text());
    });
    page.on('pageerror', (error) => faults.push(String(error)));
    await test({ page, faults });
  } finally {
    await browser.close();
  }
}

export async function signIn(page: Page, number: string, password: string = PIN): Promise<void> {
  await page.getByLabel('Number').fill(number);
  await page.getByLabel('Storage password').fill(password);
  await page.getByRole('button', { name: 'Sign in' }).click();
}

export async function screenshot(page: Page, name: string): Promise<void> {
  mkdirSync(SCREENSHOTS, { recursive: true });
  await page.screenshot({ path: join(SCREENSHOTS, `${name}.png`), fullPage: true });
}

/** A number that an expression comes to in the page; its code has no types here. */
export async function numberIn(page: Page, expression: string): Promise<number> {
  return Number(await page.evaluate(expression));
}

/** Where the player is, in seconds. */
export const playedSeconds = (page: Page): Promise<number> =>
  numberIn(page, 'document.querySelector("audio, dialog video")?.currentTime ?? 0');

/** Waits for the picture. @returns its width. */
export const widthOf = (page: Page, selector: string): Promise<number> =>
  numberIn(
    page,
    `(async (one) => (await one.decode(), one.naturalWidth))(document.querySelector('${selector}'))`,
  );
