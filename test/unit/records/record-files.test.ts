import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { appendFile } from 'node:fs/promises';
import path from 'node:path';
import { expect, test } from '@jest/globals';
import { RecordFiles, WAITING_BYTES_MAX } from '../../../src/records/record-files.ts';
import { FixedClock } from '../../support/fixed-clock.ts';
import { RecordingLog } from '../../support/recording-log.ts';
import { withTempFolder } from '../../support/temp-folder.ts';

const DAY_MS = 86_400_000;
const NOON = Date.UTC(2026, 1, 28, 12);

const clockAt = (ms: number): FixedClock => {
  const clock = new FixedClock();
  clock.ms = ms;
  return clock;
};

const linesOf = (folder: string, name: string): unknown[] =>
  readFileSync(path.join(folder, name), 'utf8')
    .split('\n')
    .filter((line) => line !== '')
    .map((line): unknown => JSON.parse(line));

test('a file a day, a line a record, in order', async () => {
  await withTempFolder(async (folder) => {
    const clock = clockAt(NOON);
    const files = new RecordFiles(folder, { clock, log: new RecordingLog(), days: 30 });
    for (const id of [1, 2, 3]) files.write({ id });
    await files.close();
    clock.ms += DAY_MS;
    files.write({ id: 4, text: 'two\nlines' });
    await files.close();
    expect(readdirSync(folder).toSorted()).toEqual(['2026-02-28.jsonl', '2026-03-01.jsonl']);
    expect(linesOf(folder, '2026-02-28.jsonl')).toEqual([{ id: 1 }, { id: 2 }, { id: 3 }]);
    expect(linesOf(folder, '2026-03-01.jsonl')).toEqual([{ id: 4, text: 'two\nlines' }]);
  });
});

test('files older than the days they are kept go, others in the folder stay', async () => {
  await withTempFolder(async (folder) => {
    mkdirSync(folder, { recursive: true });
    const names = ['2026-01-29.jsonl', '2026-01-28.jsonl', '2020-01-01.jsonl', 'notes.txt'];
    for (const name of names) writeFileSync(path.join(folder, name), '');
    const files = new RecordFiles(folder, {
      clock: clockAt(NOON),
      log: new RecordingLog(),
      days: 30,
    });
    files.write({});
    await files.close();
    const left = ['2026-01-29.jsonl', '2026-02-28.jsonl', 'notes.txt'];
    expect(readdirSync(folder).toSorted()).toEqual(left);
  });
});

/** A disk that is full until it is not. */
class FullDisk {
  full = true;
  readonly append = async (file: string, text: string): Promise<void> => {
    if (this.full) throw Object.assign(new Error('no space left'), { code: 'ENOSPC' });
    await appendFile(file, text);
  };
}

test('what a full disk does not take waits for the next record', async () => {
  await withTempFolder(async (folder) => {
    const disk = new FullDisk();
    const log = new RecordingLog();
    const files = new RecordFiles(folder, {
      clock: clockAt(NOON),
      log,
      days: 30,
      append: disk.append,
    });
    files.write({ id: 1 });
    await files.close();
    expect(log.named('records.not-written').length).toBeGreaterThan(0);
    disk.full = false;
    files.write({ id: 2 });
    await files.close();
    expect(linesOf(folder, '2026-02-28.jsonl')).toEqual([{ id: 1 }, { id: 2 }]);
    expect(files.dropped).toBe(0);
  });
});

test('what it took a part of is there once, in whole lines', async () => {
  await withTempFolder(async (folder) => {
    let isFull = false;
    const append = async (file: string, text: string): Promise<void> => {
      if (!isFull) return appendFile(file, text);
      await appendFile(file, text.slice(0, 12));
      throw Object.assign(new Error('no space left'), { code: 'ENOSPC' });
    };
    const log = new RecordingLog();
    const files = new RecordFiles(folder, { clock: clockAt(NOON), log, days: 30, append });
    files.write({ id: 1 });
    await files.close();
    isFull = true;
    files.write({ id: 2 });
    files.write({ id: 3 });
    await files.close();
    expect(linesOf(folder, '2026-02-28.jsonl')).toEqual([{ id: 1 }]);
    isFull = false;
    files.write({ id: 4 });
    await files.close();
    const whole = [{ id: 1 }, { id: 2 }, { id: 3 }, { id: 4 }];
    expect(linesOf(folder, '2026-02-28.jsonl')).toEqual(whole);
  });
});

test('and no more waits than there is room for', async () => {
  await withTempFolder(async (folder) => {
    const disk = new FullDisk();
    const log = new RecordingLog();
    const files = new RecordFiles(folder, {
      clock: clockAt(NOON),
      log,
      days: 30,
      append: disk.append,
    });
    const room = WAITING_BYTES_MAX - '{"text":""}\n'.length;
    files.write({ text: 'x'.repeat(room + 1) });
    expect(files.dropped).toBe(1);
    files.write({ text: 'x'.repeat(room) });
    files.write({});
    expect(files.dropped).toBe(2);
    await files.close();
  });
});
