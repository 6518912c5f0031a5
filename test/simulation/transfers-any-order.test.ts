import { expect, test } from '@jest/globals';
import type { InCallEvent } from '../../src/incall/events.ts';
import type { Party } from '../../src/transfers/ports.ts';
import { DELIVERY, INGEST } from '../../src/transfers/tables.ts';
import { TransferChaos } from '../support/transfer-chaos.ts';
import type { TransferWorld } from '../support/transfer-world.ts';

const SEEDS = 1_000;
const STEPS = 40;
/** A seed to look at: `MIDCALL_SEED=42 npx jest test/simulation/transfers-any-order.test.ts`. */
const only = process.env['MIDCALL_SEED'];
const seeds =
  only === undefined ? Array.from({ length: SEEDS }, (_, seed) => seed + 1) : [Number(only)];

const keyOf = (said: { party: Party; event: InCallEvent }): string =>
  `${said.party.number} in ${said.party.leg?.call}: ${'transfer' in said.event ? said.event.transfer : ''}`;

/** Who stores into its own storage has two sides of a transfer, and a last word for each. */
function sidesOf(world: TransferWorld, key: string): number {
  const events = world.parties.said.filter((said) => keyOf(said) === key);
  const isSender = events.some(({ event }) => event.type === 'store-confirmation');
  const isReceiver = events.some(
    ({ event }) =>
      event.type === 'receive-confirmation' ||
      event.type === 'receive-offer' ||
      (event.type === 'storage-prompt' && event.re !== undefined),
  );
  return isSender && isReceiver ? 2 : 1;
}

/** What a party was told of a transfer after its last word, other than answers to what it said. */
function afterLastWord(world: TransferWorld): string[] {
  const over = new Map<string, number>();
  const faults: string[] = [];
  for (const said of world.parties.said) {
    const key = keyOf(said);
    const isLast = said.event.type === 'transfer-complete';
    const isAsked = 're' in said.event && said.event.re !== undefined;
    // A sender is told how the delivery goes on after its own side is over.
    const isStatus = said.event.type === 'transfer-status';
    const lastWords = over.get(key) ?? 0;
    if (lastWords > 0 && !isAsked && !isStatus && lastWords >= sidesOf(world, key))
      faults.push(`${said.event.type} again: ${key}`);
    if (isLast) over.set(key, lastWords + 1);
  }
  return faults;
}

/** Each transfer in exactly one terminal state. */
const unfinished = (world: TransferWorld): string[] =>
  [...world.store.records.values()].flatMap(({ id, ingest, delivery }) => {
    const isOpen = Object.keys(INGEST[ingest]).length + Object.keys(DELIVERY[delivery]).length > 0;
    return isOpen ? [`not over: ${id} ${ingest}/${delivery}`] : [];
  });

/** The ledger of space holds the objects that are kept, and nothing else. */
function wrongSpace(world: TransferWorld): string[] {
  const kept = [...world.store.records.values()].filter(
    ({ ingest }) => ingest === 'complete' || ingest === 'partial',
  );
  const expected = kept.map(({ id, account, object }) => `${account} ${id} ${object?.size}`);
  const held = [...world.store.held].flatMap(([account, holdings]) =>
    [...holdings].map(([id, bytes]) => `${account} ${id} ${bytes}`),
  );
  return [
    ...expected.filter((holding) => !held.includes(holding)).map((one) => `not held: ${one}`),
    ...held.filter((holding) => !expected.includes(holding)).map((one) => `held: ${one}`),
  ];
}

/** Every command got an answer, and one answer each time it was said. */
function answersOf(chaos: TransferChaos): string[] {
  const answers = new Map<string, number>();
  for (const world of chaos.worlds)
    for (const { party, event } of world.parties.said)
      if ('re' in event && event.re !== undefined) {
        const key = JSON.stringify([party, event.re]);
        answers.set(key, (answers.get(key) ?? 0) + 1);
      }
  return chaos.said.flatMap(({ command, from, times }) => {
    const count = answers.get(JSON.stringify([from, command.id])) ?? 0;
    const most = command.type === 'receive-request' ? times + 1 : times;
    const least = command.type === 'end-of-data' ? 0 : 1;
    const isRight = count >= least && count <= most;
    return isRight ? [] : [`${command.type} said ${times} times, answered ${count} times`];
  });
}

async function faultsOf(seed: number): Promise<string[]> {
  const chaos = new TransferChaos(seed);
  await chaos.run(STEPS);
  const drained = await chaos.drain();
  const { world } = chaos;
  const { live, ingests, deliveries, spools } = world.leftovers();
  return [
    ...(drained ? [] : ['not drained']),
    ...[live, ingests, deliveries].flatMap((count) =>
      count === 0 ? [] : [`left: ${String(count)}`],
    ),
    // What a crash leaves of a transfer that is over is for whoever scans the spools at the start.
    ...(spools === 0 || chaos.worlds.length > 1 ? [] : [`spools left: ${String(spools)}`]),
    ...chaos.worlds.flatMap(afterLastWord),
    ...unfinished(world),
    ...wrongSpace(world),
    ...answersOf(chaos),
  ];
}

test(`in any order of ${STEPS} events, every transfer ends once and the space adds up`, async () => {
  const failures: Record<number, string[]> = {};
  for (const seed of seeds) {
    const faults = await faultsOf(seed);
    if (faults.length > 0) failures[seed] = faults;
    if (Object.keys(failures).length >= 5) break;
  }
  expect(failures).toEqual({});
}, 60_000);
