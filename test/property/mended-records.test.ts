import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { mendedRecords } from '../../src/recording/mended-records.ts';
import { RECORD_KIND } from '../../src/spool/record.ts';
import { runs } from '../support/runs.ts';
import { writeRtpSpool, PCMU, type TestPacket } from '../support/rtp-spool.ts';
import { withTempFolder } from '../support/temp-folder.ts';

/** Two sources, one after the other; some packets come late: after `lateBy` others of their source, or at its end. */
function spooled(
  first: number,
  lateBy: readonly number[],
): { sent: TestPacket[]; stored: TestPacket[] } {
  const sent: TestPacket[] = [];
  const stored: TestPacket[] = [];
  for (const ssrc of [1, 2]) {
    const waiting: { readonly at: number; readonly packet: TestPacket }[] = [];
    for (const [index, late] of lateBy.entries()) {
      const at = sent.length;
      const packet = {
        payload: Uint8Array.of(ssrc, index),
        sequence: (first + index) & 0xffff,
        timestamp: 160 * at,
        arrival: 20 * at,
        ssrc,
      };
      sent.push(packet);
      if (late > 0 && index > 0) waiting.push({ at: index + late, packet });
      else stored.push(packet);
      for (const due of waiting.filter((each) => each.at === index))
        stored.push({ ...due.packet, isLate: true, arrival: 20 * at });
    }
    for (const due of waiting.filter((each) => each.at >= lateBy.length))
      stored.push({ ...due.packet, isLate: true, arrival: 20 * sent.length });
  }
  return { sent, stored };
}

describe('the records of a spool with late packets', () => {
  test('come out in the order in which they were sent, over the wrap and a change of source', async () => {
    const header = { transfer: 't', kind: 'media', payload: PCMU };
    const late = fc.array(fc.constantFrom(0, 0, 0, 1, 2, 7, 50), { minLength: 1, maxLength: 30 });
    const property = fc.asyncProperty(fc.integer({ min: 65_500, max: 65_535 }), late, (first, by) =>
      withTempFolder(async (folder) => {
        const { sent, stored } = spooled(first, by);
        const path = await writeRtpSpool(folder, header, stored);
        const records = mendedRecords(path);
        for (const times of ['first', 'again']) {
          const found: number[][] = [];
          for await (const { kind, payload } of records()) {
            if (kind !== RECORD_KIND.rtp) continue;
            found.push([...payload.subarray(12)]);
          }
          expect({ times, found }).toEqual({
            times,
            found: sent.map(({ payload }) => [...payload]),
          });
        }
      }),
    );
    await fc.assert(property, { numRuns: runs(40) });
  }, 30_000);
});
