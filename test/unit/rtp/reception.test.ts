import { describe, expect, test } from '@jest/globals';
import { instant } from '../../../src/base/units.ts';
import {
  DROPOUT_MAX,
  LOST_MAX,
  LOST_MIN,
  MISORDER_MAX,
  Reception,
  type Continuity,
} from '../../../src/rtp/reception.ts';

// oxlint-disable-next-line max-params -- a row of numbers
const take = (reception: Reception, sequence: number, timestamp: number, ms: number): Continuity =>
  reception.receive({ sequence, timestamp }, { arrival: instant(ms) });

/** Packets of 20 ms at 8 kHz that arrive on time. */
function receive(reception: Reception, ...sequences: number[]): void {
  for (const sequence of sequences) {
    take(reception, sequence & 0xffff, sequence * 160, sequence * 20);
  }
}

describe('reception statistics: numbers (RFC 3550 A.1)', () => {
  test('count the wrap', () => {
    const reception = new Reception(8_000);
    receive(reception, 65_534, 65_535, 65_536, 65_537);
    expect(reception.highest).toBe(65_537);
    expect(reception.expected).toBe(4);
    expect(reception.report()).toMatchObject({ lost: 0, highest: 0x1_0001 });
  });

  test('a reordered packet across the wrap is no second wrap', () => {
    const reception = new Reception(8_000);
    receive(reception, 65_534, 65_536, 65_535, 65_537);
    expect(reception.report()).toMatchObject({ lost: 0, highest: 0x1_0001 });
  });

  test('a gap of MAX_DROPOUT − 1 is loss, one of MAX_DROPOUT is suspect', () => {
    const reception = new Reception(8_000);
    receive(reception, 0);
    expect(take(reception, DROPOUT_MAX - 1, 0, 0)).toBe('continues');
    expect(reception.report().lost).toBe(DROPOUT_MAX - 2);
    expect(take(reception, 2 * DROPOUT_MAX - 1, 0, 0)).toBe('suspect');
  });

  test('a packet MAX_MISORDER − 1 behind is reordered, one of MAX_MISORDER is suspect', () => {
    const reception = new Reception(8_000);
    receive(reception, 1_000);
    expect(take(reception, 1_000 - MISORDER_MAX + 1, 0, 0)).toBe('continues');
    expect(take(reception, 1_000 - MISORDER_MAX, 0, 0)).toBe('suspect');
  });

  test('two in a row after a jump are a restart, and statistics start over', () => {
    const reception = new Reception(8_000);
    receive(reception, 10, 12);
    expect(take(reception, 40_000, 0, 0)).toBe('suspect');
    expect(take(reception, 40_001, 0, 0)).toBe('restart');
    expect(reception.report()).toMatchObject({ lost: 0, fractionLost: 0, highest: 40_001 });
    expect(reception.expected).toBe(3 + 1);
  });

  test('two that are not in a row are no restart', () => {
    const reception = new Reception(8_000);
    receive(reception, 10);
    expect(take(reception, 40_000, 0, 0)).toBe('suspect');
    expect(take(reception, 50_000, 0, 0)).toBe('suspect');
    expect(take(reception, 11, 0, 0)).toBe('continues');
  });

  test('nothing is expected before the first packet', () => {
    const reception = new Reception(8_000);
    expect(reception.expected).toBe(0);
    expect(reception.report()).toEqual({ fractionLost: 0, lost: 0, highest: 0, jitter: 0 });
  });
});

describe('reception statistics: loss (RFC 3550 A.3)', () => {
  test('the fraction is that of the interval, the sum that of the stream', () => {
    const reception = new Reception(8_000);
    receive(reception, 0, 1, 2, 4);
    expect(reception.report()).toMatchObject({ lost: 1, fractionLost: Math.floor(256 / 5) });
    receive(reception, 5, 6, 7, 8);
    expect(reception.report()).toMatchObject({ lost: 1, fractionLost: 0 });
  });

  test('duplicates make the sum negative and the fraction zero', () => {
    const reception = new Reception(8_000);
    receive(reception, 0, 0, 0, 1);
    expect(reception.report()).toMatchObject({ lost: -2, fractionLost: 0 });
  });

  test('the sum is clamped to signed 24 bits at both ends', () => {
    const losing = new Reception(8_000);
    for (let step = 0; step * (DROPOUT_MAX - 1) < LOST_MAX + 20_000; step++) {
      take(losing, (step * (DROPOUT_MAX - 1)) & 0xffff, 0, 0);
    }
    expect(losing.report().lost).toBe(LOST_MAX);
    const repeating = new Reception(8_000);
    for (let count = 0; count < -LOST_MIN + 10; count++) take(repeating, 7, 0, 0);
    expect(repeating.report().lost).toBe(LOST_MIN);
    expect([LOST_MAX, LOST_MIN]).toEqual([2 ** 23 - 1, -(2 ** 23)]);
  });
});

describe('reception statistics: jitter (RFC 3550 A.8)', () => {
  test('is zero for a stream on time', () => {
    const reception = new Reception(8_000);
    receive(reception, 0, 1, 2, 3, 4);
    expect(reception.jitter).toBe(0);
  });

  test('moves by a sixteenth of each deviation', () => {
    const reception = new Reception(8_000);
    take(reception, 0, 0, 0);
    take(reception, 1, 160, 30);
    expect(reception.jitter).toBe(80 / 16);
    take(reception, 2, 320, 40);
    expect(reception.jitter).toBe(5 + (80 - 5) / 16);
    expect(reception.jitterMs).toBeCloseTo((5 + 75 / 16) / 8);
  });

  test('does not jump when the timestamp wraps', () => {
    const reception = new Reception(8_000);
    const start = 2 ** 32 - 320;
    for (let count = 0; count < 5; count++) {
      take(reception, count, (start + 160 * count) >>> 0, 20 * count);
    }
    expect(reception.jitter).toBe(0);
  });

  test('packets of one video frame do not count', () => {
    const reception = new Reception(90_000);
    take(reception, 0, 0, 0);
    take(reception, 1, 0, 5);
    take(reception, 2, 3_000, 1_000 / 30);
    expect(reception.jitter).toBeCloseTo(0);
  });
});
