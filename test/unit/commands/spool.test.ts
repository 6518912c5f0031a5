import { describe, expect, test } from '@jest/globals';
import { appendFile, readFile, writeFile } from 'node:fs/promises';
import { mkdirSync } from 'node:fs';
import path from 'node:path';
import { spool } from '../../../src/commands/spool.ts';
import { UsageError } from '../../../src/commands/command.ts';
import { loadConfig } from '../../../src/load-config.ts';
import { octets, PCMU, STARTED_AT, steadyPackets, writeRtpSpool } from '../../support/rtp-spool.ts';
import { withTempFolder } from '../../support/temp-folder.ts';

/** A data folder with a spool of a stream that lost 10 of 100 packets, and one of a file with a hole. */
async function withSpools(use: (said: Said, folder: string) => Promise<void>): Promise<void> {
  await withTempFolder(async (dataDir) => {
    const folder = path.join(dataDir, 'spool');
    mkdirSync(folder);
    await writeRtpSpool(
      folder,
      { transfer: 'voice', kind: 'media', payload: PCMU, name: 'a\u001b[2Jb' },
      steadyPackets(100, {
        payload: () => new Uint8Array(160),
        units: 160,
        ms: 20,
        keep: (at) => at < 40 || at >= 50,
      }),
    );
    const file = { payloadType: 96, encoding: 'octet-stream', clockRate: 90_000, channels: 1 };
    await writeRtpSpool(
      folder,
      { transfer: 'photo', kind: 'file', payload: file, size: 3_000 },
      [0, 2_000].map((at, sequence) => ({
        payload: octets(at, new Uint8Array(1_000)),
        sequence,
        timestamp: 0,
        arrival: sequence,
      })),
    );
    const config = loadConfig({ MIDCALL_DATA_DIR: dataDir });
    await use(async (words, options = {}) => {
      const lines: string[] = [];
      const json = options['json'] === true;
      const print = (line: string): void => void lines.push(line);
      const code = await spool({ config, words, options, json, print });
      return { code, lines };
    }, folder);
  });
}

type Said = (
  words: readonly string[],
  options?: Readonly<Record<string, string | boolean>>,
) => Promise<{ readonly code: number; readonly lines: readonly string[] }>;

describe('midcall spool inspect', () => {
  test('a stream: header, records, bytes, losses, duration, end', async () => {
    await withSpools(async (said, folder) => {
      const { code, lines } = await said(['inspect', 'voice'], { json: true });
      expect(code).toBe(0);
      const file = path.join(folder, 'voice.spool');
      expect(JSON.parse(lines[0] ?? '')).toEqual({
        path: file,
        bytes: (await readFile(file)).length,
        records: { header: 1, rtp: 90, rtcp: 0, end: 1, late: 0, other: 0 },
        header: expect.objectContaining({ transfer: 'voice', account: 'alice', v: 1 }),
        ending: { cause: 'bye' },
        firstArrival: new Date(STARTED_AT).toISOString(),
        lastArrival: new Date(STARTED_AT + 99 * 20).toISOString(),
        media: {
          durationMs: 2_000,
          received: 90,
          lost: 10,
          gaps: 1,
          duplicate: 0,
          unreadable: 0,
          restarts: 0,
        },
        damaged: 0,
      });
    });
  });

  test('a file: what is missing', async () => {
    await withSpools(async (said) => {
      const { lines } = await said(['inspect', 'photo'], { json: true });
      expect(JSON.parse(lines[0] ?? '')).toMatchObject({
        file: { received: 2_000, size: 3_000, lost: 1_000, holes: 1, unreadable: 0 },
      });
    });
  });

  test('as a table, by path, with a torn tail; what a sender wrote can not move the cursor', async () => {
    await withSpools(async (said, folder) => {
      const file = path.join(folder, 'voice.spool');
      await appendFile(file, 'torn');
      const { code, lines } = await said(['inspect', file]);
      expect(code).toBe(0);
      expect(lines).toContain(`spool       ${file}`);
      expect(lines).toContain('lost        10');
      expect(lines).toContain('durationMs  2000');
      expect(lines.find((line) => line.startsWith('torn'))).toMatch(/^torn {8}4 bytes at \d+$/);
      expect(lines.join()).not.toContain('\u001b');
    });
  });

  test('what is no spool is said to be none', async () => {
    await withSpools(async (said, folder) => {
      const file = path.join(folder, 'notes.txt');
      await writeFile(file, 'hello, this is not a spool');
      expect(await said(['inspect', file])).toMatchObject({ code: 1 });
      await expect(said(['inspect', 'nowhere'])).rejects.toThrow(UsageError);
      await expect(said(['inspect'])).rejects.toThrow(UsageError);
      await expect(said(['cut', 'voice'])).rejects.toThrow(UsageError);
    });
  });
});

test('midcall spool list has a line for each spool', async () => {
  await withSpools(async (said, folder) => {
    await writeFile(path.join(folder, 'notes.txt'), '');
    const { lines } = await said(['list']);
    expect(lines).toEqual([
      expect.stringMatching(/^photo .*1000 lost {2}ended \(bye\)$/),
      expect.stringMatching(/^voice .*2\.0 s {2}10 lost {2}ended \(bye\)$/),
    ]);
    expect(JSON.parse((await said([], { json: true })).lines[0] ?? '')).toHaveLength(2);
  });
});

test('midcall spool export writes the packets as a capture', async () => {
  await withSpools(async (said, folder) => {
    const output = path.join(folder, 'voice.pcap');
    const { lines } = await said(['export', 'voice'], { output });
    expect(lines).toEqual([`${output}: 90 packets`]);
    const bytes = await readFile(output);
    expect(bytes.readUInt32LE(0)).toBe(0xa1b2c3d4);
    expect(bytes.length).toBe(24 + 90 * (16 + 28 + 12 + 160));
    await expect(said(['export', 'voice'])).rejects.toThrow(UsageError);
  });
});

test('without a spool folder there are none', async () => {
  await withTempFolder(async (dataDir) => {
    const lines: string[] = [];
    const config = loadConfig({ MIDCALL_DATA_DIR: dataDir });
    const print = (line: string): void => void lines.push(line);
    await spool({ config, words: ['list'], options: {}, json: false, print });
    expect(lines).toEqual(['No spools.']);
  });
});
