import { writeSync } from 'node:fs';
import { stat } from 'node:fs/promises';
import { constants } from 'node:os';
import { describe, expect, test } from '@jest/globals';
import { GroupWrite, PIECE_NUMBERS, type WritePieces } from '../../../src/spool/group-write.ts';
import { groupedFiles } from '../../../src/spool/file.ts';
import { SpoolWriter, type StageListener } from '../../../src/spool/writer.ts';
import { appendBytes, readSpool } from '../../support/spool-records.ts';
import { withTempFolder } from '../../support/temp-folder.ts';

/** Files that are written in a group, by jobs that can fail. */
class GroupDisk {
  jobs = 0;
  /** What each piece comes to, but what was written is written. */
  error = 0;
  readonly #write: WritePieces = async (numbers, buffers) => {
    this.jobs++;
    await Promise.resolve();
    for (const [at, bytes] of buffers.entries()) {
      const [fd = -1, offset, length, position] = numbers.subarray(PIECE_NUMBERS * at);
      writeSync(fd, bytes, offset, length, position);
    }
    return new Int32Array(buffers.length).fill(this.error);
  };
  readonly create = groupedFiles(new GroupWrite(this.#write)).create;
}

/** A sync, and what the listener is told. */
const committed = (writer: SpoolWriter): Promise<Parameters<StageListener['reached']>[0]> =>
  new Promise((reached) => writer.when('durable', { reached }));

async function withWriter(
  work: (writer: SpoolWriter, disk: GroupDisk) => Promise<void>,
): Promise<void> {
  await withTempFolder(async (folder) => {
    const disk = new GroupDisk();
    await work(await SpoolWriter.open(folder, 't', { transfer: 't' }, disk.create), disk);
  });
}

describe('making a spool durable in a group', () => {
  test('makes durable what was appended before, and takes more meanwhile', async () => {
    await withWriter(async (writer, disk) => {
      appendBytes(writer, new Uint8Array(10), 1);
      const before = writer.position;
      disk.jobs = 0;
      const first = committed(writer);
      appendBytes(writer, new Uint8Array(20), 2);
      expect(await first).toBeUndefined();
      expect(writer.written).toBe(before);
      expect(disk.jobs).toBe(1);
      await writer.end({});
      const { records } = await readSpool(writer.path);
      expect(records.slice(1, -1).map(({ payload }) => payload.length)).toEqual([10, 20]);
    });
  });

  test('nothing new is durable at once', async () => {
    await withWriter(async (writer, disk) => {
      disk.jobs = 0;
      expect(await committed(writer)).toBeUndefined();
      expect(disk.jobs).toBe(0);
      await writer.close();
    });
  });

  test('commits, writes, syncs and the end mixed in any way lose nothing and keep the order', async () => {
    await withWriter(async (writer) => {
      const pending: Promise<unknown>[] = [];
      let committing: Promise<unknown> | undefined;
      for (let at = 0; at < 400; at++) {
        appendBytes(writer, Uint8Array.from([at & 0xff, at >> 8]), at);
        if (at % 5 === 0) committing ??= committed(writer).then(() => (committing = undefined));
        if (at % 7 === 0) pending.push(writer.write());
        if (at % 11 === 0) pending.push(writer.sync());
        if (at % 3 === 0) await pending[Math.floor(at / 9)];
        if (at % 4 === 0) await Promise.resolve();
      }
      await writer.end({});
      await Promise.all([...pending, committing]);
      const { records, tornAt } = await readSpool(writer.path);
      expect(tornAt).toBeUndefined();
      expect(records.slice(1, -1).map(({ arrival }) => arrival)).toEqual(
        Array.from({ length: 400 }, (_, at) => at),
      );
    });
  });

  test('one that fails is final: the file is cut back, and who waits behind it is told', async () => {
    await withWriter(async (writer, disk) => {
      const { written } = writer;
      disk.error = -constants.errno.ENOSPC;
      appendBytes(writer, new Uint8Array(100));
      const failed = committed(writer);
      const behind = writer.write();
      behind.catch(() => undefined);
      expect(await failed).toMatchObject({ error: { code: 'ENOSPC' } });
      await expect(behind).rejects.toMatchObject({ code: 'ENOSPC' });
      expect(appendBytes(writer, new Uint8Array(1))).toBe(false);
      expect(await committed(writer)).toMatchObject({ error: { code: 'ENOSPC' } });
      await writer.close();
      expect(writer.written).toBe(written);
      expect((await stat(writer.path)).size).toBe(written);
    });
  });

  test('close waits for a sync that was asked for before', async () => {
    await withWriter(async (writer) => {
      appendBytes(writer, new Uint8Array(100));
      let isDurable = false;
      const pending = [writer.write(), writer.sync().then(() => (isDurable = true))];
      await writer.close();
      expect(isDurable).toBe(true);
      await Promise.all(pending);
    });
  });

  test.each([0, -constants.errno.EIO])(
    'closed, it holds no memory, whether the disk failed or not (%d)',
    async (error) => {
      await withWriter(async (writer, disk) => {
        disk.error = error;
        appendBytes(writer, new Uint8Array(100));
        await committed(writer);
        await writer.close();
        expect(writer.tail.bytes).toHaveLength(0);
      });
    },
  );
});
