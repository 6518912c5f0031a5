import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { readFile, writeFile } from 'node:fs/promises';
import { wallclock } from '../../src/base/units.ts';
import type { SpoolRecord } from '../../src/spool/record.ts';
import { SpoolWriter } from '../../src/spool/writer.ts';
import { readSpool } from '../support/spool-records.ts';
import { withTempFolder } from '../support/temp-folder.ts';
import { runs } from '../support/runs.ts';

const record = fc.record({
  kind: fc.integer({ min: 0, max: 255 }),
  arrival: fc.nat(Number.MAX_SAFE_INTEGER),
  payload: fc.uint8Array({ maxLength: 300 }),
});
const damage = fc.oneof(
  fc.record({ type: fc.constant('cut' as const), at: fc.nat() }),
  fc.record({ type: fc.constant('flip' as const), at: fc.nat(), bit: fc.nat(7) }),
  fc.record({ type: fc.constant('tail' as const), bytes: fc.uint8Array({ maxLength: 90_000 }) }),
);
/** Beyond what is read at once anyway, too. */
const ahead = fc.nat({ max: 200_000 });

function damaged(
  good: Buffer,
  how: typeof damage extends fc.Arbitrary<infer D> ? D : never,
): Buffer {
  switch (how.type) {
    case 'cut':
      return good.subarray(0, how.at % (good.length + 1));
    case 'flip': {
      const bad = Buffer.from(good);
      const at = how.at % good.length;
      bad[at] = (bad[at] ?? 0) ^ (1 << how.bit);
      return bad;
    }
    case 'tail':
      return Buffer.concat([good, how.bytes]);
  }
}

/** The records that damage leaves. */
function intact(
  records: readonly SpoolRecord[],
  how: typeof damage extends fc.Arbitrary<infer D> ? D : never,
): readonly SpoolRecord[] {
  const size = records.at(-1)?.end ?? 0;
  if (how.type === 'tail') return records;
  if (how.type === 'cut') return records.filter(({ end }) => end <= how.at % (size + 1));
  const hit = records.findIndex(({ end }) => how.at % size < end);
  const after = records.slice(hit + 1);
  // Behind damage, the next record of a kind that is known is found.
  const next = after.findIndex(({ kind }) => kind >= 1 && kind <= 4);
  return [...records.slice(0, hit), ...(next < 0 ? [] : after.slice(next))];
}

const plain = (records: readonly { kind: number; arrival: number; payload: Uint8Array }[]) =>
  records.map(({ kind, arrival, payload }) => [
    kind,
    arrival,
    Buffer.from(payload).toString('hex'),
  ]);

describe('reading a spool', () => {
  test('gives what was written, and of a damaged one all that is intact; it never throws', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(record, { maxLength: 20 }), damage, ahead, (records, how, bytes) =>
        withTempFolder(async (folder) => {
          const writer = await SpoolWriter.open(folder, 't', { transfer: 't' });
          for (const { kind, arrival, payload } of records) {
            writer.append(kind, wallclock(arrival), payload, 0, payload.length);
          }
          await writer.close();
          const whole = await readSpool(writer.path);
          expect(plain(whole.records.slice(1))).toEqual(plain(records as never));
          await writeFile(writer.path, damaged(await readFile(writer.path), how));
          const rest = await readSpool(writer.path, bytes);
          expect(plain(rest.records)).toEqual(plain(intact(whole.records, how)));
        }),
      ),
      { numRuns: runs(150) },
    );
  });
});
