import { describe, expect, test } from '@jest/globals';
import { ALICE, BOB, CAROL, PIN, TransferWorld } from '../../support/transfer-world.ts';

describe('a sender who will add its data to the call', () => {
  test('is told that the prompt is good, by its token, and the prompt is not used up', async () => {
    const world = new TransferWorld();
    const { transfer, token, expires } = await world.prompted();
    for (const id of ['s1', 's2']) {
      await world.say({ type: 'send-request', id, transfer, token }, BOB);
      expect(world.parties.last(BOB, 'send-confirmation')).toEqual({
        type: 'send-confirmation',
        re: id,
        transfer,
        token,
        expires,
      });
    }
    await world.say(world.storeRequest({ transfer, token }), BOB);
    expect(world.parties.last(BOB, 'store-confirmation').transfer).toBe(transfer);
  });

  test('may type the code, and need not know the transfer', async () => {
    const world = new TransferWorld();
    const { transfer, token, code } = await world.prompted();
    const typed = `${code.slice(0, 4).toLowerCase()}-${code.slice(4)}`;
    await world.say({ type: 'send-request', id: 's1', token: typed }, BOB);
    expect(world.parties.last(BOB, 'send-confirmation')).toMatchObject({ transfer, token });
  });

  test('is somebody else: refused, as is a wrong code', async () => {
    const world = new TransferWorld();
    const { code } = await world.prompted();
    await world.say({ type: 'send-request', id: 's1', token: code }, CAROL);
    await world.say({ type: 'send-request', id: 's2', token: 'AAAAAAAA' }, BOB);
    expect(world.parties.last(CAROL, 'error').code).toBe('unknown-prompt');
    expect(world.parties.last(BOB, 'error').code).toBe('unknown-prompt');
  });

  test('comes too late', async () => {
    const world = new TransferWorld();
    const { transfer, token } = await world.prompted();
    await world.cancel(transfer, ALICE);
    await world.say({ type: 'send-request', id: 's1', transfer, token }, BOB);
    expect(world.parties.last(BOB, 'error').code).toBe('prompt-expired');
  });
});

describe('without an id, the newest of the party is meant', () => {
  const ask = async (world: TransferWorld, transfer?: string): Promise<string> => {
    const id = world.nextId();
    const named = transfer === undefined ? {} : { transfer };
    await world.say({ type: 'status-request', id, ...named }, ALICE);
    const status = world.parties.heard(ALICE, 'transfer-status').find(({ re }) => re === id);
    return status?.transfer ?? world.parties.last(ALICE, 'error').code;
  };

  test('or the one whose id begins like that', async () => {
    const world = new TransferWorld();
    expect(await ask(world)).toBe('unknown-prompt');
    const first = await world.prompted({ maxBytes: 1_000 });
    const second = await world.prompted({ maxBytes: 1_000 });
    expect(await ask(world)).toBe(second.transfer);
    expect(await ask(world, first.transfer.slice(0, 6))).toBe(first.transfer);
    expect(await ask(world, '')).toBe('unknown-prompt');
  });

  test('also by its subscriber outside of the call, but by no other', async () => {
    const world = new TransferWorld();
    const { transfer } = await world.prompted();
    await world.say({ type: 'cancel', id: 'c1' }, { number: 'carol' });
    expect(world.record(transfer).ingest).toBe('prompted');
    await world.say({ type: 'cancel', id: 'c2' }, { number: 'alice' });
    expect(world.record(transfer).ingest).toBe('cancelled');
  });
});

test('a wrong password is one of five, whatever it is for', async () => {
  const world = new TransferWorld();
  for (let index = 0; index < 5; index++)
    await world.say({ type: 'list-request', id: `l${index}`, password: 'wrong' }, ALICE);
  await world.say({ type: 'list-request', id: 'l5', password: PIN }, ALICE);
  expect(world.parties.heard(ALICE, 'error').map(({ code }) => code)).toEqual([
    ...Array.from({ length: 5 }, () => 'not-authorized'),
    'too-many-attempts',
  ]);
});
