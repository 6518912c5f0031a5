import { describe, expect, test } from '@jest/globals';
import { instant } from '../../../src/base/units.ts';
import {
  CATCH_UP_PACKETS_MAX,
  PacketSchedule,
} from '../../../sip-scripts/streams/packet-schedule.ts';

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
