import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { HEADER_BYTES, writeOctetStreamHeader } from '../../../src/rtp/octet-stream.ts';
import { AUDIO_BYTES_MAX, AudioReceiver } from '../../../sip-scripts/streams/audio-receiver.ts';
import { FileReceiver } from '../../../sip-scripts/streams/file-receiver.ts';

let folder = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'midcall-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const payload = (offset: number, text: string, end = false): Uint8Array => {
  const bytes = Buffer.alloc(HEADER_BYTES + text.length);
  writeOctetStreamHeader(bytes, 0, offset, end);
  bytes.write(text, HEADER_BYTES);
  return bytes;
};

describe('a file that is received', () => {
  test('in any order and repeated, it is complete when every byte up to E is there', () => {
    const path = join(folder, 'file');
    const receiver = new FileReceiver(path);
    expect(receiver.take(payload(6, 'world', true))).toBe(5);
    expect(receiver.size).toBe(11);
    expect(receiver.complete).toBe(false);
    expect(receiver.take(payload(6, 'world', true))).toBe(0);
    expect(receiver.take(payload(0, 'hello '))).toBe(6);
    expect(receiver.complete).toBe(true);
    receiver.close();
    expect(readFileSync(path, 'utf8')).toBe('hello world');
    expect(receiver.take(payload(0, 'late'))).toBe(0);
    expect(receiver.refused).toBe(1);
  });

  test('what is no such payload is counted and left out', () => {
    const receiver = new FileReceiver(join(folder, 'file'));
    expect(receiver.take(Uint8Array.of(1, 2, 3))).toBe(0);
    receiver.close();
    expect(receiver).toMatchObject({ refused: 1, received: 0 });
  });
});

describe('a stream that is received', () => {
  test('it is written in order of sequence, not of arrival', () => {
    const path = join(folder, 'audio');
    const receiver = new AudioReceiver(path);
    for (const sequence of [65_536, 65_535, 65_537]) {
      receiver.take(sequence, Uint8Array.of(sequence - 65_530));
    }
    receiver.close();
    expect([...readFileSync(path)]).toEqual([5, 6, 7]);
  });

  test('as many bytes as the limit are kept; one more is dropped and counted', () => {
    const receiver = new AudioReceiver(join(folder, 'audio'));
    receiver.take(1, new Uint8Array(AUDIO_BYTES_MAX));
    expect(receiver.dropped).toBe(0);
    receiver.take(2, new Uint8Array(1));
    expect(receiver).toMatchObject({ dropped: 1, received: AUDIO_BYTES_MAX });
  });
});
