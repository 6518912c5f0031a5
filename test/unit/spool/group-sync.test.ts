import { describe, expect, test } from '@jest/globals';
import { GROUP_MIN, GroupSync, type Syncable } from '../../../src/spool/group-sync.ts';
import { settled } from '../../support/media-rig.ts';

/** A file that counts its own syncs. */
class File implements Syncable {
  syncs = 0;
  error: Error | undefined;

  async datasync(): Promise<void> {
    this.syncs++;
    if (this.error !== undefined) throw this.error;
  }
}

/** A file system whose syncs end when the test says so. */
class FileSystem {
  readonly running: { readonly done: () => void; readonly fail: () => void }[] = [];
  readonly sync = (): Promise<void> =>
    new Promise((resolve, reject) => {
      this.running.push({ done: resolve, fail: () => reject(new Error('EIO')) });
    });
}

const files = (count: number): File[] => Array.from({ length: count }, () => new File());

describe('syncing in groups', () => {
  test(`${GROUP_MIN - 1} at a time are synced one by one, ${GROUP_MIN} together`, async () => {
    const system = new FileSystem();
    const group = new GroupSync(system.sync);
    const few = files(GROUP_MIN - 1);
    await Promise.all(few.map((file) => group.sync(file)));
    expect(few.map(({ syncs }) => syncs)).toEqual(few.map(() => 1));
    expect(system.running).toHaveLength(0);
    const many = files(GROUP_MIN);
    const third = many.map((file) => group.sync(file));
    await settled();
    expect(system.running).toHaveLength(1);
    system.running[0]?.done();
    await Promise.all(third);
    expect(many.map(({ syncs }) => syncs)).toEqual(many.map(() => 0));
  });

  test('what is asked for while a group runs is not in it, but in the next', async () => {
    const system = new FileSystem();
    const group = new GroupSync(system.sync);
    void group.sync(new File());
    const early = files(GROUP_MIN).map((file) => group.sync(file));
    await settled();
    let lateDone = false;
    const late = Promise.all(files(GROUP_MIN).map((file) => group.sync(file))).then(() => {
      lateDone = true;
    });
    system.running[0]?.done();
    await Promise.all(early);
    await settled();
    expect([system.running.length, lateDone]).toEqual([2, false]);
    system.running[1]?.done();
    await late;
  });

  test('when the whole fails, each file says for itself whether it is safe', async () => {
    const system = new FileSystem();
    const group = new GroupSync(system.sync);
    void group.sync(new File());
    const all = files(GROUP_MIN);
    const bad = all[1];
    if (bad === undefined) throw new Error('there are three');
    bad.error = new Error('EIO of this file');
    const ends = Promise.allSettled(all.map((file) => group.sync(file)));
    await settled();
    system.running[0]?.fail();
    expect((await ends).map(({ status }) => status)).toEqual([
      'fulfilled',
      'rejected',
      'fulfilled',
    ]);
    await group.sync(new File());
  });

  test('without a call for the whole, all are synced one by one', async () => {
    const group = new GroupSync(undefined);
    const all = files(10);
    await Promise.all(all.map((file) => group.sync(file)));
    expect(all.map(({ syncs }) => syncs)).toEqual(all.map(() => 1));
  });
});
