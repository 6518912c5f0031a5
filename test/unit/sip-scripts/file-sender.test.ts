import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { instant } from '../../../src/base/units.ts';
import { DEAD_MS } from '../../../src/rtp/send-rate.ts';
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
import type { ReceptionReport, RtcpPacket } from '../../../sip-scripts/streams/rtcp.ts';

interface Sent {
  readonly at: number;
  readonly sequence: number;
  readonly offset: number;
  readonly end: boolean;
}

let folder = '';
/** ms. */
let clock = 0;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'midcall-'));
  clock = 0;
});
afterEach(() => {
  rmSync(folder, { recursive: true, force: true });
});

/** A sender of a file of this many bytes, and what it has sent, in ms since its start. */
function sender(size: number, more: Partial<FileSenderOptions> = {}): [FileSender, Sent[]] {
  const path = join(folder, 'file');
  writeFileSync(path, Buffer.alloc(size, 7));
  const sent: Sent[] = [];
  const rtp = new RtpView();
  const data = new OctetStreamView();
  const sendRtp = (packet: Uint8Array): void => {
    expect(parseRtp(packet, packet.length, rtp)).toBeUndefined();
    expect(parseOctetStream(packet.subarray(rtp.payloadStart), data)).toBe(true);
    const { sequence } = rtp;
    sent.push({ at: clock, sequence, offset: data.offset, end: data.end });
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
    gaveUp: () => {},
    ...more,
  };
  return [new FileSender(options, instant(0)), sent];
}

/** Lets it do what is due in the next `ms`. */
function run(file: FileSender, ms: number): void {
  const until = clock + ms;
  for (; clock <= until; clock = Math.max(clock, file.deadline())) file.elapse(instant(clock));
  clock = until;
}

const reportOf = (highest: number): ReceptionReport => ({
  ssrc: 1,
  fractionLost: 0,
  lost: 0,
  highest,
  jitter: 0,
  lastReport: 0,
  delay: 0,
});

const nack = (...missing: number[]): RtcpPacket[] => [
  { type: 'nack', ssrc: 1, reports: [], ntpMiddle: 0, missing },
];

describe('a file on its way', () => {
  test('it is cut at 1,200 bytes, E is on the last, and the end is repeated with back-off', () => {
    const [file, sent] = sender(3_000);
    run(file, 120_000);
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
    run(file, 100);
    expect(sent).toHaveLength(5);
    // 65,535 and 0 are the second and third; 9 was never sent.
    file.heard(nack(65_535, 0, 9), [], instant(clock));
    run(file, 150);
    file.stop();
    expect(sent.slice(5, 8).map(({ sequence, offset }) => [sequence, offset])).toEqual([
      [3, 1_200],
      [4, 2_400],
      [5, 4_800],
    ]);
    expect(file.resent).toBe(2);
  });

  test('what was just sent again is not asked for: the request crossed it', () => {
    const [file, sent] = sender(6_000);
    run(file, 100);
    file.heard(nack(65_535), [], instant(clock));
    file.heard(nack(65_535), [], instant(clock + 49));
    run(file, 49);
    expect(sent).toHaveLength(6);
    file.heard(nack(65_535), [], instant(clock + 1));
    run(file, 40);
    expect(sent).toHaveLength(7);
    file.stop();
  });

  test('as many resendings wait as the limit; one more is dropped and counted', () => {
    const [file, sent] = sender(1_400_000);
    for (let seconds = 0; seconds < 20; seconds++) {
      run(file, 1_000);
      file.heard([], [reportOf(sent.at(-1)?.sequence ?? 0)], instant(clock));
    }
    const numbers = sent.slice(0, RESENDS_MAX + 1).map(({ sequence }) => sequence);
    file.heard(nack(...numbers.slice(1)), [], instant(clock));
    expect(file.resendsDropped).toBe(0);
    file.heard(nack(numbers[0] ?? 0), [], instant(clock));
    expect(file.resendsDropped).toBe(1);
    file.stop();
  });

  test('a queue on the way slows it down', () => {
    const sentWith = (queueMs: number): number => {
      clock = 0;
      const [file, sent] = sender(400_000);
      for (let ms = 0; ms < 2_000; ms += 100) {
        run(file, 100);
        // As of so long ago; the first ones find the way free.
        const ago = ms < 500 ? 20 : 20 + queueMs;
        const last = sent.findLast(({ at }) => at <= clock - ago);
        if (last !== undefined) file.heard([], [reportOf(last.sequence)], instant(clock));
      }
      file.stop();
      return file.rate;
    };
    expect(sentWith(300)).toBeLessThan(0.9 * sentWith(0));
  });

  test('what the other side has is left out, and holes are cut where they end', () => {
    const have: [number, number][] = [
      [0, 1_000],
      [2_500, 2_600],
    ];
    const [file, sent] = sender(3_000, { have, repeatEnd: false });
    run(file, 1_000);
    file.stop();
    expect(sent.map(({ offset, end }) => [offset, end])).toEqual([
      [1_000, false],
      [2_200, false],
      [2_600, true],
    ]);
  });

  test('on a path that says nothing for long enough it gives up', () => {
    const told: string[] = [];
    const [file, sent] = sender(4_000_000, { gaveUp: () => told.push('gave up') });
    run(file, DEAD_MS - 1);
    expect(told).toEqual([]);
    run(file, DEAD_MS);
    expect(told).toEqual(['gave up']);
    const count = sent.length;
    run(file, 1_000);
    expect(sent).toHaveLength(count);
  });

  test('one that stops in mid-transfer sends no end', () => {
    const [file, sent] = sender(6_000, { stopAt: 2_400 });
    run(file, 60_000);
    file.stop();
    file.stop();
    expect(sent).toHaveLength(2);
  });
});
