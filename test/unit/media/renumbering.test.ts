import { describe, expect, test } from '@jest/globals';
import type { Random } from '../../../src/base/clock.ts';
import { Renumbering } from '../../../src/media/renumbering.ts';
import { ResendCache, RESEND_PACKETS } from '../../../src/media/resend-cache.ts';
import { DROPOUT_MAX } from '../../../src/rtp/reception.ts';

const ONES: Random = { bytes: (count) => new Uint8Array(count).fill(0xff) };

/** Sequence numbers and timestamps that come out, as distances from the first. */
function mapped(...packets: readonly (readonly [number, number])[]): (readonly [number, number])[] {
  const numbering = new Renumbering(ONES);
  const out = packets.map(([sequence, timestamp]) => {
    numbering.map({ sequence, timestamp });
    return [numbering.sequence, numbering.timestamp] as const;
  });
  const [first = [0, 0]] = out;
  return out.map(([s, t]) => [(s - first[0]) & 0xffff, (t - first[1]) >>> 0] as const);
}

describe('renumbering', () => {
  test('begins by chance, in the lower half of the sequence numbers', () => {
    const numbering = new Renumbering(ONES);
    numbering.map({ sequence: 7, timestamp: 7 });
    expect(numbering).toMatchObject({
      ssrc: 0xffff_ffff,
      sequence: 0x8000,
      timestamp: 0xffff_ffff,
    });
  });

  test('keeps gaps and distances, over both wraps', () => {
    expect(mapped([65_535, 2 ** 32 - 160], [0, 0], [3, 480])).toEqual([
      [0, 0],
      [1, 160],
      [4, 640],
    ]);
  });

  test('a jump that no loss explains is a step of one', () => {
    expect(mapped([0, 0], [DROPOUT_MAX - 1, 0])[1]).toEqual([DROPOUT_MAX - 1, 0]);
    expect(mapped([0, 0], [DROPOUT_MAX, 0])[1]).toEqual([1, 0]);
    expect(mapped([9, 0], [8, 0])[1]).toEqual([1, 0]);
  });

  test('its own numbers wrap', () => {
    const numbering = new Renumbering(ONES);
    for (let count = 0; count < 0x8000; count++) numbering.next(2 ** 32 + 5);
    expect(numbering).toMatchObject({ sequence: 65_535, timestamp: 5 });
    numbering.next(0);
    expect(numbering.sequence).toBe(0);
  });
});

describe('payloads kept to be sent again', () => {
  const found = (cache: ResendCache, sequence: number): number | undefined => {
    const range = cache.find(sequence);
    return range === undefined ? undefined : cache.slab[range.start];
  };

  test(`the newest ${RESEND_PACKETS}, over the wrap`, () => {
    const cache = new ResendCache();
    for (let count = 0; count < RESEND_PACKETS; count++) {
      cache.keep((65_530 + count) & 0xffff, Uint8Array.of(0xee, count & 0xff), 1, 2);
    }
    expect([found(cache, 65_530), found(cache, 65_535), found(cache, 0)]).toEqual([0, 5, 6]);
    cache.keep((65_530 + RESEND_PACKETS) & 0xffff, Uint8Array.of(9), 0, 1);
    expect(found(cache, 65_530)).toBeUndefined();
    expect(found(cache, 65_531)).toBe(1);
    expect(cache.missed).toBe(1);
  });

  test('nothing that was never sent', () => {
    expect(new ResendCache().find(0)).toBeUndefined();
  });
});
