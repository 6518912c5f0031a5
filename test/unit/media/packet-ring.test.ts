import { describe, expect, test } from '@jest/globals';
import { wallclock } from '../../../src/base/units.ts';
import { PacketRing, RING_BYTES, RING_PACKETS } from '../../../src/media/packet-ring.ts';

function append(ring: PacketRing, position: number, length: number): void {
  const place = { position, nextPosition: position + 1, arrival: wallclock(position) };
  ring.append(new Uint8Array(length), 0, length, place);
}

describe('packet ring', () => {
  test(`keeps ${RING_PACKETS} packets, one more pushes the oldest out`, () => {
    const ring = new PacketRing();
    for (let position = 0; position < RING_PACKETS; position++) append(ring, position, 12);
    expect(ring.seek(0)).toBe(true);
    append(ring, RING_PACKETS, 12);
    expect([ring.seek(0), ring.seek(1), ring.seek(RING_PACKETS)]).toEqual([false, true, true]);
    expect(ring).toMatchObject({ arrival: RING_PACKETS, nextPosition: RING_PACKETS + 1 });
  });

  test(`keeps ${RING_BYTES} bytes, one more pushes the oldest out`, () => {
    const ring = new PacketRing();
    append(ring, 0, RING_BYTES / 2);
    append(ring, 1, RING_BYTES / 2);
    expect([ring.seek(0), ring.seek(1)]).toEqual([true, true]);
    append(ring, 2, 1);
    expect([ring.seek(0), ring.seek(1), ring.seek(2)]).toEqual([false, true, true]);
  });

  test('a packet larger than all of it is not kept, and nothing older either', () => {
    const ring = new PacketRing();
    append(ring, 0, 12);
    append(ring, 1, RING_BYTES + 1);
    append(ring, 2, 12);
    expect([ring.seek(0), ring.seek(1), ring.seek(2)]).toEqual([false, false, true]);
  });
});
