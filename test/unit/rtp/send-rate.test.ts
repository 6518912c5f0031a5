import { describe, expect, test } from '@jest/globals';
import { instant } from '../../../src/base/units.ts';
import { DEAD_MS, RATE_MIN, RATE_START, SendRate, SILENCE_MS } from '../../../src/rtp/send-rate.ts';

const PACKET_BYTES = 1_250;

/** A sender on a path that is as it is told to be. */
class Sender {
  readonly rate: SendRate;
  readonly #sent: { at: number; number: number; lost: number }[] = [];
  ms = 0;
  /** Round trip. */
  delayMs = 40;
  /** One of so many is lost; 0: none. */
  lossEvery = 0;
  silent = false;
  #number: number;
  #lost = 0;
  #dueAt = 0;

  /** @param first number: shortly before the wrap, mostly. */
  constructor(rateMax = 8_000_000, first = 65_500) {
    this.rate = new SendRate(rateMax, instant(0));
    this.#number = first;
  }

  run(ms: number): void {
    for (const until = this.ms + ms; this.ms < until; this.ms++) {
      for (; this.#dueAt <= this.ms; this.#dueAt += (PACKET_BYTES * 8_000) / this.rate.rate)
        this.#send();
      if (this.ms % 100 === 0 && !this.silent) this.#report();
    }
  }

  #send(): void {
    const number = this.#number++;
    if (this.lossEvery > 0 && number % this.lossEvery === 0) this.#lost++;
    this.#sent.push({ at: this.ms, number, lost: this.#lost });
    this.rate.sent(number & 0xffff, PACKET_BYTES, instant(this.ms));
  }

  #report(): void {
    const arrived = this.#sent.findLast(({ at }) => at + this.delayMs <= this.ms);
    if (arrived === undefined) return;
    this.rate.heard({ highest: arrived.number, lost: arrived.lost }, instant(this.ms));
  }
}

describe('rate of a file', () => {
  test('begins carefully, doubles while the way is free, and stays under the maximum', () => {
    const sender = new Sender(4_000_000);
    expect(sender.rate.rate).toBe(RATE_START);
    sender.run(1_000);
    expect(sender.rate.rate).toBeGreaterThan(1.5 * RATE_START);
    sender.run(4_000);
    expect(sender.rate.rate).toBe(4_000_000);
  });

  test('a queue slows it down to less than what gets through, loss by chance does not', () => {
    const queued = new Sender();
    queued.run(3_000);
    queued.delayMs = 300;
    const before = queued.rate.rate;
    queued.run(2_000);
    expect(queued.rate.rate).toBeLessThan(0.9 * before);
    const lossy = new Sender();
    lossy.lossEvery = 20;
    lossy.run(30_000);
    expect(lossy.rate.rate).toBeGreaterThan(4_000_000);
  });

  test('much loss slows it down once; when that does not help, the loss is the path’s', () => {
    const sender = new Sender(2_000_000);
    sender.run(5_000);
    sender.lossEvery = 5;
    sender.run(1_000);
    expect(sender.rate.rate).toBeLessThan(1_800_000);
    sender.run(20_000);
    const later = sender.rate.rate;
    expect(later).toBeGreaterThan(1_000_000);
    sender.run(5_000);
    expect(sender.rate.rate).toBeGreaterThanOrEqual(later);
  });

  test('a receiver that falls silent halves it, down to the minimum', () => {
    const sender = new Sender(4_000_000);
    sender.run(5_000);
    sender.silent = true;
    sender.run(SILENCE_MS - 150);
    expect(sender.rate.rate).toBe(4_000_000);
    sender.run(200);
    expect(sender.rate.rate).toBe(2_000_000);
    sender.run(20_000);
    expect(sender.rate.rate).toBe(RATE_MIN);
  });

  test('a receiver that never speaks keeps it where it began', () => {
    const sender = new Sender();
    sender.silent = true;
    sender.run(5_000);
    expect(sender.rate.rate).toBe(RATE_START);
  });

  test('a path is dead when nothing new was heard of for DEAD_MS while something was sent', () => {
    const sender = new Sender();
    sender.run(1_000);
    expect(sender.rate.isDead(instant(100_000_000))).toBe(true);
    sender.silent = true;
    sender.run(DEAD_MS - 200);
    expect(sender.rate.isDead(instant(sender.ms))).toBe(false);
    sender.run(300);
    expect(sender.rate.isDead(instant(sender.ms))).toBe(true);
    const idle = new SendRate(1_000_000, instant(0));
    expect(idle.isDead(instant(DEAD_MS * 2))).toBe(false);
  });

  test('reports of packets that were never sent, and old ones again, say nothing', () => {
    const sender = new Sender(8_000_000, 0);
    sender.run(2_000);
    const before = sender.rate.rate;
    for (const highest of [60_000, 40_000, 1]) {
      sender.rate.heard({ highest, lost: 8_000_000 }, instant(sender.ms));
    }
    expect(sender.rate.rate).toBe(before);
    expect(sender.rate.isDead(instant(sender.ms + DEAD_MS + 1_000))).toBe(true);
  });
});
