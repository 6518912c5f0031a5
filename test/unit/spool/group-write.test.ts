import { constants } from 'node:os';
import { describe, expect, test } from '@jest/globals';
import type { Piece } from '../../../src/spool/file.ts';
import { GROUP_WRITES_MAX, GroupWrite, type WritePieces } from '../../../src/spool/group-write.ts';
import { settled } from '../../support/media-rig.ts';

/** A disk whose jobs end when the test says so. */
class Disk {
  readonly jobs: {
    readonly numbers: readonly number[];
    readonly buffers: readonly Uint8Array[];
    readonly done: (errors?: readonly number[]) => void;
    readonly fail: () => void;
  }[] = [];

  readonly write: WritePieces = (numbers, buffers) =>
    new Promise((resolve, reject) => {
      const good = buffers.map(() => 0);
      this.jobs.push({
        numbers: [...numbers],
        buffers,
        done: (errors = good) => resolve(Int32Array.from(errors)),
        fail: () => reject(new Error('no thread')),
      });
    });
}

const piece = (fd: number): Omit<Piece, 'written'> => ({
  bytes: new Uint8Array(8),
  offset: 1,
  length: 3,
  position: 10 * fd,
  durable: fd === 2,
});

/** @returns what becomes of a piece. */
const write = (group: GroupWrite, fd: number): Promise<number> =>
  new Promise((resolve) => group.ask(fd, { ...piece(fd), written: resolve }));

describe('writing in groups', () => {
  test('what is asked for in one turn is one job, each with its own outcome', async () => {
    const disk = new Disk();
    const group = new GroupWrite(disk.write);
    const asked = Promise.all([1, 2, 3].map((fd) => write(group, fd)));
    await settled();
    expect(disk.jobs).toHaveLength(1);
    expect(disk.jobs[0]?.numbers).toEqual([1, 1, 3, 10, 0, 2, 1, 3, 20, 1, 3, 1, 3, 30, 0]);
    expect(disk.jobs[0]?.buffers).toHaveLength(3);
    disk.jobs[0]?.done([0, -28, 0]);
    expect(await asked).toEqual([0, -28, 0]);
  });

  test('what is asked for while a job runs goes with the next', async () => {
    const disk = new Disk();
    const group = new GroupWrite(disk.write);
    const first = write(group, 1);
    await settled();
    const later = [write(group, 2), write(group, 3)];
    await settled();
    expect(disk.jobs).toHaveLength(1);
    disk.jobs[0]?.done();
    await first;
    await settled();
    expect(disk.jobs[1]?.buffers).toHaveLength(2);
    disk.jobs[1]?.done();
    expect(await Promise.all(later)).toEqual([0, 0]);
  });

  test('a job that can not run fails those in it, and no others', async () => {
    const disk = new Disk();
    const group = new GroupWrite(disk.write);
    const first = write(group, 1);
    await settled();
    disk.jobs[0]?.fail();
    expect(await first).toBe(-constants.errno.EIO);
    const second = write(group, 2);
    await settled();
    disk.jobs[1]?.done();
    expect(await second).toBe(0);
  });

  test('so does one that says so at once', async () => {
    let isBroken = true;
    const disk = new Disk();
    const group = new GroupWrite((...job) => {
      if (isBroken) throw new Error('no thread');
      return disk.write(...job);
    });
    expect(await write(group, 1)).toBe(-constants.errno.EIO);
    isBroken = false;
    const second = write(group, 2);
    await settled();
    disk.jobs[0]?.done();
    expect(await second).toBe(0);
  });

  test(`${GROUP_WRITES_MAX} go in one job, one more in the next`, async () => {
    const disk = new Disk();
    const group = new GroupWrite(disk.write);
    const asked = Array.from({ length: GROUP_WRITES_MAX + 1 }, (_, fd) => write(group, fd));
    await settled();
    disk.jobs[0]?.done();
    await settled();
    disk.jobs[1]?.done();
    await Promise.all(asked);
    expect(disk.jobs.map(({ buffers }) => buffers.length)).toEqual([GROUP_WRITES_MAX, 1]);
  });
});
