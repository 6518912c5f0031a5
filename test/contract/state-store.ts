import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { wallclock } from '../../src/base/units.ts';
import type { CallPlace, NodeLease, StateStore } from '../../src/state/state-store.ts';
import type { SpaceAnswer } from '../../src/transfers/store.ts';
import type { FixedClock } from '../support/fixed-clock.ts';
import { binding, prompt, subscriber, transferRecord } from '../support/transfer-records.ts';

/** A store of its own for one suite, and the clock it was given. */
export interface OpenedStateStore {
  readonly store: StateStore;
  readonly clock: FixedClock;
  close(): Promise<void>;
}

const TAKERS = 100;
const HOUR_MS = 3_600_000;

const times = <T>(count: number, make: (at: number) => Promise<T>): Promise<T[]> =>
  Promise.all(Array.from({ length: count }, (_, at) => make(at)));

/** What every adapter of `StateStore` must do, races included. Each test has accounts and transfers of its own. */
export function stateStoreContract(name: string, open: () => Promise<OpenedStateStore>): void {
  describe(`state store: ${name}`, () => {
    let opened: OpenedStateStore;
    let store: StateStore;
    beforeAll(async () => {
      opened = await open();
      store = opened.store;
    });
    afterAll(() => opened.close());

    describe('subscribers', () => {
      test('are added once, found, listed and removed', async () => {
        const alice = subscriber({ id: 'sub-a', threshold: { percent: 30 } });
        expect(await store.addSubscriber(alice)).toBe(true);
        expect(await store.addSubscriber({ ...alice, space: 5 })).toBe(false);
        expect(await store.subscriber('sub-a')).toEqual(alice);
        expect(await store.subscribers()).toContainEqual(alice);
        expect(await store.removeSubscriber('sub-a')).toBe(true);
        expect(await store.removeSubscriber('sub-a')).toBe(false);
        expect(await store.subscriber('sub-a')).toBeUndefined();
        expect((await store.subscribers()).map(({ id }) => id)).not.toContain('sub-a');
      });

      test('one of a hundred adds at once succeeds', async () => {
        const added = await times(TAKERS, (at) =>
          store.addSubscriber(subscriber({ id: 'sub-race', space: at })),
        );
        expect(added.filter(Boolean)).toHaveLength(1);
      });

      test('rehash replaces the password only', async () => {
        await store.addSubscriber(subscriber({ id: 'sub-h' }));
        await store.rehash('sub-h', 'new');
        expect(await store.subscriber('sub-h')).toEqual(
          subscriber({ id: 'sub-h', storagePassword: 'new' }),
        );
        await store.rehash('sub-none', 'new');
        expect(await store.subscriber('sub-none')).toBeUndefined();
      });
    });

    describe('space', () => {
      const account = async (id: string, space = 1_000): Promise<string> => {
        await store.addSubscriber(subscriber({ id, space }));
        return id;
      };

      test('n bytes fit, n + 1 do not', async () => {
        const id = await account('space-limit');
        expect(await store.reserveSpace(id, 't', 1_001)).toEqual({ ok: false, free: 1_000 });
        expect(await store.reserveSpace(id, 't', 1_000)).toEqual({ ok: true, free: 0 });
        expect(await store.reserveSpace(id, 'u', 1)).toEqual({ ok: false, free: 0 });
        expect(await store.reserveSpace(id, 'v', 0)).toEqual({ ok: true, free: 0 });
        expect(await store.usage(id)).toEqual({ space: 1_000, used: 1_000, free: 0 });
      });

      test('a repeated reservation changes nothing', async () => {
        const id = await account('space-repeat');
        await store.reserveSpace(id, 't', 400);
        expect(await store.reserveSpace(id, 't', 700)).toEqual({ ok: true, free: 600 });
        expect(await store.usage(id)).toMatchObject({ used: 400 });
      });

      test('resize: shrinks always, grows within the space, settles beyond it', async () => {
        const id = await account('space-resize');
        await store.reserveSpace(id, 't', 400);
        expect(await store.resizeSpace(id, 't', 1_001, 'reserve')).toEqual({
          ok: false,
          free: 600,
        });
        expect(await store.resizeSpace(id, 't', 1_000, 'reserve')).toEqual({ ok: true, free: 0 });
        expect(await store.resizeSpace(id, 't', 1_300, 'settle')).toEqual({ ok: true, free: 0 });
        expect(await store.usage(id)).toEqual({ space: 1_000, used: 1_300, free: 0 });
        expect(await store.resizeSpace(id, 't', 1_200, 'reserve')).toEqual({ ok: true, free: 0 });
        expect(await store.resizeSpace(id, 't', 10, 'settle')).toEqual({ ok: true, free: 990 });
      });

      test('release gives back once', async () => {
        const id = await account('space-release');
        await store.reserveSpace(id, 't', 400);
        await store.reserveSpace(id, 'u', 100);
        await store.releaseSpace(id, 't');
        await store.releaseSpace(id, 't');
        await store.releaseSpace(id, 'never');
        expect(await store.usage(id)).toMatchObject({ used: 100 });
      });

      test('an unknown account has none', async () => {
        expect(await store.reserveSpace('nobody', 't', 1)).toEqual({ ok: false, free: 0 });
        expect(await store.usage('nobody')).toBeUndefined();
      });

      test('a hundred reservations at once never take more than there is', async () => {
        const id = await account('space-race');
        const answers = await times(TAKERS, (at) => store.reserveSpace(id, `t${at}`, 90));
        expect(answers.filter(({ ok }) => ok)).toHaveLength(11);
        expect(await store.usage(id)).toEqual({ space: 1_000, used: 990, free: 10 });
      });

      test('reservations, growth and releases at once leave what they say they leave', async () => {
        const id = await account('space-churn');
        const kept = await times(TAKERS, async (at): Promise<SpaceAnswer | undefined> => {
          const reserved = await store.reserveSpace(id, `t${at}`, 20);
          const grown = reserved.ok && (await store.resizeSpace(id, `t${at}`, 40, 'reserve')).ok;
          if (at % 3 === 0 || !grown) await store.releaseSpace(id, `t${at}`);
          return at % 3 !== 0 && grown ? reserved : undefined;
        });
        const used = kept.filter((answer) => answer !== undefined).length * 40;
        expect(await store.usage(id)).toEqual({ space: 1_000, used, free: 1_000 - used });
      });

      test('one transfer reserved by many at once is reserved once', async () => {
        const id = await account('space-same');
        await times(TAKERS, () => store.reserveSpace(id, 't', 30));
        expect(await store.usage(id)).toMatchObject({ used: 30 });
      });

      test('what is held outlives the subscriber', async () => {
        const id = await account('space-again');
        await store.reserveSpace(id, 't', 300);
        await store.removeSubscriber(id);
        await account('space-again');
        expect(await store.usage(id)).toMatchObject({ used: 300 });
      });
    });

    describe('prompts', () => {
      test('are found by token and by code, and say when they were used', async () => {
        const issued = prompt({ token: 'p-1', code: 'PPPP0001' });
        await store.issuePrompt(issued);
        expect(await store.prompt('p-1')).toEqual(issued);
        expect(await store.prompt('PPPP0001')).toEqual(issued);
        expect(await store.prompt('PPPP0002')).toBeUndefined();
        expect(await store.takePrompt('p-1')).toBe(true);
        expect(await store.prompt('PPPP0001')).toEqual({ ...issued, used: true });
        expect(await store.takePrompt('p-1')).toBe(false);
        expect(await store.takePrompt('PPPP0001')).toBe(false);
        expect(await store.takePrompt('none')).toBe(false);
      });

      test('one of a hundred takers gets it', async () => {
        await store.issuePrompt(prompt({ token: 'p-race', code: 'PRACE001' }));
        const taken = await times(TAKERS, () => store.takePrompt('p-race'));
        expect(taken.filter(Boolean)).toHaveLength(1);
      });

      test('a code in use is not given to another', async () => {
        await store.issuePrompt(prompt({ token: 'p-first', code: 'PCODE001' }));
        const second = store.issuePrompt(prompt({ token: 'p-second', code: 'PCODE001' }));
        await expect(second).rejects.toMatchObject({ code: 'busy' });
        expect((await store.prompt('PCODE001'))?.token).toBe('p-first');
        expect(await store.prompt('p-second')).toBeUndefined();
      });

      test('are remembered for an hour after their end, then gone with their code', async () => {
        const { clock } = opened;
        const expiresAt = wallclock(clock.ms + 1_000);
        await store.issuePrompt(prompt({ token: 'p-old', code: 'PAOLD001', expiresAt }));
        clock.ms += HOUR_MS;
        await store.issuePrompt(
          prompt({ token: 'p-n1', code: 'PNEW0001', expiresAt: wallclock(clock.ms + 1_000) }),
        );
        expect(await store.prompt('p-old')).toBeDefined();
        clock.ms += 2_000;
        await untilGone(() => store.prompt('p-old'));
        expect(await store.prompt('PAOLD001')).toBeUndefined();
        expect(await store.prompt('p-n1')).toBeDefined();
      });
    });

    describe('transfers', () => {
      test('are compared and set by version', async () => {
        const record = transferRecord({ id: 'cas', size: 10, name: 'ä.txt' });
        expect(await store.putTransfer({ ...record, version: 2 })).toBe(false);
        expect(await store.putTransfer(record)).toBe(true);
        expect(await store.putTransfer(record)).toBe(false);
        expect(await store.putTransfer({ ...record, version: 3 })).toBe(false);
        expect(await store.putTransfer({ ...record, version: 2, stored: 5 })).toBe(true);
        expect(await store.transfer('cas')).toEqual({ ...record, version: 2, stored: 5 });
        expect(await store.transfer('none')).toBeUndefined();
      });

      test('one of a hundred changes of the same version succeeds', async () => {
        const record = transferRecord({ id: 'cas-race' });
        await store.putTransfer(record);
        const changed = await times(TAKERS, (at) =>
          store.putTransfer({ ...record, version: 2, stored: at }),
        );
        expect(changed.filter(Boolean)).toHaveLength(1);
        expect((await store.transfer('cas-race'))?.stored).toBe(changed.indexOf(true));
      });

      test('are listed newest first, page by page, also those of one instant', async () => {
        const ids = ['a', 'b', 'c', 'd', 'e', 'f', 'g'];
        for (const [at, id] of ids.entries()) {
          const createdAt = wallclock(5_000 + Math.floor(at / 3));
          await store.putTransfer(
            transferRecord({ id: `list-${id}`, account: 'lister', createdAt }),
          );
        }
        await store.putTransfer(transferRecord({ id: 'list-x', account: 'lister2' }));
        const seen: string[] = [];
        let cursor: string | undefined;
        let pages = 0;
        do {
          const page = await store.transfersOf('lister', {
            limit: 2,
            ...(cursor === undefined ? {} : { cursor }),
          });
          seen.push(...page.transfers.map(({ id }) => id));
          cursor = page.cursor;
          pages++;
        } while (cursor !== undefined);
        expect(seen).toEqual(ids.toReversed().map((id) => `list-${id}`));
        expect(pages).toBe(4);
      });

      test('a page that holds all has no cursor; a removed one at the cursor does no harm', async () => {
        for (const id of ['1', '2', '3']) {
          const createdAt = wallclock(Number(id));
          await store.putTransfer(
            transferRecord({ id: `page-${id}`, account: 'pager', createdAt }),
          );
        }
        const all = await store.transfersOf('pager', { limit: 3 });
        expect(all.transfers).toHaveLength(3);
        expect(all.cursor).toBeUndefined();
        const { cursor = '' } = await store.transfersOf('pager', { limit: 2 });
        await store.removeTransfer('page-2');
        const rest = await store.transfersOf('pager', { limit: 2, cursor });
        expect(rest.transfers.map(({ id }) => id)).toEqual(['page-1']);
        expect(await store.transfersOf('nobody', { limit: 2 })).toEqual({ transfers: [] });
      });

      test('a cursor of somebody else is a bad request', async () => {
        const paging = store.transfersOf('pager', { limit: 2, cursor: 'hello' });
        await expect(paging).rejects.toMatchObject({ code: 'bad-request' });
      });

      test('are open until ingest and delivery are over', async () => {
        const open = async (): Promise<boolean> =>
          (await store.openTransfers()).some(({ id }) => id === 'open-1');
        const record = transferRecord({ id: 'open-1' });
        await store.putTransfer(record);
        expect(await open()).toBe(true);
        await store.putTransfer({ ...record, version: 2, ingest: 'complete', delivery: 'offered' });
        expect(await open()).toBe(true);
        await store.putTransfer({ ...record, version: 3, ingest: 'complete', delivery: 'left' });
        expect(await open()).toBe(false);
        const tombstone = {
          ingest: 'complete',
          delivery: 'left',
          deletedAt: wallclock(1),
        } as const;
        await store.putTransfer({ ...record, version: 4, ...tombstone });
        expect(await open()).toBe(true);
      });

      test('are removed from every list', async () => {
        await store.putTransfer(transferRecord({ id: 'rm', account: 'remover' }));
        await store.removeTransfer('rm');
        await store.removeTransfer('rm');
        expect(await store.transfer('rm')).toBeUndefined();
        expect(await store.transfersOf('remover', { limit: 5 })).toEqual({ transfers: [] });
        expect((await store.openTransfers()).map(({ id }) => id)).not.toContain('rm');
      });
    });

    describe('for a comparison', () => {
      test('all accounts are named: with a subscriber, with space held, with a list', async () => {
        await store.addSubscriber(subscriber({ id: 'audit a/b' }));
        await store.resizeSpace('audit-space', 't', 5, 'settle');
        await store.putTransfer(transferRecord({ id: 'audit-1', account: 'audit-list' }));
        const names = await all(store.accounts());
        expect(names).toEqual(expect.arrayContaining(['audit a/b', 'audit-space', 'audit-list']));
        expect(new Set(names).size).toBe(names.length);
      });

      test('all records come, more than one page of them', async () => {
        const ids = Array.from({ length: 1_100 }, (_, at) => `many-${at}`);
        await Promise.all(
          ids.map((id) => store.putTransfer(transferRecord({ id, account: 'many' }))),
        );
        const records = await all(store.records());
        const found = new Set(records.map(({ id }) => id));
        expect(ids.filter((id) => !found.has(id))).toEqual([]);
        const listed = await all(store.listed('many'));
        expect(new Set(listed.map(({ id }) => id))).toEqual(new Set(ids));
        expect(listed).toHaveLength(ids.length);
      });

      test('an account’s list is its own', async () => {
        const record = transferRecord({ id: 'own-1', account: 'own', createdAt: wallclock(7) });
        await store.putTransfer(record);
        await store.putTransfer(transferRecord({ id: 'own-2', account: 'own2' }));
        expect(await all(store.listed('own'))).toEqual([{ id: 'own-1', createdAt: 7 }]);
        expect(await all(store.listed('nobody'))).toEqual([]);
      });

      test('what a list has lost is put back; what it names in vain is taken out', async () => {
        const record = transferRecord({ id: 'lost-1', account: 'loser', createdAt: wallclock(9) });
        await store.putTransfer(record);
        expect(await store.isListed(record)).toBe(true);
        await store.unlist('loser', { id: 'lost-1', createdAt: wallclock(8) });
        expect(await store.isListed(record)).toBe(true);
        await store.unlist('loser', record);
        await store.unlist('loser', record);
        expect(await store.isListed(record)).toBe(false);
        expect(await all(store.listed('loser'))).toEqual([]);
        expect((await all(store.records())).map(({ id }) => id)).toContain('lost-1');
        await store.relist(record);
        await store.relist(record);
        expect(await store.isListed(record)).toBe(true);
        const { transfers } = await store.transfersOf('loser', { limit: 5 });
        expect(transfers).toEqual([record]);
      });

      test('an open record that was put past the lists is found open once it is listed', async () => {
        const record = transferRecord({ id: 'lost-2', account: 'loser' });
        expect(await store.isListed(record)).toBe(false);
        await store.relist(record);
        await store.putTransfer(record);
        expect((await store.openTransfers()).map(({ id }) => id)).toContain('lost-2');
      });

      test('holdings are the sum and its parts; a recount changes nothing that is right', async () => {
        expect(await store.holdings('nobody')).toEqual({ used: 0, held: new Map() });
        await store.resizeSpace('holder', 't1', 2 ** 40, 'settle');
        await store.resizeSpace('holder', 't2', 3, 'settle');
        await store.resizeSpace('holder2', 't3', 9, 'settle');
        const held = new Map([
          ['t1', 2 ** 40],
          ['t2', 3],
        ]);
        expect(await store.holdings('holder')).toEqual({ used: 2 ** 40 + 3, held });
        await store.recountSpace('holder');
        expect(await store.holdings('holder')).toEqual({ used: 2 ** 40 + 3, held });
        await store.recountSpace('nobody');
        expect(await store.holdings('nobody')).toEqual({ used: 0, held: new Map() });
      });
    });

    describe('requests', () => {
      const later = (): ReturnType<typeof wallclock> => wallclock(opened.clock.ms + 1_000);

      test('are new once, pending until answered, then answered', async () => {
        expect(await store.beginRequest('r-a', 'm1', later())).toEqual({ state: 'new' });
        expect(await store.beginRequest('r-a', 'm1', later())).toEqual({ state: 'pending' });
        expect(await store.beginRequest('r-b', 'm1', later())).toEqual({ state: 'new' });
        await store.finishRequest('r-a', 'm1', '{"ok":1}');
        expect(await store.beginRequest('r-a', 'm1', later())).toEqual({
          state: 'answered',
          answer: '{"ok":1}',
        });
      });

      test('a hundred at once: one is new', async () => {
        const begun = await times(TAKERS, () => store.beginRequest('r-race', 'm', later()));
        expect(begun.filter(({ state }) => state === 'new')).toHaveLength(1);
      });

      test('party and id do not run together', async () => {
        await store.beginRequest('r-x', 'y:z', later());
        expect(await store.beginRequest('r-x:y', 'z', later())).toEqual({ state: 'new' });
      });

      test('one that expired is new again; an answer to none is dropped', async () => {
        await store.beginRequest('r-old', 'm', later());
        opened.clock.ms += 1_001;
        expect(await store.beginRequest('r-old', 'm', later())).toEqual({ state: 'new' });
        await store.finishRequest('r-none', 'm', 'x');
        expect(await store.beginRequest('r-none', 'm', later())).toEqual({ state: 'new' });
      });
    });

    describe('bindings', () => {
      const at = (ms: number): ReturnType<typeof wallclock> => wallclock(opened.clock.ms + ms);
      const contacts = async (id: string, ms = 0): Promise<readonly string[]> =>
        (await store.bindings(id, at(ms))).map(({ contact }) => contact);

      test('come newest first; a refresh replaces, and is the newest', async () => {
        for (const contact of ['sip:1', 'sip:2', 'sip:3']) {
          await store.putBinding('b-a', binding({ contact, expiresAt: at(1_000) }));
        }
        const refreshed = binding({
          contact: 'sip:1',
          path: ['<sip:edge.example;lr>'],
          cseq: 2,
          expiresAt: at(2_000),
        });
        await store.putBinding('b-a', refreshed);
        expect(await contacts('b-a')).toEqual(['sip:1', 'sip:3', 'sip:2']);
        expect((await store.bindings('b-a', at(0)))[0]).toEqual(refreshed);
        expect(await contacts('b-a', 1_000)).toEqual(['sip:1']);
        expect(await contacts('b-a', 2_000)).toEqual([]);
      });

      test('are removed one by one, or with their subscriber', async () => {
        await store.addSubscriber(subscriber({ id: 'b-b' }));
        await store.putBinding('b-b', binding({ contact: 'sip:1', expiresAt: at(1_000) }));
        await store.putBinding('b-b', binding({ contact: 'sip:2', expiresAt: at(1_000) }));
        await store.putBinding('b-bb', binding({ contact: 'sip:3', expiresAt: at(1_000) }));
        await store.removeBinding('b-b', 'sip:1');
        await store.removeBinding('b-b', 'sip:1');
        expect(await contacts('b-b')).toEqual(['sip:2']);
        await store.removeSubscriber('b-b');
        expect(await contacts('b-b')).toEqual([]);
        expect(await contacts('b-bb')).toEqual(['sip:3']);
      });

      test('a contact may be as long as a message', async () => {
        const contact = `sip:${'x'.repeat(5_000)}@192.0.2.1`;
        await store.putBinding('b-long', binding({ contact, expiresAt: at(1_000) }));
        expect(await contacts('b-long')).toEqual([contact]);
      });
    });

    describe('nodes', () => {
      const TTL_MS = 10_000;
      const candidate = (with_: Partial<NodeLease> = {}): Omit<NodeLease, 'fence'> => ({
        node: 'a',
        holder: 'h1',
        uri: '',
        expiresAt: wallclock(opened.clock.ms + TTL_MS),
        ...with_,
      });
      const hold = async (with_: Partial<NodeLease> = {}): Promise<NodeLease> => {
        const lease = await store.holdNode(candidate(with_));
        if (lease === undefined) throw new Error('somebody else has it');
        return lease;
      };
      const live = async (): Promise<readonly NodeLease[]> => store.nodes(opened.clock.wallclock());

      test('a name is had by one holder, is listed, renewed and given back', async () => {
        const lease = await hold();
        expect(await store.holdNode(candidate({ holder: 'h2' }))).toBeUndefined();
        const renewed = { ...lease, uri: 'sip:192.0.2.1', expiresAt: later(2 * TTL_MS) };
        expect(await store.renewNode(renewed)).toBe(true);
        expect(await live()).toEqual([renewed]);
        await store.releaseNode(renewed);
        await store.releaseNode(renewed);
        expect(await live()).toEqual([]);
      });

      test('one that came back has it at once, and its earlier process has it no more', async () => {
        const before = await hold();
        const after = await hold();
        expect(after.fence).toBeGreaterThan(before.fence);
        expect(await store.renewNode(before)).toBe(false);
        await store.releaseNode(before);
        expect(await live()).toEqual([after]);
        await store.releaseNode(after);
      });

      test('one that is not renewed is gone when its time is over, and free for another', async () => {
        const lease = await hold();
        opened.clock.ms += TTL_MS - 1;
        expect(await live()).toEqual([lease]);
        expect(await store.holdNode(candidate({ holder: 'h2' }))).toBeUndefined();
        opened.clock.ms += 1;
        expect(await live()).toEqual([]);
        const other = await hold({ holder: 'h2' });
        expect(await store.renewNode(lease)).toBe(false);
        await store.releaseNode(other);
      });

      test('one that the store lost is put back', async () => {
        const lease = await hold();
        await store.releaseNode(lease);
        expect(await store.renewNode(lease)).toBe(true);
        expect(await live()).toEqual([lease]);
        await store.releaseNode(lease);
      });

      test('of a hundred holders at once one has it', async () => {
        const leases = await times(TAKERS, (at) =>
          store.holdNode(candidate({ holder: `race-${at}` })),
        );
        const [lease, ...others] = leases.filter((held) => held !== undefined);
        expect(others).toEqual([]);
        if (lease !== undefined) await store.releaseNode(lease);
      });

      const later = (ms: number): ReturnType<typeof wallclock> => wallclock(opened.clock.ms + ms);
    });

    describe('places in calls', () => {
      const place = (with_: Partial<CallPlace> = {}): CallPlace => ({
        call: 'c1',
        side: 'caller',
        node: 'a',
        fence: 1,
        expiresAt: wallclock(opened.clock.ms + 1_000),
        ...with_,
      });
      const found = (number: string): Promise<readonly CallPlace[]> =>
        store.places(number, opened.clock.wallclock());

      test('come newest first, and go one by one or in time', async () => {
        const [first, second] = [place(), place({ call: 'c2', node: 'b' })];
        const both = place({ side: 'callee' });
        for (const each of [first, second, both]) await store.putPlace('p-a', each);
        expect(await found('p-a')).toEqual([both, second, first]);
        expect(await found('p-b')).toEqual([]);
        await store.removePlace('p-a', second);
        await store.removePlace('p-a', second);
        expect(await found('p-a')).toEqual([both, first]);
        opened.clock.ms += 1_000;
        expect(await found('p-a')).toEqual([]);
      });
    });

    const all = async <T>(from: AsyncIterable<T>): Promise<T[]> => {
      const found: T[] = [];
      for await (const one of from) found.push(one);
      return found;
    };

    /** Sweeping is shared out over writes, so a few more may be needed. */
    async function untilGone(find: () => Promise<unknown>): Promise<void> {
      for (let write = 0; write < 50 && (await find()) !== undefined; write++) {
        await store.beginRequest('sweeper', String(write), wallclock(opened.clock.ms + 1));
      }
      expect(await find()).toBeUndefined();
    }
  });
}
