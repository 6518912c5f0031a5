import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, jest, test } from '@jest/globals';
import { OctetStreamView, parseOctetStream } from '../../../src/rtp/octet-stream.ts';
import { parseRtp, RtpView } from '../../../src/rtp/packet.ts';
import {
  END_REPEATS_MAX,
  FileSender,
  RESENDS_MAX,
  type FileSenderOptions,
} from '../../../sip-scripts/streams/file-sender.ts';
import { FileSource } from '../../../sip-scripts/streams/file-source.ts';
import { OutgoingStream } from '../../../sip-scripts/streams/outgoing-stream.ts';
import type { RtcpPacket } from '../../../sip-scripts/streams/rtcp.ts';

interface Sent {
  readonly at: number;
  readonly sequence: number;
  readonly offset: number;
  readonly end: boolean;
}

let folder = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'midcall-'));
  jest.useFakeTimers();
});
afterEach(() => {
  jest.useRealTimers();
  rmSync(folder, { recursive: true, force: true });
});

/** A sender of a file of this many bytes, and what it has sent, in ms since its start. */
function sender(size: number, more: Partial<FileSenderOptions> = {}): [FileSender, Sent[]] {
  const path = join(folder, 'file');
  writeFileSync(path, Buffer.alloc(size, 7));
  const startedAt = performance.now();
  const sent: Sent[] = [];
  const rtp = new RtpView();
  const data = new OctetStreamView();
  const sendRtp = (packet: Uint8Array): void => {
    expect(parseRtp(packet, packet.length, rtp)).toBeUndefined();
    expect(parseOctetStream(packet.subarray(rtp.payloadStart), data)).toBe(true);
    const { sequence } = rtp;
    sent.push({ at: performance.now() - startedAt, sequence, offset: data.offset, end: data.end });
    expect(rtp.marker).toBe(data.end);
  };
  const options: FileSenderOptions = {
    sockets: { sendRtp },
    stream: new OutgoingStream(96, 65_534),
    source: new FileSource(path),
    to: { address: '127.0.0.1', port: 9 },
    rate: 1_000_000,
    repeatEnd: true,
    progress: () => {},
    sentAll: () => {},
    ...more,
  };
  return [new FileSender(options), sent];
}

const nack = (...missing: number[]): RtcpPacket[] => [
  { type: 'nack', ssrc: 1, reports: [], ntpMiddle: 0, missing },
];

describe('a file on its way', () => {
  test('it is cut at 1,200 bytes, E is on the last, and the end is repeated with back-off', () => {
    const [file, sent] = sender(3_000);
    file.start();
    jest.advanceTimersByTime(120_000);
    file.stop();
    expect(sent.slice(0, 3).map(({ offset, end }) => [offset, end])).toEqual([
      [0, false],
      [1_200, false],
      [2_400, true],
    ]);
    const repeats = sent.slice(3);
    expect(repeats).toHaveLength(END_REPEATS_MAX);
    expect(repeats.every(({ offset, end }) => offset === 2_400 && end)).toBe(true);
    const waits = repeats.map(({ at }, index) => Math.round(at - (sent[index + 2]?.at ?? 0)));
    expect(waits).toEqual([200, 400, 800, 1_600, 3_200, 5_000, 5_000, 5_000, 5_000, 5_000]);
    expect(sent.map(({ sequence }) => sequence).slice(0, 4)).toEqual([65_534, 65_535, 0, 1]);
  });

  test('what a NACK asks for is sent again under a new sequence number', () => {
    const [file, sent] = sender(6_000);
    file.start();
    jest.advanceTimersByTime(100);
    expect(sent).toHaveLength(5);
    // 65,535 and 0 are the second and third; 9 was never sent.
    file.heard(nack(65_535, 0, 9), []);
    jest.advanceTimersByTime(150);
    file.stop();
    expect(sent.slice(5, 8).map(({ sequence, offset }) => [sequence, offset])).toEqual([
      [3, 1_200],
      [4, 2_400],
      [5, 4_800],
    ]);
    expect(file.resent).toBe(2);
  });

  test('as many resendings wait as the limit; one more is dropped and counted', () => {
    const [file] = sender(3_000);
    file.start();
    jest.advanceTimersByTime(100);
    file.heard(nack(...Array.from({ length: RESENDS_MAX }, () => 65_534)), []);
    expect(file.resendsDropped).toBe(0);
    file.heard(nack(65_534), []);
    expect(file.resendsDropped).toBe(1);
    file.stop();
  });

  test('loss reported by the receiver slows it down', () => {
    const sentWith = (fractionLost: number): number => {
      const [file, sent] = sender(400_000);
      file.start();
      const report = { ssrc: 1, lost: 1, highest: 1, jitter: 0, lastReport: 0, delay: 0 };
      file.heard([], [{ ...report, fractionLost }]);
      jest.advanceTimersByTime(900);
      file.stop();
      return sent.length;
    };
    expect(sentWith(0.1) / sentWith(0)).toBeCloseTo(0.5, 1);
  });

  test('one that stops in mid-transfer sends no end', () => {
    const [file, sent] = sender(6_000, { stopAt: 2_400 });
    file.start();
    jest.advanceTimersByTime(60_000);
    file.stop();
    file.stop();
    expect(sent).toHaveLength(2);
  });
});
