import { describe, expect, test } from '@jest/globals';
import { stat, writeFile } from 'node:fs/promises';
import { wallclock } from '../../../src/base/units.ts';
import { PAYLOAD_BYTES_MAX, RECORD_HEAD_BYTES, RECORD_KIND } from '../../../src/spool/record.ts';
import { spoolPath } from '../../../src/spool/path.ts';
import { TAIL_BYTES_MAX } from '../../../src/spool/tail.ts';
import { SpoolWriter } from '../../../src/spool/writer.ts';
import { FailingDisk } from '../../support/failing-disk.ts';
import { appendBytes, readSpool } from '../../support/spool-records.ts';
import { withTempFolder } from '../../support/temp-folder.ts';

const HEADER = { v: 1, transfer: 't', startedAt: 1_700_000_000_000 };

describe('writing a spool', () => {
  test('gives a header, the records as appended, and an end', async () => {
    await withTempFolder(async (folder) => {
      const writer = await SpoolWriter.open(folder, 't', HEADER);
      const packet = Uint8Array.from([9, 8, 7, 6, 5]);
      expect(writer.append(RECORD_KIND.rtcp, wallclock(2 ** 40 + 3), packet, 1, 4)).toBe(true);
      await writer.end({ cause: 'bye' });
      const { records, tornAt } = await readSpool(writer.path);
      expect(tornAt).toBeUndefined();
      expect(records.map(({ kind }) => kind)).toEqual([1, 3, 4]);
      expect(records.map(({ arrival }) => arrival)).toEqual([
        HEADER.startedAt,
        2 ** 40 + 3,
        2 ** 40 + 3,
      ]);
      expect([...(records[1]?.payload ?? [])]).toEqual([8, 7, 6]);
      expect(JSON.parse(Buffer.from(records[0]?.payload ?? []).toString())).toEqual(HEADER);
      expect(JSON.parse(Buffer.from(records[2]?.payload ?? []).toString())).toEqual({
        cause: 'bye',
      });
    });
  });

  test('positions: appended, written, synced', async () => {
    await withTempFolder(async (folder) => {
      const writer = await SpoolWriter.open(folder, 't', HEADER);
      const start = writer.position;
      expect(writer.written).toBe(start);
      appendBytes(writer, new Uint8Array(10));
      const position = start + RECORD_HEAD_BYTES + 10;
      expect(writer.position).toBe(position);
      expect(writer.written).toBe(start);
      const writing = writer.write();
      expect(writer.position).toBe(position);
      await writing;
      expect(writer.written).toBe(position);
      expect((await stat(writer.path)).size).toBe(position);
      await writer.sync();
      expect(writer.written).toBe(position);
      await writer.close();
    });
  });

  test('goes on with a spool that is there', async () => {
    await withTempFolder(async (folder) => {
      const first = await SpoolWriter.open(folder, 't', HEADER);
      appendBytes(first, Uint8Array.of(1));
      await first.close();
      const writer = await SpoolWriter.resume(folder, 't', HEADER);
      expect(writer.written).toBe(first.written);
      appendBytes(writer, Uint8Array.of(2));
      await writer.end({ cause: 'bye' });
      const { records, tornAt } = await readSpool(writer.path);
      expect(tornAt).toBeUndefined();
      expect(records.map(({ kind }) => kind)).toEqual([1, 2, 2, 4]);
    });
  });

  test('does not go on with one that is not there', async () => {
    await withTempFolder(async (folder) => {
      await expect(SpoolWriter.resume(folder, 't', HEADER)).rejects.toMatchObject({
        code: 'ENOENT',
      });
    });
  });

  test('a sync with nothing new does not touch the disk', async () => {
    await withTempFolder(async (folder) => {
      const disk = new FailingDisk();
      const writer = await SpoolWriter.open(folder, 't', HEADER, disk.create);
      appendBytes(writer, new Uint8Array(1));
      await writer.sync();
      const { syncs } = disk;
      await writer.sync();
      expect(disk.syncs).toBe(syncs);
      await writer.close();
    });
  });

  test('refuses a spool that is there already, and leaves it as it is', async () => {
    await withTempFolder(async (folder) => {
      await writeFile(spoolPath(folder, 't'), 'kept');
      await expect(SpoolWriter.open(folder, 't', HEADER)).rejects.toMatchObject({ code: 'EEXIST' });
      expect((await stat(spoolPath(folder, 't'))).size).toBe(4);
    });
  });

  test('takes a payload of 65,536 bytes; one more is our bug', async () => {
    await withTempFolder(async (folder) => {
      const writer = await SpoolWriter.open(folder, 't', HEADER);
      expect(appendBytes(writer, new Uint8Array(PAYLOAD_BYTES_MAX).fill(7))).toBe(true);
      expect(() => appendBytes(writer, new Uint8Array(PAYLOAD_BYTES_MAX + 1))).toThrow();
      await writer.end({});
      const { records } = await readSpool(writer.path);
      expect(records[1]?.payload.length).toBe(PAYLOAD_BYTES_MAX);
    });
  });

  test('after end or close nothing is taken; close is repeatable', async () => {
    await withTempFolder(async (folder) => {
      const writer = await SpoolWriter.open(folder, 't', HEADER);
      const ending = writer.end({});
      expect(appendBytes(writer, new Uint8Array(1))).toBe(false);
      await ending;
      await writer.close();
      expect(appendBytes(writer, new Uint8Array(1))).toBe(false);
      expect((await readSpool(writer.path)).records).toHaveLength(2);
    });
  });

  test('close writes what was appended', async () => {
    await withTempFolder(async (folder) => {
      const writer = await SpoolWriter.open(folder, 't', HEADER);
      appendBytes(writer, new Uint8Array(3));
      await writer.close();
      expect((await readSpool(writer.path)).records).toHaveLength(2);
    });
  });
});

describe('appending while the disk is slow', () => {
  test('any number of writes go one after the other and lose nothing', async () => {
    await withTempFolder(async (folder) => {
      const disk = new FailingDisk();
      const writer = await SpoolWriter.open(folder, 't', HEADER, disk.create);
      const pending: Promise<unknown>[] = [];
      for (let at = 0; at < 300; at++) {
        appendBytes(writer, Uint8Array.from([at & 0xff, at >> 8]), at);
        pending.push(at % 7 === 0 ? writer.sync() : writer.write());
        if (at % 10 === 0) await pending[Math.floor(at / 2)];
      }
      await Promise.all(pending);
      await writer.end({});
      const { records } = await readSpool(writer.path);
      expect(records.slice(1, -1).map(({ arrival }) => arrival)).toEqual(
        Array.from({ length: 300 }, (_, at) => at),
      );
      expect(disk.writingMax).toBe(1);
    });
  });

  test('a write covers what was appended before it was called, though another is going on', async () => {
    await withTempFolder(async (folder) => {
      const writer = await SpoolWriter.open(folder, 't', HEADER);
      appendBytes(writer, new Uint8Array(10));
      const first = writer.write();
      appendBytes(writer, new Uint8Array(10));
      const expected = writer.position;
      const second = writer.write();
      await Promise.all([first, second]);
      expect(writer.written).toBe(expected);
      await writer.close();
    });
  });

  test(`memory takes ${TAIL_BYTES_MAX} bytes and not one more, then again after they were written`, async () => {
    await withTempFolder(async (folder) => {
      const disk = new FailingDisk();
      const writer = await SpoolWriter.open(folder, 't', HEADER, disk.create);
      const large = new Uint8Array(PAYLOAD_BYTES_MAX);
      const start = writer.position;
      const records = Math.floor((TAIL_BYTES_MAX - start) / (RECORD_HEAD_BYTES + large.length));
      for (let at = 0; at < records; at++) expect(appendBytes(writer, large)).toBe(true);
      const fits = TAIL_BYTES_MAX - writer.position - RECORD_HEAD_BYTES;
      expect(appendBytes(writer, large.subarray(0, fits + 1))).toBe(false);
      expect(appendBytes(writer, large.subarray(0, fits))).toBe(true);
      // Where the header was, which is written.
      expect(appendBytes(writer, large.subarray(0, start - RECORD_HEAD_BYTES + 1))).toBe(false);
      expect(appendBytes(writer, large.subarray(0, start - RECORD_HEAD_BYTES))).toBe(true);
      expect(appendBytes(writer, new Uint8Array(0))).toBe(false);
      await writer.write();
      expect(appendBytes(writer, large)).toBe(true);
      await writer.end({});
      expect((await readSpool(writer.path)).records).toHaveLength(records + 5);
    });
  });
});

describe('a disk that fails', () => {
  test('full in the middle of a record: whole records stay, the error is given to all', async () => {
    await withTempFolder(async (folder) => {
      const disk = new FailingDisk();
      const writer = await SpoolWriter.open(folder, 't', HEADER, disk.create);
      appendBytes(writer, new Uint8Array(100));
      await writer.sync();
      const { written } = writer;
      disk.capacity = written + 50;
      appendBytes(writer, new Uint8Array(100));
      await expect(writer.sync()).rejects.toMatchObject({ code: 'ENOSPC' });
      expect(writer.written).toBe(written);
      expect(writer.position).toBe(written);
      disk.capacity = Infinity;
      expect(appendBytes(writer, new Uint8Array(1))).toBe(false);
      await expect(writer.write()).rejects.toMatchObject({ code: 'ENOSPC' });
      await expect(writer.end({})).rejects.toMatchObject({ code: 'ENOSPC' });
      await writer.close();
      expect((await stat(writer.path)).size).toBe(written);
      expect(await readSpool(writer.path)).toMatchObject({ tornAt: undefined });
    });
  });

  test('a failed sync is final: the position stays at the last good one', async () => {
    await withTempFolder(async (folder) => {
      const disk = new FailingDisk();
      const writer = await SpoolWriter.open(folder, 't', HEADER, disk.create);
      appendBytes(writer, new Uint8Array(100));
      disk.failSync = true;
      await expect(writer.sync()).rejects.toMatchObject({ code: 'EIO' });
      disk.failSync = false;
      await expect(writer.sync()).rejects.toMatchObject({ code: 'EIO' });
      await writer.close();
    });
  });

  test('full at the start: nothing is left behind', async () => {
    await withTempFolder(async (folder) => {
      const disk = new FailingDisk();
      disk.capacity = 20;
      const opening = SpoolWriter.open(folder, 't', HEADER, disk.create);
      await expect(opening).rejects.toMatchObject({ code: 'ENOSPC' });
      await expect(stat(spoolPath(folder, 't'))).rejects.toMatchObject({ code: 'ENOENT' });
    });
  });
});
