import { expect, test } from '@jest/globals';
import type { ByteRange } from '../../src/base/byte-range.ts';
import { wallclock } from '../../src/base/units.ts';
import { RECORD_KIND } from '../../src/spool/record.ts';
import { fileFrom, fileOf } from '../support/file-path.ts';
import { fileTerms, MediaRig, SENDER } from '../support/media-rig.ts';
import { filePacket } from '../support/rtp-packets.ts';

const PIECE = 1_000;
const SIZE = 10_000;
const FILE = fileOf(SIZE);

/** An ingest whose spool has these ranges already. */
async function goingOn(have: readonly ByteRange[]): Promise<{ rig: MediaRig; port: number }> {
  const rig = new MediaRig();
  await rig.spools.create('t', {});
  const spool = rig.spools.spools.get('t');
  if (spool === undefined) throw new Error('no spool');
  for (const { start, end } of have)
    for (let at = start; at < end; at += PIECE) {
      const packet = filePacket({}, at, FILE.subarray(at, Math.min(at + PIECE, end)));
      spool.append(RECORD_KIND.rtp, wallclock(0), packet, 0, packet.length);
    }
  await spool.write();
  const { rtp } = await rig.plane.openIngest('t');
  await rig.plane.confirmIngest('t', fileTerms({ size: SIZE, sizeMax: SIZE, have }));
  return { rig, port: rtp };
}

function send(rig: MediaRig, port: number, ...pieces: readonly number[]): void {
  for (const piece of pieces) {
    const start = piece * PIECE;
    const data = FILE.subarray(start, start + PIECE);
    rig.arrive(port, SENDER, filePacket({ sequence: piece }, start, data, start + PIECE === SIZE));
  }
}

test('a file that goes on needs only what is missing, and counts all of it as stored', async () => {
  const have = [
    { start: 0, end: 4_000 },
    { start: 6_000, end: 9_000 },
  ];
  const { rig, port } = await goingOn(have);
  send(rig, port, 4);
  await rig.advance(250);
  expect(rig.ofType('ingest-progress').at(-1)).toMatchObject({ stored: 8_000 });
  send(rig, port, 5, 9);
  await rig.advance(250);
  expect(rig.ofType('ingest-ended')).toMatchObject([{ cause: 'complete', stored: SIZE }]);
  expect(fileFrom(rig, 't', SIZE)).toEqual(FILE);
});

test('what is there already is not stored again', async () => {
  const { rig, port } = await goingOn([{ start: 0, end: 9_000 }]);
  const before = rig.spools.spools.get('t')?.packets.length;
  send(rig, port, 0, 1, 8);
  await rig.advance(250);
  expect(rig.spools.spools.get('t')?.packets).toHaveLength(before ?? 0);
});

test('a file that goes on and gets nothing ends with what it began with', async () => {
  const { rig } = await goingOn([{ start: 0, end: 3_000 }]);
  await rig.advance(30_000);
  expect(rig.ofType('ingest-ended')).toMatchObject([{ cause: 'idle', stored: 3_000 }]);
});

test('a disk that fails leaves what the spool began with', async () => {
  const { rig, port } = await goingOn([{ start: 0, end: 3_000 }]);
  const spool = rig.spools.spools.get('t');
  send(rig, port, 3);
  if (spool !== undefined) spool.failure = new Error('ENOSPC');
  await rig.advance(250);
  expect(rig.ofType('ingest-ended')).toMatchObject([{ cause: 'disk', stored: 3_000 }]);
});

test('without the spool it begins with, an ingest is refused', async () => {
  const rig = new MediaRig();
  await rig.plane.openIngest('t');
  const terms = fileTerms({ size: SIZE, sizeMax: SIZE, have: [{ start: 0, end: 1 }] });
  await expect(rig.plane.confirmIngest('t', terms)).rejects.toMatchObject({
    code: 'storage-unavailable',
  });
});
