import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { instant } from '../../../src/base/units.ts';
import { HEADER_BYTES, writeOctetStreamHeader } from '../../../src/rtp/octet-stream.ts';
import { AUDIO_BYTES_MAX, AudioReceiver } from '../../../sip-scripts/streams/audio-receiver.ts';
import { FileReceiver } from '../../../sip-scripts/streams/file-receiver.ts';

let folder = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'midcall-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const nothing = (): void => {};

const payload = (offset: number, text: string, end = false): Uint8Array => {
  const bytes = Buffer.alloc(HEADER_BYTES + text.length);
  writeOctetStreamHeader(bytes, 0, offset, end);
  bytes.write(text, HEADER_BYTES);
  return bytes;
};

describe('a file that is received', () => {
  test('in any order and repeated, it is complete when every byte up to E is there', () => {
    const path = join(folder, 'file');
    const receiver = new FileReceiver(path, nothing);
    expect(receiver.take(2, payload(6, 'world', true), instant(0))).toBe(5);
    expect(receiver.size).toBe(11);
    expect(receiver.complete).toBe(false);
    expect(receiver.take(3, payload(6, 'world', true), instant(0))).toBe(0);
    expect(receiver.take(1, payload(0, 'hello '), instant(0))).toBe(6);
    expect(receiver.complete).toBe(true);
    receiver.close();
    expect(readFileSync(path, 'utf8')).toBe('hello world');
    expect(receiver.take(4, payload(0, 'late'), instant(0))).toBe(0);
    expect(receiver.refused).toBe(1);
  });

  test('what is no such payload is counted and left out', () => {
    const receiver = new FileReceiver(join(folder, 'file'), nothing);
    expect(receiver.take(1, Uint8Array.of(1, 2, 3), instant(0))).toBe(0);
    receiver.close();
    expect(receiver).toMatchObject({ refused: 1, received: 0 });
  });
});

describe('a file with a hole', () => {
  test('the packet is asked for until its bytes are there, under whatever number', () => {
    const asked: (readonly number[])[] = [];
    const receiver = new FileReceiver(join(folder, 'file'), (sequences) => asked.push(sequences));
    receiver.take(65_535, payload(0, 'hello '), instant(0));
    receiver.take(65_537, payload(12, 'again', true), instant(0));
    receiver.elapse(receiver.deadline());
    receiver.elapse(receiver.deadline());
    expect(asked).toEqual([[0], [0]]);
    receiver.take(65_538, payload(6, 'world '), instant(500));
    receiver.elapse(instant(10_000));
    expect(asked).toHaveLength(2);
    expect(receiver.complete).toBe(true);
    receiver.close();
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
