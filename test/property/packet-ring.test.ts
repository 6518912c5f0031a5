import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { wallclock } from '../../src/base/units.ts';
import { PacketRing, RING_BYTES, RING_PACKETS } from '../../src/media/packet-ring.ts';
import { runs } from '../support/runs.ts';

const HEAD = 17;

describe('packet ring', () => {
  test('gives every packet it has whole, and has the newest as far as they fit', () => {
    const sizes = fc.oneof(fc.integer({ min: 12, max: 200 }), fc.integer({ min: 12, max: 30_000 }));
    fc.assert(
      fc.property(fc.array(sizes, { minLength: 1, maxLength: 700 }), (lengths) => {
        const ring = new PacketRing();
        const packets: { position: number; nextPosition: number; length: number; fill: number }[] =
          [];
        let position = 100;
        for (const [number, length] of lengths.entries()) {
          const slab = new Uint8Array(length + 6).fill(number & 0xff);
          const nextPosition = position + HEAD + length;
          const arrival = wallclock(number);
          ring.append(slab, 3, 3 + length, { position, nextPosition, arrival });
          packets.push({ position, nextPosition, length, fill: number & 0xff });
          position = nextPosition;
        }
        expect(ring.seek(position)).toBe(false);
        let kept = 0;
        let bytes = 0;
        for (const packet of packets.toReversed()) {
          const found = ring.seek(packet.position);
          // Once one is missing, all older ones are.
          if (found) expect(kept).toBe(packets.length - 1 - packets.indexOf(packet));
          if (!found) continue;
          kept++;
          bytes += packet.length;
          expect(ring.nextPosition).toBe(packet.nextPosition);
          const content = ring.slab.subarray(ring.start, ring.end);
          expect(content).toHaveLength(packet.length);
          expect(content.every((byte) => byte === packet.fill)).toBe(true);
        }
        expect(kept).toBeGreaterThan(0);
        expect(kept).toBeLessThanOrEqual(RING_PACKETS);
        expect(bytes).toBeLessThanOrEqual(RING_BYTES);
      }),
      { numRuns: runs(50) },
    );
  });
});
