import { describe, expect, test } from '@jest/globals';
import type { Spools } from '../../src/media/journal.ts';
import { spoolPath } from '../../src/spool/path.ts';
import { SpoolCursor } from '../../src/spool/reader.ts';
import { SpoolWriter } from '../../src/spool/writer.ts';
import { MediaRig, SENDER, speechTerms } from '../support/media-rig.ts';
import { rtpPacket, speech } from '../support/rtp-packets.ts';
import { smallDisks, type SmallDisk } from '../support/small-disk.ts';
import { readSpool } from '../support/spool-records.ts';
import { until } from '../support/until.ts';

const spoolsOn = ({ folder, create }: SmallDisk): Spools => ({
  requireRoom: async () => undefined,
  create: (transfer, header) => SpoolWriter.open(folder, transfer, header, create),
  resume: (transfer, header) => SpoolWriter.resume(folder, transfer, header),
  read: (transfer, position) => SpoolCursor.open(spoolPath(folder, transfer), position),
});

/** A media plane with two transfers that have stored 100 packets each. */
class TwoTransfers {
  readonly rig: MediaRig;
  readonly #ports = new Map<string, number>();
  #number = 0;

  constructor(disk: SmallDisk) {
    this.rig = new MediaRig(undefined, spoolsOn(disk));
  }

  async open(transfer: string): Promise<void> {
    const { rtp } = await this.rig.plane.openIngest(transfer);
    this.#ports.set(transfer, rtp);
    await this.rig.plane.confirmIngest(transfer, speechTerms({ header: { v: 1, transfer } }));
  }

  /** 100 packets, and whatever becomes of them. */
  async send(transfer: string): Promise<void> {
    for (let count = 0; count < 100; count++) {
      const number = this.#number++;
      const header = { sequence: number, timestamp: number * 160, ssrc: transfer.length };
      this.rig.arrive(this.#ports.get(transfer) ?? 0, SENDER, rtpPacket(header, speech(number)));
    }
    await this.rig.advance(400);
  }

  /** Disks take real time, unlike the rig's clock. */
  when(condition: () => boolean): Promise<void> {
    return until(async () => {
      await this.rig.advance(1);
      return condition();
    });
  }

  /** Bytes that the last report called stored. */
  stored(transfer: string): number {
    const reports = this.rig
      .ofType('ingest-progress')
      .filter((event) => event.transfer === transfer);
    return reports.at(-1)?.stored ?? 0;
  }
}

describe('a disk', () => {
  test('that fills up ends the transfer that meets it, keeps what is stored, and harms no other', async () => {
    const disks = await smallDisks();
    expect(disks.length).toBeGreaterThan(0);
    for (const [, withDisk] of disks) await withDisk(fillsUp);
  });
});

async function fillsUp(disk: SmallDisk): Promise<void> {
  const two = new TwoTransfers(disk);
  const { rig } = two;
  for (const transfer of ['a', 'bb']) {
    await two.open(transfer);
    await two.send(transfer);
    await two.when(() => two.stored(transfer) === 16_000);
  }
  await disk.fill();
  await two.send('a');
  await two.when(() => rig.ofType('ingest-ended').length > 0);
  const [ended] = rig.ofType('ingest-ended');
  expect(ended).toMatchObject({ transfer: 'a', cause: 'disk' });
  expect(ended?.stored).toBeGreaterThanOrEqual(16_000);
  const { records, tornAt } = await readSpool(spoolPath(disk.folder, 'a'));
  expect(tornAt).toBeUndefined();
  expect(records.filter(({ kind }) => kind === 2).length * 160).toBeGreaterThanOrEqual(16_000);
  await disk.free();
  await two.send('bb');
  await two.when(() => two.stored('bb') === 32_000);
  await rig.plane.endIngest('bb', 'end-of-data');
  await rig.advance(1_000);
  await two.when(() => rig.ofType('ingest-ended').length > 1);
  expect(rig.ofType('ingest-ended').at(-1)).toMatchObject({ transfer: 'bb', stored: 32_000 });
  await two.open('ccc');
  await two.send('ccc');
  await two.when(() => two.stored('ccc') === 16_000);
  await rig.plane.close();
}
