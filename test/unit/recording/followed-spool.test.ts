import { describe, expect, test } from '@jest/globals';
import { wallclock } from '../../../src/base/units.ts';
import { FollowedSpool } from '../../../src/recording/followed-spool.ts';
import { RECORD_KIND } from '../../../src/spool/record.ts';
import { SpoolWriter } from '../../../src/spool/writer.ts';
import { withTempFolder } from '../../support/temp-folder.ts';

async function withWriter(use: (writer: SpoolWriter) => Promise<void>): Promise<void> {
  await withTempFolder(async (folder) => {
    const writer = await SpoolWriter.open(folder, 't', { transfer: 't' });
    await use(writer).finally(() => writer.close());
  });
}

async function add(writer: SpoolWriter, text: string): Promise<void> {
  writer.append(RECORD_KIND.rtp, wallclock(1), Buffer.from(text), 0, text.length);
  await writer.write();
}

describe('a spool that still grows', () => {
  test('gives each record once, as they come', async () => {
    await withWriter(async (writer) => {
      await add(writer, 'one');
      const spool = new FollowedSpool(writer.path);
      const records = spool.records()[Symbol.asyncIterator]();
      const next = async (): Promise<string | undefined> => {
        const { value, done } = await records.next();
        return done === true ? undefined : Buffer.from(value.payload).toString();
      };
      expect(await next()).toContain('transfer');
      expect(await next()).toBe('one');
      const second = next();
      await add(writer, 'two');
      spool.grown();
      expect(await second).toBe('two');
      await add(writer, 'three');
      spool.grown();
      expect(await next()).toBe('three');
      const none = next();
      spool.stop();
      expect(await none).toBeUndefined();
    });
  });

  test('that was stopped ends at once, however much there is', async () => {
    await withWriter(async (writer) => {
      await add(writer, 'one');
      const spool = new FollowedSpool(writer.path);
      spool.stop();
      const all: unknown[] = [];
      for await (const record of spool.records()) all.push(record);
      expect(all).toEqual([]);
    });
  });
});
