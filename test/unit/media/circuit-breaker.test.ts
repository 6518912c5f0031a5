import { describe, expect, test } from '@jest/globals';
import { instant } from '../../../src/base/units.ts';
import {
  CircuitBreaker,
  congestedReportsMax,
  SILENT_MS,
  STANDSTILL_REPORTS,
  tcpThroughput,
  type Break,
} from '../../../src/media/circuit-breaker.ts';

const REPORT_MS = 5_000;
const PACKETS = 250;
const BYTES = 160;
const NTP_PER_MS = 65.536;

/** A stream of 50 packets a second, and a receiver that reports each five seconds. */
class Stream {
  readonly breaker = new CircuitBreaker();
  #ms = 0;
  #packets = 0;
  #highest = 0;

  /** @param lost of 256. @param roundTripMs 0 when the receiver knows no report of ours. */
  report({ lost = 0, roundTripMs = 0, arrived = PACKETS, sent = PACKETS } = {}): Break | undefined {
    this.#ms += REPORT_MS;
    this.#packets += sent;
    this.#highest += arrived;
    const ntpMiddle = Math.round(this.#ms * NTP_PER_MS);
    const report = {
      ssrc: 1,
      fractionLost: lost,
      lost: 0,
      highest: this.#highest,
      jitter: 0,
      lastSenderReport: roundTripMs === 0 ? 0 : ntpMiddle - Math.round(roundTripMs * NTP_PER_MS),
      delaySinceLastSenderReport: 0,
    };
    const { breaker } = this;
    const octets = this.#packets * BYTES;
    return breaker.heard(report, { packets: this.#packets, octets, ntpMiddle }, instant(this.#ms));
  }

  look(afterMs: number, sent = PACKETS): Break | undefined {
    this.#packets += sent;
    return this.breaker.look(this.#packets, instant(this.#ms + afterMs));
  }
}

describe('a receiver that stops reporting', () => {
  test('has its stream ended after three intervals', () => {
    const stream = new Stream();
    stream.report();
    expect(stream.look(SILENT_MS - 1)).toBeUndefined();
    expect(stream.look(SILENT_MS)).toBe('silent');
  });

  test('may have no RTCP at all, when it never has reported', () => {
    expect(new Stream().look(10 * SILENT_MS)).toBeUndefined();
  });

  test('is waited for from when packets are sent again: of a pause there is nothing to report', () => {
    const stream = new Stream();
    stream.report();
    stream.look(0);
    expect(stream.look(2 * SILENT_MS, 0)).toBeUndefined();
    expect(stream.look(3 * SILENT_MS - 1)).toBeUndefined();
    expect(stream.look(3 * SILENT_MS)).toBe('silent');
  });
});

describe('a receiver that gets nothing', () => {
  test(`says so ${STANDSTILL_REPORTS} times, and has its stream ended`, () => {
    const stream = new Stream();
    stream.report();
    const said = Array.from({ length: STANDSTILL_REPORTS }, () => stream.report({ arrived: 0 }));
    expect(said).toEqual([...Array.from({ length: STANDSTILL_REPORTS - 1 }), 'not-arriving']);
  });

  test('is waited for over five round trips, where those are longer than its reports', () => {
    const stream = new Stream();
    stream.report();
    const roundTripMs = 2 * REPORT_MS;
    const breaks = Array.from({ length: 10 }, () => stream.report({ arrived: 0, roundTripMs }));
    expect(breaks.findIndex((broken) => broken === 'not-arriving')).toBe(9);
  });

  test('is forgiven by the first packet that comes', () => {
    const stream = new Stream();
    stream.report();
    for (let times = 1; times < STANDSTILL_REPORTS; times++) stream.report({ arrived: 0 });
    expect(stream.report({ arrived: 1 })).toBeUndefined();
    expect(stream.report({ arrived: 0 })).toBeUndefined();
  });

  test('gets nothing because nothing is sent: that is no fault of the path', () => {
    const stream = new Stream();
    const said = Array.from({ length: 20 }, () => stream.report({ arrived: 0, sent: 0 }));
    expect(said.every((each) => each === undefined)).toBe(true);
  });
});

describe('a path that is too full', () => {
  const FULL = { lost: 128, roundTripMs: 1_000 };

  test('ends a stream of more than ten times TCP in three reports', () => {
    const stream = new Stream();
    stream.report();
    expect([stream.report(FULL), stream.report(FULL), stream.report(FULL)]).toEqual([
      undefined,
      undefined,
      'congested',
    ]);
  });

  test('is believed only when every report says so', () => {
    const stream = new Stream();
    stream.report();
    stream.report(FULL);
    stream.report(FULL);
    expect(stream.report()).toBeUndefined();
    expect(stream.report(FULL)).toBeUndefined();
  });

  test.each([
    ['loss without delay', { lost: 128, roundTripMs: 100 }],
    ['delay without loss', { lost: 0, roundTripMs: 5_000 }],
    ['a receiver that knows no report of ours', { lost: 250 }],
  ])('is not %s', (_, report) => {
    const stream = new Stream();
    const said = Array.from({ length: 10 }, () => stream.report(report));
    expect(said.every((each) => each === undefined)).toBe(true);
  });
});

test('what TCP would come to: 1,460 bytes, 100 ms and 1.5 % make 146 kB/s', () => {
  expect(tcpThroughput({ bytes: 1_460, roundTripSeconds: 0.1, loss: 0.015 })).toBeCloseTo(146_000);
  expect(tcpThroughput({ bytes: 1_460, roundTripSeconds: 0.1, loss: 0 })).toBe(Infinity);
});

test('reports that must agree: three, or as many as cover ten round trips, for 15 s at most', () => {
  expect(congestedReportsMax(0.1, 5)).toBe(3);
  expect(congestedReportsMax(3, 5)).toBe(3);
  expect(congestedReportsMax(1, 0.5)).toBe(20);
  expect(congestedReportsMax(9, 0.5)).toBe(30);
});
