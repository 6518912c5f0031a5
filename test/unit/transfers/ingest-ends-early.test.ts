import { describe, expect, test } from '@jest/globals';
import type { ErrorCode } from '../../../src/base/errors.ts';
import type { IngestEndCause } from '../../../src/transfers/media-plane.ts';
import { CLEAN } from '../../support/scripted-media-plane.ts';
import { voiceOffer } from '../../support/sdp-texts.ts';
import { ALICE, BOB, NOTHING_LEFT, SIZE, TransferWorld } from '../../support/transfer-world.ts';

const CAUSES: readonly [IngestEndCause, ErrorCode | undefined][] = [
  ['incomplete', 'ingest-timeout'],
  ['idle', 'ingest-timeout'],
  ['limit', 'too-large'],
  ['disk', 'storage-unavailable'],
  ['bye', undefined],
  ['stopped', undefined],
];

describe.each(CAUSES)('a file whose ingest ends with %s', (cause, reason) => {
  const expected = { state: 'partial', stored: 600, ...(reason === undefined ? {} : { reason }) };

  test('is partial: what is stored is kept, both are told', async () => {
    const world = new TransferWorld();
    const transfer = await world.confirmed();
    await world.progress(transfer, 100);
    await world.ends(transfer, cause, 600);
    for (const party of [ALICE, BOB])
      expect(world.parties.heard(party, 'transfer-complete')).toEqual([
        expect.objectContaining(expected),
      ]);
    expect(world.store.usedBy('alice')).toBe(600);
    expect(world.leftovers()).toEqual(NOTHING_LEFT);
  });

  test('and was offered, can still be received', async () => {
    const world = new TransferWorld();
    const transfer = await world.offered();
    await world.ends(transfer, cause, 600);
    expect(world.record(transfer)).toMatchObject({ ingest: 'partial', delivery: 'offered' });
    await world.receive(transfer);
    world.media.deliveryEnds(transfer, 'complete', 600);
    await world.pass(0);
    expect(world.parties.last(ALICE, 'transfer-complete')).toMatchObject({
      ...expected,
      delivered: 600,
    });
    expect(world.leftovers()).toEqual(NOTHING_LEFT);
  });

  test('with nothing stored, has failed and holds nothing', async () => {
    const world = new TransferWorld();
    const transfer = await world.confirmed();
    await world.ends(transfer, cause, 0);
    expect(world.parties.last(BOB, 'transfer-complete')).toMatchObject({
      ...expected,
      state: 'failed',
      stored: 0,
    });
    expect(world.recorder.attempts).toBe(0);
    expect(world.store.usedBy('alice')).toBe(0);
    expect(world.leftovers()).toEqual(NOTHING_LEFT);
  });
});

describe('a stream', () => {
  const stream = async (cause: IngestEndCause): Promise<string> => {
    const world = new TransferWorld();
    const transfer = await world.confirmed({
      format: 'audio/PCMA',
      sdp: voiceOffer('sendonly'),
    });
    await world.progress(transfer, 1_600, { seconds: 0.2 });
    await world.ends(transfer, cause, 8_000);
    return world.parties.last(BOB, 'transfer-complete').state;
  };

  test.each<[IngestEndCause, string]>([
    ['complete', 'complete'],
    ['bye', 'complete'],
    ['idle', 'partial'],
    ['stopped', 'partial'],
    ['disk', 'partial'],
    ['limit', 'partial'],
  ])('that ends with %s is %s', async (cause, state) => {
    expect(await stream(cause)).toBe(state);
  });
});

test('a second end of the same ingest changes nothing', async () => {
  const world = new TransferWorld();
  const transfer = await world.confirmed();
  await world.ends(transfer, 'complete', SIZE);
  const said = world.parties.said.length;
  world.media.emit({
    type: 'ingest-ended',
    transfer,
    cause: 'stopped',
    stored: 1,
    reception: CLEAN,
  });
  await world.pass(0);
  expect(world.parties.said).toHaveLength(said);
  expect(world.record(transfer).ingest).toBe('complete');
});
