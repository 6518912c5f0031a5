import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { Membership } from '../../../src/nodes/membership.ts';
import { LmdbState } from '../../../src/state/lmdb-state.ts';
import { FixedClock } from '../../support/fixed-clock.ts';
import { RecordingLog } from '../../support/recording-log.ts';

const LEASE_MS = 9_000;

let folder: string;
let clock: FixedClock;
let state: LmdbState;
let log: RecordingLog;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'midcall-nodes-'));
  clock = new FixedClock();
  state = LmdbState.open(folder, clock);
  log = new RecordingLog();
});
afterEach(async () => {
  await state.close();
  rmSync(folder, { recursive: true, force: true });
});

const joined = async (node: string, holder = node): Promise<Membership> => {
  const joined = await Membership.join({ state, clock, log, leaseMs: LEASE_MS }, { node, holder });
  if (joined === undefined) throw new Error(`${node} is taken`);
  return joined;
};

test('a name is taken until its lease is over', async () => {
  await joined('a');
  await expect(joined('a', 'other')).rejects.toThrow('taken');
  clock.ms += LEASE_MS;
  await joined('a', 'other');
});

test('a beat keeps the lease up; what a node says of itself is seen by the others', async () => {
  const [a, b] = [await joined('a'), await joined('b')];
  clock.ms += LEASE_MS - 1;
  await a.announce('sip:192.0.2.1');
  clock.ms += 1;
  expect(await b.find('a')).toMatchObject({ node: 'a', uri: 'sip:192.0.2.1' });
  expect(await a.find('b')).toBeUndefined();
});

test('one that came back fences its earlier process', async () => {
  const before = await joined('a');
  const after = await joined('a');
  await before.beat();
  await before.lost;
  await before.leave();
  expect(await after.find('a')).toEqual(after.lease);
  expect(log.named('node.fenced')).toHaveLength(1);
});

test('nodes that die, that leave and that begin anew are named, each once', async () => {
  const gone: string[] = [];
  const a = await joined('a');
  a.start((node) => gone.push(node));
  const left = await joined('left');
  for (const node of ['dead', 'back']) await joined(node);
  await a.beat();
  expect(gone).toEqual([]);
  await left.leave();
  await joined('back');
  await a.beat();
  expect(gone).toEqual(['back', 'left']);
  clock.ms += LEASE_MS;
  await a.beat();
  await a.beat();
  expect(gone).toEqual(['back', 'left', 'back', 'dead']);
  await a.leave();
});

test('a store that is away is asked again', async () => {
  const a = await joined('a');
  await state.close();
  await a.beat();
  expect(log.named('node.not-renewed')).toHaveLength(1);
});
