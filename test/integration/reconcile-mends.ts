import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { wallclock } from '../../src/base/units.ts';
import type { ReconcileRig } from '../support/reconcile-rig.ts';
import { STARTED_AT } from '../support/rtp-spool.ts';
import { prompt, subscriber, transferRecord } from '../support/transfer-records.ts';

export interface OpenedRig {
  readonly rig: ReconcileRig;
  close(): Promise<void>;
}

const LONG_AGO = wallclock(STARTED_AT);

/** What the reconciler finds and mends on every pair of stores. */
export function reconcileMends(name: string, open: () => Promise<OpenedRig>): void {
  describe(`reconcile on ${name}`, () => {
    let opened: OpenedRig;
    let rig: ReconcileRig;
    beforeAll(async () => {
      opened = await open();
      rig = opened.rig;
      await rig.state.addSubscriber(subscriber({ id: 'alice', space: 100_000 }));
      for (const id of ['ok-1', 'ok-2']) await rig.stored(id);
      await rig.stored('ok-3', '+49 30');
    }, 160_000);
    afterAll(() => opened.close());

    test('nothing is wrong where nothing went wrong', async () => {
      await rig.state.issuePrompt(prompt({ transfer: 'ok-1' }));
      expect(await rig.found('all')).toEqual([]);
    });

    test('every kind of damage is found; all that leaves no doubt is mended', async () => {
      await plant(rig);
      const found = [
        'list-missing unlisted',
        'list-stale gone',
        'metadata-alone meta-only',
        'metadata-missing no-meta',
        'object-missing lost',
        'object-missing spooled',
        'object-size bigger',
        'object-unknown bare',
        'object-unknown foreign.txt',
        'object-unrecorded orphan',
        'prompt-overdue overdue',
        'record-forsaken forsaken',
        'record-unfinished unfinished',
        'record-waiting waiting',
        'removal-unfinished removing',
        'space-lost cancelled',
        'space-lost nobody',
        'space-wrong held-wrong',
        'spool-left left',
        'spool-unknown nonsense',
        'spool-unrecorded unrecorded',
      ];
      expect(await rig.found('none')).toEqual(found);
      expect(await rig.unmended('by-itself')).toEqual([
        'metadata-alone meta-only',
        'object-missing lost',
        'object-missing spooled',
        'object-size bigger',
        'object-unknown bare',
        'object-unknown foreign.txt',
        'spool-unknown nonsense',
      ]);
    });

    test('--fix mends the rest, but what only a person can judge; then there is nothing more to do', async () => {
      const left = [
        'object-size bigger',
        'object-unknown bare',
        'object-unknown foreign.txt',
        'spool-unknown nonsense',
      ];
      expect(await rig.unmended('all')).toEqual(left);
      // The spool from which an object was made again, now that it is there; and one that no platform carries here.
      const more = ['record-waiting waiting', 'spool-left spooled'];
      expect(await rig.found('all')).toEqual([...left, ...more].toSorted());
      expect(new Set(rig.takenUp)).toEqual(new Set(['unrecorded', 'waiting']));
    });

    test('what was mended is as it should be', async () => {
      const { state, objects } = rig;
      expect(await state.transfer('orphan')).toMatchObject({
        account: 'alice',
        ingest: 'complete',
        delivery: 'left',
        capacity: 100,
      });
      expect(await state.transfer('unfinished')).toMatchObject({ ingest: 'complete' });
      expect(await state.transfer('overdue')).toMatchObject({ ingest: 'expired' });
      expect(await state.transfer('forsaken')).toMatchObject({ ingest: 'failed' });
      expect(await state.transfer('removing')).toBeUndefined();
      const lost = await state.transfer('lost');
      expect(lost).toMatchObject({ ingest: 'complete', lostObject: { size: 100 } });
      expect(lost).not.toHaveProperty('object');
      const { transfers } = await state.transfersOf('alice', { limit: 100 });
      expect(transfers.map(({ id }) => id)).toEqual(expect.arrayContaining(['unlisted', 'orphan']));
      expect(await objects.stat('alice/spooled/data.bin')).toMatchObject({ size: 100 });
      const { held } = await state.holdings('alice');
      for (const id of ['overdue', 'forsaken', 'removing', 'lost', 'cancelled', 'nobody'])
        expect(held.has(id)).toBe(false);
      for (const id of ['orphan', 'unfinished', 'held-wrong', 'spooled'])
        expect(held.get(id)).toBe(100);
      expect(held.get('unrecorded')).toBe(100);
    });

    test('every end that it brought about is told outside, and no other change', async () => {
      const now = rig.clock.wallclock();
      const told = await rig.state.claimMail(now, now, 100);
      expect(told.map(({ mail }) => mail.id).toSorted()).toEqual([
        'forsaken.failed',
        'orphan.stored',
        'overdue.failed',
        'unfinished.stored',
      ]);
    });

    test('an object that comes back is its record’s again', async () => {
      await rig.spool('lost', 'alice');
      await rig.recorder.record('lost', 'alice');
      await rig.recorder.discardSpool('lost');
      rig.clock.ms += 1_000_000;
      expect(await rig.unmended('by-itself')).not.toContain('object-back lost');
      expect(await rig.state.transfer('lost')).toMatchObject({ object: { size: 100 } });
      expect((await rig.state.holdings('alice')).held.get('lost')).toBe(100);
    });

    test('what is put right by its own platform between the two looks is no finding', async () => {
      const { state } = rig;
      await state.resizeSpace('alice', 'ok-1', 7, 'settle');
      rig.meanwhile = async () => {
        await state.resizeSpace('alice', 'ok-1', 100, 'settle');
      };
      expect(await rig.found('all')).not.toContain('space-wrong ok-1');
      rig.meanwhile = () => Promise.resolve();
    });

    test('what is live here is left alone', async () => {
      await rig.state.resizeSpace('alice', 'ok-1', 7, 'settle');
      rig.live.add('ok-1');
      expect(await rig.found('all')).not.toContain('space-wrong ok-1');
      rig.live.delete('ok-1');
      expect(await rig.found('all')).toContain('space-wrong ok-1');
      expect(await rig.found('none')).not.toContain('space-wrong ok-1');
    });

    test('the timer says what it found, counts it, and does not reject when a store is away', async () => {
      await rig.reconciler.tend();
      const said = rig.log.named('reconcile.found').map(({ facts }) => String(facts?.['code']));
      expect(said.length).toBeGreaterThan(0);
      const { counts } = rig.reconciler;
      expect(counts).toMatchObject({ runs: 1, failed: 0, endedAt: rig.clock.wallclock() });
      expect(new Set([...counts.mended.keys(), ...counts.left.keys()])).toEqual(new Set(said));
    });
  });
}

/** One of each kind. */
async function plant(rig: ReconcileRig): Promise<void> {
  const { state, objects, recorder } = rig;
  const put = (with_: Partial<ReturnType<typeof transferRecord>>): Promise<boolean> =>
    state.putTransfer(transferRecord({ createdAt: LONG_AGO, changedAt: LONG_AGO, ...with_ }));
  await state.unlist('alice', await rig.stored('unlisted'));
  await put({ id: 'gone' });
  await state.removeTransfer('gone');
  await state.relist(
    transferRecord({ id: 'gone', createdAt: LONG_AGO, ingest: 'failed', delivery: 'left' }),
  );
  const metaOnly = await rig.stored('meta-only');
  await objects.remove(metaOnly.object.key);
  await state.removeTransfer('meta-only');
  await state.releaseSpace('alice', 'meta-only');
  await rig.stored('no-meta');
  await objects.remove('alice/no-meta/metadata.json');
  for (const id of ['lost', 'spooled']) await objects.remove((await rig.stored(id)).object.key);
  await rig.spool('spooled', 'alice');
  const bigger = await rig.stored('bigger');
  await objects.put(bigger.object.key, bytes(101), { contentType: 'text/plain' });
  await objects.put('alice/bare/data.bin', bytes(1), { contentType: 'text/plain' });
  await objects.put('foreign.txt', bytes(1), { contentType: 'text/plain' });
  await rig.stored('orphan');
  await state.removeTransfer('orphan');
  await put({ id: 'overdue' });
  await state.reserveSpace('alice', 'overdue', 100);
  await put({ id: 'forsaken', ingest: 'storing' });
  await state.reserveSpace('alice', 'forsaken', 100);
  await rig.spool('unfinished', 'alice');
  await recorder.record('unfinished', 'alice');
  await recorder.discardSpool('unfinished');
  await put({ id: 'unfinished', ingest: 'settling', kind: 'file' });
  await rig.spool('waiting', 'alice');
  await put({ id: 'waiting', ingest: 'storing', kind: 'file' });
  await state.reserveSpace('alice', 'waiting', 100);
  const removing = await rig.stored('removing');
  await state.putTransfer({ ...removing, version: 2, deletedAt: LONG_AGO });
  await put({ id: 'cancelled', ingest: 'cancelled', delivery: 'left' });
  for (const id of ['cancelled', 'nobody']) await state.reserveSpace('alice', id, 10);
  await rig.stored('held-wrong');
  await state.resizeSpace('alice', 'held-wrong', 4_000, 'settle');
  await rig.stored('left');
  await rig.spool('left', 'alice');
  await rig.spool('unrecorded', 'alice');
  await rig.nonsense('nonsense');
}

async function* bytes(count: number): AsyncIterable<Uint8Array> {
  yield await Promise.resolve(Buffer.alloc(count));
}
