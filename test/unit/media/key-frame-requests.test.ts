import { expect, test } from '@jest/globals';
import { instant } from '../../../src/base/units.ts';
import {
  KeyFrameRequests,
  REQUEST_MS,
  REQUESTS_MAX,
} from '../../../src/media/key-frame-requests.ts';
import { NEVER } from '../../../src/media/never.ts';

const isKey = (slab: Uint8Array): boolean => slab[0] === 1;
const see = (requests: KeyFrameRequests, key: boolean): void =>
  requests.see(Uint8Array.of(key ? 1 : 0), 0, 1);

/** When requests go out in so many milliseconds. */
function asked(requests: KeyFrameRequests, fromMs: number, untilMs: number): number[] {
  const times: number[] = [];
  for (let ms = fromMs; ms < untilMs; ms += 100) if (requests.take(instant(ms))) times.push(ms);
  return times;
}

test('nothing is asked for while nobody wants it', () => {
  const requests = new KeyFrameRequests(isKey);
  expect(requests.dueAt).toBe(NEVER);
  expect(asked(requests, 0, 3_000)).toEqual([]);
});

test('it is asked at once, then once a second, until a key frame comes', () => {
  const requests = new KeyFrameRequests(isKey);
  requests.want();
  expect(asked(requests, 500, 2_000)).toEqual([500, 500 + REQUEST_MS]);
  see(requests, false);
  expect(requests.dueAt).toBe(2_500);
  see(requests, true);
  expect(requests.dueAt).toBe(NEVER);
  requests.want();
  expect(asked(requests, 2_000, 3_000)).toEqual([2_500]);
});

test('a sender that does not care is asked so many times, and again when something new happens', () => {
  const requests = new KeyFrameRequests(isKey);
  requests.want();
  expect(asked(requests, 0, 60_000)).toHaveLength(REQUESTS_MAX);
  requests.want();
  expect(asked(requests, 60_000, 120_000)).toHaveLength(REQUESTS_MAX);
});

test('what was lost for good wants one; what came late after all does not', () => {
  const requests = new KeyFrameRequests(isKey);
  for (const lost of [0, 3, 3, 2]) {
    requests.countLost(lost);
    if (lost === 3) see(requests, true);
  }
  expect(requests.dueAt).toBe(NEVER);
  requests.countLost(3);
  expect(asked(requests, 0, 500)).toEqual([0]);
});

test('where a key frame can not be told, one request has to do', () => {
  const requests = new KeyFrameRequests(undefined);
  requests.want();
  expect(asked(requests, 0, 60_000)).toEqual([0]);
});
