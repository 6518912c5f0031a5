import { describe, expect, test } from '@jest/globals';
import { appendFile, open, readFile, stat, truncate, writeFile } from 'node:fs/promises';
import { SpoolCursor } from '../../../src/spool/reader.ts';
import { PAYLOAD_BYTES_MAX, RECORD_HEAD_BYTES, RECORD_KIND } from '../../../src/spool/record.ts';
import { CHECKS_MAX } from '../../../src/spool/resync.ts';
import { SpoolWriter } from '../../../src/spool/writer.ts';
import { appendBytes, readSpool } from '../../support/spool-records.ts';
import { withTempFolder } from '../../support/temp-folder.ts';

/** A spool with a header, `count` records of `size` bytes, and no end. */
async function spool(folder: string, count: number, size: number): Promise<string> {
  const writer = await SpoolWriter.open(folder, 't', { transfer: 't' });
  for (let at = 0; at < count; at++) {
    while (!appendBytes(writer, new Uint8Array(size).fill(at), at)) await writer.write();
  }
  await writer.close();
  return writer.path;
}

const asText = <R extends { readonly payload: Uint8Array }>(record: R): object => ({
  ...record,
  payload: Buffer.from(record.payload).toString('hex'),
});

describe('reading a spool', () => {
  test('records that lie across the chunks it is read in', async () => {
    await withTempFolder(async (folder) => {
      const path = await spool(folder, 200, 1_217);
      const { records, tornAt } = await readSpool(path);
      expect(tornAt).toBeUndefined();
      expect(records.slice(1).map(({ payload }) => payload[1_216])).toEqual(
        Array.from({ length: 200 }, (_, at) => at),
      );
      expect(records.at(-1)?.end).toBe((await stat(path)).size);
    });
  });

  test('earlier payloads stay valid while later ones are read', async () => {
    await withTempFolder(async (folder) => {
      const path = await spool(folder, 100, 2_000);
      const { records } = await readSpool(path);
      records
        .slice(1)
        .forEach(({ payload }, at) => expect(payload.every((b) => b === at)).toBe(true));
    });
  });

  test('follows a writer: stops at `written`, goes on when there is more', async () => {
    await withTempFolder(async (folder) => {
      const writer = await SpoolWriter.open(folder, 't', { transfer: 't' });
      const cursor = await SpoolCursor.open(writer.path);
      expect((await cursor.next(writer.written))?.kind).toBe(1);
      expect(await cursor.next(writer.written)).toBeUndefined();
      for (let round = 0; round < 5; round++) {
        appendBytes(writer, Uint8Array.from([round]));
        expect(await cursor.next(writer.written)).toBeUndefined();
        await writer.write();
        expect((await cursor.next(writer.written))?.payload[0]).toBe(round);
      }
      expect(cursor.tornAt).toBeUndefined();
      await cursor.close();
      await writer.close();
    });
  });

  test('a record that reaches over the limit is not there yet', async () => {
    await withTempFolder(async (folder) => {
      const path = await spool(folder, 1, 50);
      const size = (await stat(path)).size;
      const cursor = await SpoolCursor.open(path);
      await cursor.next(size - 1);
      expect(await cursor.next(size - 1)).toBeUndefined();
      expect(await cursor.next(size - 60)).toBeUndefined();
      expect(cursor.tornAt).toBeUndefined();
      expect((await cursor.next(size))?.payload.length).toBe(50);
      await cursor.close();
    });
  });

  test('can begin at a record', async () => {
    await withTempFolder(async (folder) => {
      const path = await spool(folder, 3, 50);
      const { records } = await readSpool(path);
      const cursor = await SpoolCursor.open(path, records[2]?.position);
      expect((await cursor.next())?.payload[0]).toBe(1);
      await cursor.close();
      await cursor.close();
    });
  });
});

describe('a spool that is damaged', () => {
  test.each([1, 16, 17, 18, 66])('torn %i bytes before its end', async (missing) => {
    await withTempFolder(async (folder) => {
      const path = await spool(folder, 3, 50);
      const whole = await readSpool(path);
      await truncate(path, (await stat(path)).size - missing);
      const { records, tornAt } = await readSpool(path);
      expect(records).toHaveLength(3);
      expect(tornAt).toBe(whole.records[3]?.position);
    });
  });

  test('any changed bit costs the record it is in, and no other', async () => {
    await withTempFolder(async (folder) => {
      const path = await spool(folder, 2, 3);
      const good = await readFile(path);
      const { records } = await readSpool(path);
      const positions = records.map(({ position }) => position);
      for (let bit = 0; bit < good.length * 8; bit++) {
        const at = bit >> 3;
        const bad = Buffer.from(good);
        bad[at] = (bad[at] ?? 0) ^ (1 << (bit & 7));
        await writeFile(path, bad);
        const hit = records.findIndex(({ end }) => at < end);
        const isLast = hit === records.length - 1;
        const found = await readSpool(path);
        expect(found.records.map(({ position }) => position)).toEqual(positions.toSpliced(hit, 1));
        expect(found.tornAt).toBe(isLast ? records[hit]?.position : undefined);
        expect(found.damaged).toBe(
          isLast ? 0 : (records[hit]?.end ?? 0) - (records[hit]?.position ?? 0),
        );
      }
    });
  });

  test('a hole of a sector, and of more than is read in one go, costs the records in it', async () => {
    await withTempFolder(async (folder) => {
      const path = await spool(folder, 400, 1_000);
      const good = await readFile(path);
      const { records } = await readSpool(path);
      for (const [start, end] of [
        [4_096, 8_192],
        [10_000, 300_000],
      ] as const) {
        await writeFile(path, Buffer.from(good).fill(0, start, end));
        const intact = records.filter(({ position, end: to }) => to <= start || position >= end);
        // As text: bytes are compared one by one, for seconds.
        expect((await readSpool(path)).records.map(asText)).toEqual(intact.map(asText));
      }
    });
  });

  test.each([
    [CHECKS_MAX - 1, 3],
    [CHECKS_MAX, 2],
  ])('behind damage %i false heads are tried', async (count, expected) => {
    await withTempFolder(async (folder) => {
      const path = await spool(folder, 1, 20);
      const good = await readFile(path);
      const { records } = await readSpool(path);
      const last = records[1];
      const falseHead = Buffer.alloc(RECORD_HEAD_BYTES);
      falseHead[16] = RECORD_KIND.rtp;
      await writeFile(
        path,
        Buffer.concat([
          good,
          Buffer.from([0xff, 0xff, 0xff, 0xff]),
          ...Array.from({ length: count }, () => falseHead),
          good.subarray(last?.position),
        ]),
      );
      expect((await readSpool(path)).records).toHaveLength(expected);
    });
  });

  test('a length of 65,537 is impossible, whatever follows', async () => {
    await withTempFolder(async (folder) => {
      const path = await spool(folder, 1, 20);
      const end = (await stat(path)).size;
      const head = Buffer.alloc(PAYLOAD_BYTES_MAX + 100);
      head.writeUInt32LE(PAYLOAD_BYTES_MAX + 1);
      await appendFile(path, head);
      expect(await readSpool(path)).toMatchObject({ tornAt: end });
    });
  });

  test('zeros after a crash are no records', async () => {
    await withTempFolder(async (folder) => {
      const path = await spool(folder, 1, 20);
      const end = (await stat(path)).size;
      const file = await open(path, 'r+');
      await file.truncate(end + 4_096);
      await file.close();
      expect(await readSpool(path)).toMatchObject({ tornAt: end });
    });
  });
});
