import { expect, test } from '@jest/globals';
import { BOB, SIZE, TransferWorld } from '../../support/transfer-world.ts';

type Mailed = readonly [transfer: string, types: readonly string[]];

const typesOf = (world: TransferWorld, transfer: string): readonly string[] =>
  world.store.mails.map(({ id }) => id).map((id) => id.replace(`${transfer}.`, ''));

test.each<[string, (world: TransferWorld) => Promise<Mailed>]>([
  [
    'all of it came',
    async (world) => {
      const transfer = await world.delivering();
      await world.ends(transfer, 'complete', SIZE);
      return [transfer, ['stored']];
    },
  ],
  [
    'some of it came',
    async (world) => {
      const transfer = await world.offered();
      await world.ends(transfer, 'idle', 400);
      return [transfer, ['partial']];
    },
  ],
  [
    'nothing came',
    async (world) => {
      const transfer = await world.confirmed();
      await world.ends(transfer, 'idle', 0);
      return [transfer, ['failed']];
    },
  ],
  [
    'a party cancelled',
    async (world) => {
      const { transfer } = await world.prompted();
      await world.cancel(transfer, BOB);
      return [transfer, ['failed']];
    },
  ],
  [
    'nobody used the prompt',
    async (world) => {
      const { transfer } = await world.prompted();
      await world.pass(121_000);
      return [transfer, ['failed']];
    },
  ],
  [
    'it was removed, twice',
    async (world) => {
      const transfer = await world.confirmed();
      await world.ends(transfer, 'complete', SIZE);
      await world.transfers.remove(transfer);
      await world.transfers.remove(transfer);
      return [transfer, ['stored', 'deleted']];
    },
  ],
  [
    'the store failed at its end, and then did not',
    async (world) => {
      const transfer = await world.confirmed();
      world.store.failures.fail('putTransfer', new Error('down'), 3);
      await world.ends(transfer, 'complete', SIZE);
      for (let at = 0; at < 10; at++) await world.pass(60_000);
      return [transfer, ['stored']];
    },
  ],
])('%s: told outside once', async (_name, happens) => {
  const world = new TransferWorld();
  const [transfer, types] = await happens(world);
  expect(typesOf(world, transfer)).toEqual(types);
});
