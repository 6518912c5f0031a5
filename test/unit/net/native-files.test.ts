import { open, readFile } from 'node:fs/promises';
import { constants } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { loadAddon } from '../../../src/net/native-addon.ts';
import { wallclock } from '../../../src/base/units.ts';
import { RECORD_HEAD_BYTES, RECORD_KIND, sealRecordsBy } from '../../../src/spool/record.ts';
import { SpoolTail } from '../../../src/spool/tail.ts';
import { withTempFolder } from '../../support/temp-folder.ts';

const loaded = loadAddon();
if (!loaded.ok) throw new Error(`the addon is needed here: ${loaded.reason}`);
const { sealRecord, writePieces } = loaded.addon;

const ARRIVAL = wallclock(1_700_000_000_123);
const packet = Uint8Array.from({ length: 2_000 }, (_, at) => (at * 7) & 0xff);

function recordOf(length: number): Uint8Array {
  const tail = new SpoolTail();
  tail.append(RECORD_KIND.rtp, ARRIVAL, packet, 3, 3 + length);
  return tail.bytes.slice(0, tail.position);
}

describe('a record', () => {
  test('is the same, byte for byte, sealed by the addon and in script', () => {
    for (let length = 0; length < 300; length++) {
      const inScript = recordOf(length);
      const sealed = inScript.slice();
      sealed.fill(0, 0, 8).fill(0, RECORD_HEAD_BYTES);
      sealRecord(packet, 3, 3 + length, sealed, 0);
      expect(sealed).toEqual(inScript);
    }
  });

  test.each([
    ['the packet ends behind its slab', packet.length - 1, packet.length + 1, 0],
    ['the packet ends before it begins', 5, 4, 0],
    ['the batch has no room', 0, 100 - RECORD_HEAD_BYTES + 1, 0],
    ['the batch ends before', 0, 1, 101],
  ])('changes nothing where %s', (_, start, end, at) => {
    const batch = new Uint8Array(100);
    sealRecord(packet, start, end, batch, at);
    expect(batch.every((byte) => byte === 0)).toBe(true);
  });

  test('fits to the last byte', () => {
    const batch = new Uint8Array(100);
    sealRecord(packet, 0, 100 - RECORD_HEAD_BYTES, batch, 0);
    expect(batch[99]).toBe(packet[99 - RECORD_HEAD_BYTES]);
  });

  test('is sealed by whatever the thread has said', () => {
    const sealed = recordOf(160);
    sealRecordsBy(sealRecord);
    expect(recordOf(160)).toEqual(sealed);
  });
});

describe('many files at once', () => {
  test.each([
    ['written', 0],
    ['made durable together', 1],
  ])('%s: each gets its bytes at its place, a full disk fails only its own', async (_, durable) => {
    await withTempFolder(async (folder) => {
      const names = ['a', 'b', 'c'].map((name) => join(folder, name));
      const files = await Promise.all(names.map((name) => open(name, 'wx')));
      const full = await open('/dev/full', 'w');
      const targets = [
        ...files.map(({ fd }, at) => ({ fd, offset: at, length: 500, position: at })),
        { fd: full.fd, offset: 0, length: packet.length, position: 0 },
        { fd: -1, offset: 0, length: packet.length, position: 0 },
        { fd: files[0]?.fd ?? -1, offset: 1, length: packet.length, position: 0 },
        { fd: files[0]?.fd ?? -1, offset: packet.length + 1, length: 0, position: 0 },
      ];
      const numbers = targets.flatMap(({ fd, offset, length, position }) => [
        fd,
        offset,
        length,
        position,
        durable,
      ]);
      const buffers = targets.map(() => packet);
      const errors = await writePieces(Float64Array.from(numbers), buffers);
      await Promise.all([...files, full].map((file) => file.close()));
      const { ENOSPC, EBADF, EFAULT } = constants.errno;
      expect([...errors]).toEqual([0, 0, 0, -ENOSPC, -EBADF, -EFAULT, -EFAULT]);
      for (const [at, name] of names.entries()) {
        const bytes = await readFile(name);
        expect(bytes.subarray(at)).toEqual(Buffer.from(packet.subarray(at, at + 500)));
      }
    });
  });

  test('none at all is no error', async () => {
    expect(await writePieces(new Float64Array(0), [])).toEqual(new Int32Array(0));
  });

  test('what can be written and not synced has an error of its own', async () => {
    const { EINVAL } = constants.errno;
    await withTempFolder(async (folder) => {
      const file = await open(join(folder, 'a'), 'wx');
      const device = await open('/dev/null', 'w');
      const numbers = [device.fd, 0, 10, 0, 1, file.fd, 0, 10, 0, 1];
      const errors = await writePieces(Float64Array.from(numbers), [packet, packet]);
      await Promise.all([file.close(), device.close()]);
      expect([...errors]).toEqual([-EINVAL, 0]);
    });
  });
});
