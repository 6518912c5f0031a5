import { describe, expect, test } from '@jest/globals';
import { LiveTransfer } from '../../../src/transfers/live-transfer.ts';
import { Turns } from '../../../src/transfers/turns.ts';
import { FixedClock } from '../../support/fixed-clock.ts';
import { RecordingLog } from '../../support/recording-log.ts';
import { transferRecord } from '../../support/transfer-records.ts';

class Scene {
  readonly clock = new FixedClock();
  readonly log = new RecordingLog();
  readonly turns = new Turns(this);
  readonly transfer = new LiveTransfer(transferRecord(), { number: 'alice' }, undefined);
  tries = 0;

  /** Work that fails so many times. */
  failing(times: number): () => Promise<void> {
    return async () => {
      this.tries += 1;
      if (this.tries <= times) throw new Error('down');
    };
  }

  async pass(ms: number): Promise<void> {
    this.clock.ms += ms;
    await this.turns.again(this.transfer);
  }
}

describe('work that is owed', () => {
  test('and succeeds is done once', async () => {
    const scene = new Scene();
    await scene.turns.owe(scene.transfer, 'x', scene.failing(0));
    await scene.pass(60_000);
    expect(scene.tries).toBe(1);
    expect(scene.log.events).toEqual([]);
  });

  test('and fails is done again after 1, 2, 4 … 60 s, until it succeeds', async () => {
    const scene = new Scene();
    await scene.turns.owe(scene.transfer, 'x', scene.failing(9));
    for (const [index, seconds] of [1, 2, 4, 8, 16, 32, 60, 60, 60].entries()) {
      await scene.pass(seconds * 1_000 - 1);
      expect(scene.tries).toBe(index + 1);
      await scene.pass(1);
    }
    expect(scene.tries).toBe(10);
    expect(scene.transfer.owed.size).toBe(0);
    expect(scene.log.named('transfer.failed')).toHaveLength(9);
  });

  test('of one kind is owed once, of two kinds twice', async () => {
    const scene = new Scene();
    await scene.turns.owe(scene.transfer, 'x', scene.failing(99));
    await scene.turns.owe(scene.transfer, 'x', scene.failing(99));
    await scene.turns.owe(scene.transfer, 'y', scene.failing(99));
    expect([...scene.transfer.owed.keys()]).toEqual(['x', 'y']);
  });

  test('is done after all that came before it, whether that failed or not', async () => {
    const { turns, transfer } = new Scene();
    const order: number[] = [];
    const before = transfer.inTurn(async () => {
      await Promise.resolve();
      order.push(1);
      throw new Error('failed');
    });
    const after = turns.owe(transfer, 'x', async () => void order.push(2));
    await expect(before).rejects.toThrow('failed');
    await after;
    expect(order).toEqual([1, 2]);
  });
});
