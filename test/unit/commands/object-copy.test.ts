import { createHash } from 'node:crypto';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { expect, test } from '@jest/globals';
import { copyObject } from '../../../src/commands/object-copy.ts';
import type { RecordedObject } from '../../../src/transfers/record.ts';
import { withTempFolder } from '../../support/temp-folder.ts';

const CONTENT = Buffer.from('the very bytes');

const object: RecordedObject = {
  key: 'bob/t1/data.bin',
  contentType: 'application/octet-stream',
  size: CONTENT.length,
  sha256: createHash('sha256').update(CONTENT).digest('hex'),
  dataSha256: '',
  dataBytes: 90,
  whole: true,
};

async function* pieces(...bytes: readonly Uint8Array[]): AsyncIterable<Uint8Array> {
  for (const piece of bytes) yield await Promise.resolve(piece);
}

async function* broken(): AsyncIterable<Uint8Array> {
  yield await Promise.resolve(CONTENT.subarray(0, 3));
  throw new Error('connection lost');
}

test('the file is the object, and nothing else is left', async () => {
  await withTempFolder(async (folder) => {
    const output = path.join(folder, 'data.bin');
    await copyObject(pieces(CONTENT.subarray(0, 5), CONTENT.subarray(5)), object, {
      output,
      isQuiet: true,
    });
    expect(readFileSync(output)).toEqual(CONTENT);
    expect(readdirSync(folder)).toEqual(['data.bin']);
  });
});

test.each([
  ['of other bytes', () => pieces(Buffer.from('other bytes'))],
  ['cut short', () => pieces(CONTENT.subarray(1))],
  ['that breaks off', broken],
])('a copy %s leaves the file that was there', async (_how, content) => {
  await withTempFolder(async (folder) => {
    const output = path.join(folder, 'data.bin');
    writeFileSync(output, 'from before');
    await expect(copyObject(content(), object, { output, isQuiet: true })).rejects.toThrow();
    expect(readFileSync(output, 'utf8')).toBe('from before');
    expect(readdirSync(folder)).toEqual(['data.bin']);
  });
});

test('a folder that is not there is the person’s mistake to see', async () => {
  const options = { output: '/nowhere/data.bin', isQuiet: true };
  await expect(copyObject(pieces(CONTENT), object, options)).rejects.toMatchObject({
    code: 'ENOENT',
  });
});
