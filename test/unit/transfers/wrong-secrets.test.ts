import { describe, expect, test } from '@jest/globals';
import { FAILURES_MAX, IGNORED_MS } from '../../../src/transfers/attempts.ts';
import { CHECKS_WAITING_MAX } from '../../../src/transfers/secrets.ts';
import type { Party } from '../../../src/transfers/ports.ts';
import { ALICE, BOB, CAROL, PIN, TransferWorld } from '../../support/transfer-world.ts';

const ask = (
  world: TransferWorld,
  password: string,
  options: { from?: Party; receiver?: string } = {},
): Promise<void> => {
  const { from = ALICE, ...receiver } = options;
  const id = world.nextId();
  return world.say({ type: 'storage-instruction', id, password, maxBytes: 1, ...receiver }, from);
};

const codesTo = (world: TransferWorld, party: Party): readonly string[] =>
  world.parties.heard(party, 'error').map(({ code }) => code);

const guess = async (world: TransferWorld, times: number): Promise<void> => {
  for (let time = 0; time < times; time++) await ask(world, 'wrong');
};

describe('wrong passwords', () => {
  test('five, and the party is ignored for 15 minutes, right password or not', async () => {
    const world = new TransferWorld();
    await guess(world, FAILURES_MAX);
    await ask(world, PIN);
    expect(codesTo(world, ALICE)).toEqual([
      ...Array.from({ length: FAILURES_MAX }, () => 'not-authorized'),
      'too-many-attempts',
    ]);
    world.clock.ms += IGNORED_MS;
    await ask(world, PIN);
    expect(world.parties.heard(ALICE, 'storage-prompt')).toHaveLength(1);
  });

  test('four do not', async () => {
    const world = new TransferWorld();
    await guess(world, FAILURES_MAX - 1);
    await ask(world, PIN);
    expect(world.parties.heard(ALICE, 'storage-prompt')).toHaveLength(1);
  });

  test('of one party do not keep another one out', async () => {
    const world = new TransferWorld();
    await guess(world, FAILURES_MAX);
    await ask(world, PIN, { from: CAROL });
    expect(world.parties.heard(CAROL, 'storage-prompt')).toHaveLength(1);
  });

  test('are not cleared by the right one of the guesser’s own account', async () => {
    const world = new TransferWorld();
    for (let time = 0; time < FAILURES_MAX; time++) {
      await ask(world, PIN);
      await ask(world, 'guess', { receiver: 'carol' });
    }
    await ask(world, PIN, { receiver: 'carol' });
    expect(codesTo(world, ALICE).at(-1)).toBe('too-many-attempts');
  });

  test('said all at once are counted all the same', async () => {
    let looked = 0;
    const passwords = {
      verify: async () => {
        looked += 1;
        return { match: false };
      },
    };
    const world = new TransferWorld({ passwords });
    await Promise.all(Array.from({ length: CHECKS_WAITING_MAX }, () => ask(world, 'wrong')));
    expect(looked).toBe(FAILURES_MAX);
  });
});

test('secrets of one party that wait are limited; one more is told to come back', async () => {
  const world = new TransferWorld();
  await Promise.all(Array.from({ length: CHECKS_WAITING_MAX }, () => ask(world, PIN)));
  expect(world.parties.heard(ALICE, 'storage-prompt')).toHaveLength(CHECKS_WAITING_MAX);
  await Promise.all(Array.from({ length: CHECKS_WAITING_MAX + 1 }, () => ask(world, PIN)));
  expect(codesTo(world, ALICE)).toEqual(['busy']);
  expect(world.log.named('secret.queue-full')).toHaveLength(1);
});

test('wrong codes count like wrong passwords', async () => {
  const world = new TransferWorld();
  const prompt = await world.prompted();
  for (let time = 0; time < FAILURES_MAX; time++)
    await world.say(world.storeRequest({ ...prompt, token: `AAAA000${time}` }), BOB);
  await world.say(world.storeRequest(prompt), BOB);
  expect(codesTo(world, BOB)).toEqual([
    ...Array.from({ length: FAILURES_MAX }, () => 'unknown-prompt'),
    'too-many-attempts',
  ]);
});
