import { describe, expect, test } from '@jest/globals';
import { instant } from '../../../src/base/units.ts';
import {
  CATCH_UP_PACKETS_MAX,
  PacketSchedule,
} from '../../../sip-scripts/streams/packet-schedule.ts';
import { RateControl, RATE_MIN } from '../../../sip-scripts/streams/rate-control.ts';
import { BURST_MS, RateSchedule } from '../../../sip-scripts/streams/rate-schedule.ts';

describe('paced packets', () => {
  test('timers that are always late do not make the pace drift', () => {
    const schedule = new PacketSchedule(instant(0), 20);
    let sent = 0;
    for (let now = 0; now < 60_000; now = schedule.dueAt + 7) sent += schedule.take(instant(now));
    expect(sent).toBe(3_000);
  });

  test('nothing is due twice', () => {
    const schedule = new PacketSchedule(instant(0), 20);
    expect(schedule.take(instant(0))).toBe(1);
    expect(schedule.take(instant(19.9))).toBe(0);
    expect(schedule.take(instant(20))).toBe(1);
  });

  test('a stall is made up for up to the limit; after a longer one the schedule starts anew', () => {
    const within = new PacketSchedule(instant(0), 20);
    expect(within.take(instant(20 * (CATCH_UP_PACKETS_MAX - 1)))).toBe(CATCH_UP_PACKETS_MAX);
    expect(within.stalls).toBe(0);
    const beyond = new PacketSchedule(instant(0), 20);
    const late = instant(20 * CATCH_UP_PACKETS_MAX);
    expect(beyond.take(late)).toBe(1);
    expect(beyond.stalls).toBe(1);
    expect(beyond.dueAt).toBe(late + 20);
  });
});

describe('a file under a rate', () => {
  test('a second carries what the rate allows, with late timers too', () => {
    const schedule = new RateSchedule(instant(0));
    let bits = 0;
    for (let now = 0; now < 1_000; now += 3) {
      while (schedule.take(10_000, 1_000_000, instant(now))) bits += 10_000;
    }
    expect(bits).toBeGreaterThan(980_000);
    expect(bits).toBeLessThanOrEqual(1_010_000);
  });

  test('a stall is not made up for in a burst', () => {
    const schedule = new RateSchedule(instant(0));
    schedule.take(10_000, 1_000_000, instant(0));
    let packets = 0;
    while (schedule.take(10_000, 1_000_000, instant(5_000))) packets++;
    expect(packets).toBeLessThanOrEqual(BURST_MS / 10 + 1);
  });

  test('it halves above 2 % loss and grows back by a tenth a second, to the limit', () => {
    const control = new RateControl(1_000_000, instant(0));
    control.reported(0.02, instant(0));
    expect(control.rate(instant(0))).toBe(1_000_000);
    control.reported(0.021, instant(0));
    expect(control.rate(instant(999))).toBe(500_000);
    expect(control.rate(instant(1_000))).toBeCloseTo(550_000);
    expect(control.rate(instant(60_000))).toBe(1_000_000);
  });

  test('it never falls below a rate that still ends one day', () => {
    const control = new RateControl(1_000_000, instant(0));
    for (let times = 0; times < 20; times++) control.reported(1, instant(0));
    expect(control.rate(instant(0))).toBe(RATE_MIN);
    const slow = new RateControl(8_000, instant(0));
    slow.reported(1, instant(0));
    expect(slow.rate(instant(0))).toBe(8_000);
  });
});
