import { describe, expect, test } from '@jest/globals';
import { execFile } from 'node:child_process';
import path from 'node:path';
import { promisify } from 'node:util';
import { withRecorder } from '../support/opened-recorder.ts';
import { STARTED_AT, steadyPackets, writeRtpSpool } from '../support/rtp-spool.ts';

const run = promisify(execFile);
const VP8 = { payloadType: 96, encoding: 'VP8', clockRate: 90_000, channels: 1 };

describe('a recording of an encoding without a container', () => {
  test('is a capture that tshark reads as RTP, complaining of nothing', async () => {
    await withRecorder(async ({ recorder, folder, objectsFolder }) => {
      await writeRtpSpool(
        folder,
        { transfer: 't', kind: 'media', payload: VP8 },
        steadyPackets(3, {
          payload: (at) => new Uint8Array(100 + at),
          units: 3_000,
          ms: 33,
          sequence: 65_535,
        }),
      );
      const object = await recorder.record('t', 'alice');
      expect(object).toMatchObject({
        key: 'alice/t/data.pcap',
        contentType: 'application/vnd.tcpdump.pcap',
      });
      const fields = [
        'frame.time_epoch',
        'ip.checksum.status',
        'rtp.seq',
        'rtp.timestamp',
        'udp.length',
      ];
      const { stdout } = await run('tshark', [
        '-r',
        path.join(objectsFolder, object.key),
        '-o',
        'ip.check_checksum:TRUE',
        '-d',
        'udp.port==5004,rtp',
        '-T',
        'fields',
        '-E',
        'separator=,',
        ...fields.flatMap((field) => ['-e', field]),
      ]);
      const at = (ms: number): string => `${(STARTED_AT + ms) / 1_000}`;
      expect(
        stdout
          .trim()
          .split('\n')
          .map((line) => line.replace(/^(\d+\.\d+?)0*,/, '$1,').replace(/\.0?,/, ',')),
      ).toEqual([`${at(0)},1,65535,0,120`, `${at(33)},1,0,3000,121`, `${at(66)},1,1,6000,122`]);
    });
  });
});
