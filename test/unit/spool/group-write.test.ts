import { describe, expect, test } from '@jest/globals';
import { GROUP_WRITES_MAX, GroupWrite, type FileWrite } from '../../../src/spool/group-write.ts';
import { settled } from '../../support/media-rig.ts';

/** A disk whose jobs end when the test says so. */
class Disk {
  readonly jobs: {
    readonly writes: readonly FileWrite[];
    readonly done: (outcomes?: readonly number[]) => void;
    readonly fail: () => void;
  }[] = [];

  readonly write = (writes: readonly FileWrite[]): Promise<Int32Array> =>
    new Promise((resolve, reject) => {
      const all = writes.map(({ bytes }) => bytes.length);
      this.jobs.push({
        writes,
        done: (outcomes = all) => resolve(Int32Array.from(outcomes)),
        fail: () => reject(new Error('no thread')),
      });
    });
}

const piece = (fd: number, bytes = 3): FileWrite => ({
  fd,
  bytes: new Uint8Array(bytes),
  position: 10 * fd,
});

describe('writing in groups', () => {
  test('what is asked for in one turn is one job, each with its own outcome', async () => {
    const disk = new Disk();
    const group = new GroupWrite(disk.write);
    const asked = Promise.all([1, 2, 3].map((fd) => group.write(piece(fd))));
    await settled();
    expect(disk.jobs.map(({ writes }) => writes.map(({ fd }) => fd))).toEqual([[1, 2, 3]]);
    expect(disk.jobs[0]?.writes[1]).toMatchObject({ position: 20, bytes: { length: 3 } });
    disk.jobs[0]?.done([3, -28, 2]);
    expect(await asked).toEqual([3, -28, 2]);
  });

  test('what is asked for while a job runs goes with the next', async () => {
    const disk = new Disk();
    const group = new GroupWrite(disk.write);
    const first = group.write(piece(1));
    await settled();
    const later = [group.write(piece(2)), group.write(piece(3))];
    await settled();
    expect(disk.jobs).toHaveLength(1);
    disk.jobs[0]?.done();
    await first;
    await settled();
    expect(disk.jobs[1]?.writes).toHaveLength(2);
    disk.jobs[1]?.done();
    expect(await Promise.all(later)).toEqual([3, 3]);
  });

  test('a job that can not run fails those in it, and no others', async () => {
    const disk = new Disk();
    const group = new GroupWrite(disk.write);
    const first = group.write(piece(1));
    await settled();
    disk.jobs[0]?.fail();
    await expect(first).rejects.toThrow('no thread');
    const second = group.write(piece(2));
    await settled();
    disk.jobs[1]?.done();
    expect(await second).toBe(3);
  });

  test(`${GROUP_WRITES_MAX} go in one job, one more in the next`, async () => {
    const disk = new Disk();
    const group = new GroupWrite(disk.write);
    const asked = Array.from({ length: GROUP_WRITES_MAX + 1 }, (_, fd) => group.write(piece(fd)));
    await settled();
    disk.jobs[0]?.done();
    await settled();
    disk.jobs[1]?.done();
    await Promise.all(asked);
    expect(disk.jobs.map(({ writes }) => writes.length)).toEqual([GROUP_WRITES_MAX, 1]);
  });
});
