import { describe, expect, test } from '@jest/globals';
import type { ReceiveRequest } from '../../../src/incall/commands.ts';
import { FAILURES_MAX } from '../../../src/transfers/attempts.ts';
import { fileOffer, voiceOffer } from '../../support/sdp-texts.ts';
import {
  ALICE,
  BOB,
  CAROL,
  NOTHING_LEFT,
  PIN,
  SIZE,
  TransferWorld,
} from '../../support/transfer-world.ts';

const request = (
  world: TransferWorld,
  transfer: string,
  with_: Partial<ReceiveRequest> = {},
): ReceiveRequest => ({
  type: 'receive-request',
  id: world.nextId(),
  transfer,
  sdp: fileOffer('recvonly'),
  ...with_,
});

describe('the legitimate receiver (M11)', () => {
  test('proves itself by the token of the offer', async () => {
    const world = new TransferWorld();
    const transfer = await world.delivering();
    expect(world.record(transfer).delivery).toBe('delivering');
  });

  test('or by the storage password, from another phone', async () => {
    const world = new TransferWorld();
    const transfer = await world.offered();
    await world.say(request(world, transfer, { password: PIN }), CAROL);
    expect(world.parties.heard(CAROL, 'receive-confirmation')).toHaveLength(1);
    world.media.deliveryEnds(transfer, 'complete', SIZE);
    await world.ends(transfer, 'complete', SIZE);
    expect(world.parties.last(CAROL, 'transfer-complete').state).toBe('complete');
    expect(world.parties.heard(ALICE, 'transfer-complete')).toEqual([]);
  });

  test('may begin where the sender is now', async () => {
    const world = new TransferWorld();
    const transfer = await world.offered();
    await world.receive(transfer, { from: 'live' });
    expect(world.media.deliveries.get(transfer)?.terms?.from).toBe('live');
  });
});

describe('a receive request is refused, and nothing is sent', () => {
  const refused = async (
    with_: Partial<ReceiveRequest>,
    world = new TransferWorld(),
  ): Promise<unknown> => {
    const transfer = await world.offered();
    const said = request(world, transfer, with_);
    await world.say(said, CAROL);
    expect(world.media.deliveries.size).toBe(0);
    expect(world.record(transfer).delivery).toBe('offered');
    const { re, code, status } = world.parties.last(CAROL, 'error');
    expect(re).toBe(said.id);
    return { code, status };
  };
  const stranger = { code: 'not-the-receiver', status: 403 };

  test('without proof', async () => {
    expect(await refused({})).toEqual(stranger);
  });

  test('with a wrong token', async () => {
    expect(await refused({ token: 'f'.repeat(32) })).toEqual(stranger);
  });

  test('with a token of other characters but the same length', async () => {
    const world = new TransferWorld();
    expect(await refused({ token: 'é'.repeat(32) }, world)).toEqual(stranger);
    expect(world.log.errors).toEqual([]);
  });

  test('with a wrong password', async () => {
    expect(await refused({ password: 'guess' })).toEqual(stranger);
  });

  test('with an offer of something else', async () => {
    const world = new TransferWorld();
    const sdp = voiceOffer('recvonly');
    expect(await refused({ password: PIN, sdp }, world)).toMatchObject({
      code: 'format-not-allowed',
    });
  });
});

test('five wrong proofs, and the right password is not looked at', async () => {
  const world = new TransferWorld();
  const transfer = await world.offered();
  for (let time = 0; time < FAILURES_MAX; time++)
    await world.say(request(world, transfer, { token: 'x' }), CAROL);
  await world.say(request(world, transfer, { password: PIN }), CAROL);
  expect(world.parties.last(CAROL, 'error').code).toBe('too-many-attempts');
});

describe('there is nothing to receive', () => {
  test.each<[string, (world: TransferWorld) => Promise<string>]>([
    ['of a transfer nobody knows', async () => 'unknown'],
    ['before the threshold', (world) => world.confirmed()],
    ['when it comes already', (world) => world.delivering()],
  ])('%s', async (_name, prepare) => {
    const world = new TransferWorld();
    const transfer = await prepare(world);
    await world.say(request(world, transfer, { password: PIN }), ALICE);
    expect(world.parties.last(ALICE, 'error').code).toBe('not-ready');
  });
});

describe('an offer', () => {
  test('expires after its time; what comes in is stored all the same', async () => {
    const world = new TransferWorld();
    const transfer = await world.offered();
    await world.pass(59_999);
    expect(world.record(transfer).delivery).toBe('offered');
    await world.pass(1);
    expect(world.record(transfer).delivery).toBe('left');
    await world.ends(transfer, 'complete', SIZE);
    expect(world.parties.last(ALICE, 'transfer-complete').state).toBe('complete');
    expect(world.leftovers()).toEqual(NOTHING_LEFT);
  });

  test('is made at the end when the threshold was never reached', async () => {
    const world = new TransferWorld();
    const transfer = await world.confirmed();
    await world.ends(transfer, 'complete', SIZE);
    expect(world.parties.heard(ALICE, 'receive-offer')).toHaveLength(1);
    expect(world.parties.last(BOB, 'transfer-complete').state).toBe('complete');
    await world.receive(transfer);
    world.media.deliveryEnds(transfer, 'complete', SIZE);
    await world.pass(0);
    expect(world.record(transfer)).toMatchObject({ ingest: 'complete', delivery: 'delivered' });
  });

  test('is made once', async () => {
    const world = new TransferWorld();
    const transfer = await world.offered();
    await world.progress(transfer, 500);
    await world.ends(transfer, 'complete', SIZE);
    expect(world.parties.heard(ALICE, 'receive-offer')).toHaveLength(1);
  });
});

describe('a delivery that can not be started', () => {
  test.each(['openDelivery', 'startDelivery'])(
    '%s fails: busy, and it stays in the storage',
    async (verb) => {
      const world = new TransferWorld();
      const transfer = await world.offered();
      world.media.failures.fail(verb, new Error('no port'));
      await world.receive(transfer);
      expect(world.parties.last(ALICE, 'error').code).toBe('busy');
      await world.ends(transfer, 'complete', SIZE);
      expect(world.record(transfer)).toMatchObject({ ingest: 'complete', delivery: 'left' });
      expect(world.leftovers()).toEqual(NOTHING_LEFT);
    },
  );
});

test('a receiver that can not be reached any more ends the delivery only', async () => {
  const world = new TransferWorld();
  const transfer = await world.delivering();
  world.media.deliveryEnds(transfer, 'unreachable', 100);
  await world.pass(0);
  expect(world.record(transfer)).toMatchObject({ ingest: 'storing', delivery: 'left' });
  await world.ends(transfer, 'complete', SIZE);
  expect(world.parties.last(ALICE, 'transfer-complete')).toMatchObject({
    state: 'complete',
    delivered: 100,
  });
});

test('nothing is said to anybody after the last word', async () => {
  const world = new TransferWorld();
  const transfer = await world.delivering();
  world.media.deliveryEnds(transfer, 'complete', SIZE);
  await world.ends(transfer, 'complete', SIZE);
  const said = world.parties.said.length;
  world.clock.ms += 5_000;
  world.media.delivered(transfer, SIZE);
  await world.progress(transfer, SIZE);
  expect(world.parties.said).toHaveLength(said);
});

test('… also when something was reported on the way to it', async () => {
  const world = new TransferWorld();
  const transfer = await world.confirmed();
  await world.progress(transfer, 1);
  const discard = world.recorder.discardSpool.bind(world.recorder);
  world.recorder.discardSpool = async (id) => {
    world.clock.ms += 5_000;
    world.media.progress(id, 2);
    await discard(id);
  };
  await world.cancel(transfer, BOB);
  for (const party of [ALICE, BOB]) {
    const types = world.parties.to(party).map(({ type }) => type);
    expect(types.slice(types.indexOf('transfer-complete') + 1)).not.toContain('receive-offer');
    const statuses = world.parties.heard(party, 'transfer-status').slice(-1);
    expect(statuses).not.toContainEqual(expect.objectContaining({ stored: 2 }));
  }
});
