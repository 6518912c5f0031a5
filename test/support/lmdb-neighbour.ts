import { wallclock } from '../../src/base/units.ts';
import { LmdbState } from '../../src/state/lmdb-state.ts';
import { subscriber } from './transfer-records.ts';

/**
 * Another process on the same state: adds subscriber `neighbour`, then reserves ten bytes for each of a number of
 * transfers, and prints how often it succeeded. Arguments: folder, number.
 */
async function main(folder: string, count: number): Promise<void> {
  const state = LmdbState.open(folder, { wallclock: () => wallclock(0) });
  await state.addSubscriber(subscriber({ id: 'neighbour' }));
  const answers = await Promise.all(
    Array.from({ length: count }, (_, at) => state.reserveSpace('shared', `neighbour-${at}`, 10)),
  );
  process.stdout.write(String(answers.filter(({ ok }) => ok).length));
  await state.close();
}

void main(process.argv[2] ?? '', Number(process.argv[3]));
