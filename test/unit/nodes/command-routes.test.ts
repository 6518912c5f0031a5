import { expect, test } from '@jest/globals';
import type { Command } from '../../../src/incall/commands.ts';
import type { InCallEvent } from '../../../src/incall/events.ts';
import { CommandRoutes } from '../../../src/nodes/command-routes.ts';
import { FarTransfers, TRANSFERS_MAX } from '../../../src/nodes/far-transfers.ts';
import { MemoryTransferStore } from '../../support/memory-transfer-store.ts';
import { prompt, transferRecord } from '../../support/transfer-records.ts';

const FROM = { number: 'carol' };
const status = (transfer: string): InCallEvent => ({
  type: 'transfer-status',
  transfer,
  state: 'storing',
  stored: 1,
  delivered: 0,
});

async function routes(mine?: string) {
  const store = new MemoryTransferStore();
  await store.issuePrompt(prompt({ node: 'b', token: 'tok', code: 'ABCD2345' }));
  store.records.set('open', transferRecord({ id: 'open', node: 'b' }));
  store.records.set(
    'over',
    transferRecord({ id: 'over', node: 'b', ingest: 'complete', delivery: 'left' }),
  );
  const far = new FarTransfers();
  far.note('carol', status('told-1'), 'c');
  far.note('carol', status('told-2'), 'd');
  const takesPart = (beginning = ''): boolean => mine?.startsWith(beginning) ?? false;
  const all = new CommandRoutes({ state: store, far, takesPart });
  return (command: Record<string, unknown>): Promise<string | undefined> =>
    all.nodeOf({ id: 'm', ...command } as unknown as Command, FROM);
}

test.each<[Record<string, unknown>, string | undefined]>([
  [{ type: 'storage-request', sender: 'bob', password: 'x' }, undefined],
  [{ type: 'send-request', token: 'tok' }, 'b'],
  [{ type: 'send-request', token: 'abcd-2345' }, 'b'],
  [{ type: 'store-request', token: 'none', transfer: 'open' }, undefined],
  [{ type: 'receive-request', transfer: 'open' }, 'b'],
  [{ type: 'receive-request', transfer: 'over' }, undefined],
  [{ type: 'end-of-data', transfer: 'nobody-knows' }, undefined],
  [{ type: 'status-request' }, 'd'],
  [{ type: 'cancel', transfer: 'told-1' }, 'c'],
  [{ type: 'cancel', transfer: 'open' }, 'b'],
])('%j is for %s', async (command, node) => {
  expect(await (await routes())(command)).toBe(node);
});

test('a transfer here goes before one elsewhere', async () => {
  expect(await (await routes('here'))({ type: 'status-request' })).toBeUndefined();
  expect(await (await routes('here'))({ type: 'status-request', transfer: 'told' })).toBe('d');
});

test('what is over is forgotten, and the oldest of too many', () => {
  const far = new FarTransfers();
  for (let at = 0; at <= TRANSFERS_MAX; at++) far.note('carol', status(`t${at};`), `n${at}`);
  expect(far.node('carol', 't0;')).toBeUndefined();
  expect(far.node('carol', 't1;')).toBe('n1');
  const loss = { expected: 0, lost: 0, repaired: 0, gaps: 0 };
  const over = { transfer: 't1;', state: 'complete', stored: 1, delivered: 1, loss };
  far.note('carol', { type: 'transfer-complete', ...over }, 'n1');
  expect(far.node('carol', 't1;')).toBeUndefined();
  expect(far.node('dave')).toBeUndefined();
});
