import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Page } from 'playwright-core';

const AXE = join(import.meta.dirname, '../../node_modules/axe-core/axe.min.js');

/** What axe-core finds serious or critical in a page: rule and where. */
export async function seriousFaults(page: Page): Promise<string[]> {
  // Evaluated, not added as a script: the page's own policy forbids those.
  await page.evaluate(await readFile(AXE, 'utf8'));
  const found: unknown = await page.evaluate(
    'axe.run(document).then(({ violations }) => violations)',
  );
  if (!Array.isArray(found)) throw new Error('axe has no answer');
  return found
    .filter((one: Violation) => one.impact === 'serious' || one.impact === 'critical')
    .map((one: Violation) => `${one.id}: ${one.nodes.map(({ html }) => html).join(' ')}`);
}

interface Violation {
  readonly id: string;
  readonly impact: string;
  readonly nodes: readonly { readonly html: string }[];
}
