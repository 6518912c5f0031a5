import { describe, expect, test } from '@jest/globals';
import { EVENTS_MAX, TelephoneEvents } from '../../../src/recording/telephone-events.ts';

const event = (code: number, duration: number, end = false): Uint8Array =>
  Uint8Array.of(code, end ? 0x8a : 0x0a, duration >> 8, duration & 0xff);

describe('telephone events (RFC 4733)', () => {
  test('many packets of one press are one event, with the longest duration', () => {
    const events = new TelephoneEvents();
    events.add(event(5, 160), 1_000, 800);
    events.add(event(5, 320), 1_000, 800);
    events.add(event(5, 480, true), 1_000, 800);
    events.add(event(5, 320), 1_000, 800);
    events.add(event(11, 400, true), 5_000, 4_800);
    expect(events.list).toEqual([
      { event: '5', at: 800, duration: 480 },
      { event: '#', at: 4_800, duration: 400 },
    ]);
  });

  test('one that is no key has its number', () => {
    const events = new TelephoneEvents();
    events.add(event(15, 1), 1, 0);
    events.add(event(16, 1), 2, 0);
    expect(events.list.map((entry) => entry.event)).toEqual(['D', '16']);
  });

  test('three bytes are none', () => {
    const events = new TelephoneEvents();
    expect(events.add(new Uint8Array(3), 1, 0)).toBe(false);
    expect(events.add(new Uint8Array(4), 1, 0)).toBe(true);
  });

  test('1,000 are listed, the next is counted', () => {
    const events = new TelephoneEvents();
    for (let at = 0; at < EVENTS_MAX; at++) events.add(event(1, 10), at, at);
    expect(events).toMatchObject({ count: EVENTS_MAX });
    expect(events.list).toHaveLength(EVENTS_MAX);
    events.add(event(2, 10), EVENTS_MAX, 0);
    events.add(event(2, 999), EVENTS_MAX, 0);
    expect(events.count).toBe(EVENTS_MAX + 1);
    expect(events.list.at(-1)).toEqual({ event: '1', at: EVENTS_MAX - 1, duration: 10 });
  });
});
