import { describe, expect, test } from '@jest/globals';
import type { StoreRequest } from '../../../src/incall/commands.ts';
import { DATA_SHA256 } from '../../support/scripted-recorder.ts';
import { BOB, SIZE, TransferWorld } from '../../support/transfer-world.ts';

const DIGEST = `sha-256=${DATA_SHA256}`;

/** A file that was cut short: the next one begins with what there is of it. */
async function cutShort(world: TransferWorld): Promise<void> {
  const transfer = await world.confirmed({ digest: DIGEST }, { maxBytes: SIZE });
  world.recorder.next = { whole: false };
  await world.ends(transfer, 'idle', SIZE / 2);
  world.recorder.next = {};
}

/** A phone that got no answer in time says it in new words. */
async function twice(world: TransferWorld, said: Partial<StoreRequest>): Promise<string> {
  const prompt = await world.prompted({ maxBytes: SIZE });
  await Promise.all([
    world.say(world.storeRequest(prompt, said), BOB),
    world.say(world.storeRequest(prompt, said), BOB),
  ]);
  return prompt.transfer;
}

describe('two store requests with one prompt, the second before the first is answered', () => {
  test('the second is refused, and the data that comes is stored', async () => {
    const world = new TransferWorld();
    const transfer = await twice(world, {});
    expect(world.parties.heard(BOB, 'store-confirmation')).toHaveLength(1);
    expect(world.parties.last(BOB, 'error').code).toBe('prompt-used');
    expect(world.recorder.discarded).toEqual([]);
    await world.ends(transfer, 'complete', SIZE);
    expect(world.record(transfer).ingest).toBe('complete');
  });

  test('also of a file that goes on: what it begins with is copied once, and kept', async () => {
    const world = new TransferWorld();
    await cutShort(world);
    world.recorder.discarded.length = 0;
    const transfer = await twice(world, { digest: DIGEST });
    expect(world.parties.last(BOB, 'error').code).toBe('prompt-used');
    expect(world.recorder.seeded).toEqual([transfer]);
    expect(world.recorder.discarded).toEqual([]);
  });
});
