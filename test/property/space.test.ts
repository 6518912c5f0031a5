import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import {
  release,
  reserve,
  resize,
  type Holding,
  type SpaceChange,
} from '../../src/transfers/space.ts';

const SPACE = 100;
const transfer = fc.constantFrom('a', 'b', 'c', 'd');
const bytes = fc.nat(SPACE + 20);
type Change = (holding: Holding) => SpaceChange;
interface Step {
  readonly transfer: string;
  readonly change: Change;
}
const reserving = fc
  .tuple(transfer, bytes)
  .map(([to, count]): Step => ({ transfer: to, change: (holding) => reserve(holding, count) }));
const resizing = fc.tuple(transfer, bytes).map(([to, count]): Step => ({
  transfer: to,
  change: (holding) => resize(holding, count, 'reserve'),
}));
const releasing = transfer.map((of): Step => ({ transfer: of, change: release }));
const settling = fc.tuple(transfer, bytes).map(([to, count]): Step => ({
  transfer: to,
  change: (holding) => resize(holding, count, 'settle'),
}));

/** An account as a store keeps it. */
class Account {
  used = 0;
  readonly held = new Map<string, number>();

  run({ transfer: id, change }: Step): SpaceChange {
    const after = change({ space: SPACE, used: this.used, held: this.held.get(id) });
    this.used = after.used;
    if (after.held === undefined) this.held.delete(id);
    else this.held.set(id, after.held);
    return after;
  }

  get sum(): number {
    return [...this.held.values()].reduce((sum, count) => sum + count, 0);
  }
}

describe('space, under any interleaving', () => {
  test('what is reserved never exceeds the space, and the total is the sum of what is held', () => {
    const steps = fc.array(fc.oneof(reserving, resizing, releasing), { maxLength: 60 });
    fc.assert(
      fc.property(steps, (list) => {
        const account = new Account();
        for (const step of list) {
          account.run(step);
          expect(account.used).toBe(account.sum);
          expect(account.used).toBeLessThanOrEqual(SPACE);
        }
      }),
    );
  });

  test('settling may exceed it, but nothing grows by a reservation then', () => {
    const steps = fc.array(fc.oneof(reserving, resizing, releasing, settling), { maxLength: 60 });
    fc.assert(
      fc.property(steps, reserving, (list, last) => {
        const account = new Account();
        for (const step of list) account.run(step);
        const before = account.used;
        account.run(last);
        expect(account.used).toBe(account.sum);
        expect(account.used).toBeLessThanOrEqual(Math.max(SPACE, before));
      }),
    );
  });

  test('every step twice is the same as once', () => {
    const steps = fc.array(fc.oneof(reserving, resizing, releasing, settling), { maxLength: 40 });
    fc.assert(
      fc.property(steps, (list) => {
        const account = new Account();
        for (const step of list) {
          account.run(step);
          const before = new Map(account.held);
          account.run(step);
          expect(account.held).toEqual(before);
        }
      }),
    );
  });
});
