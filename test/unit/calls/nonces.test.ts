import { describe, expect, test } from '@jest/globals';
import { wallclock } from '../../../src/base/units.ts';
import { NONCE_LIFETIME_MS, Nonces } from '../../../src/calls/nonces.ts';

const KEY = new Uint8Array(32).fill(7);
const NOW = wallclock(1_700_000_000_000);
const later = (ms: number) => wallclock(NOW + ms);

describe('a nonce', () => {
  test('is good for counts that grow, however far, and for none twice (RFC 7616 §3.4)', () => {
    const nonces = new Nonces('r', KEY);
    const nonce = nonces.issue(NOW);
    const uses = ['00000001', '00000001', '00000002', '0000000a', '00000009', '0000000B'];
    const taken = uses.map((count) => nonces.use(nonce, count, NOW));
    expect(taken).toEqual([true, false, true, true, false, true]);
    expect(nonces.replayed).toBe(2);
  });

  test('is used up by the highest count, which does not wrap', () => {
    const nonces = new Nonces('r', KEY);
    const nonce = nonces.issue(NOW);
    expect(nonces.use(nonce, 'ffffffff', NOW)).toBe(true);
    expect(nonces.use(nonce, '00000000', NOW)).toBe(false);
    expect(nonces.use(nonce, '00000001', NOW)).toBe(false);
    expect(nonces.use(nonce, '100000000', NOW)).toBe(false);
  });

  test('is used up by a request without a count', () => {
    const nonces = new Nonces('r', KEY);
    const nonce = nonces.issue(NOW);
    expect(nonces.use(nonce, undefined, NOW)).toBe(true);
    expect(nonces.use(nonce, undefined, NOW)).toBe(false);
    expect(nonces.use(nonce, '00000001', NOW)).toBe(false);
  });

  test.each(['0', 'g', '', '-1', '1.5'])('is not used by the count %j', (count) => {
    const nonces = new Nonces('r', KEY);
    expect(nonces.use(nonces.issue(NOW), count, NOW)).toBe(false);
  });

  test('lives five minutes', () => {
    const nonces = new Nonces('r', KEY);
    const nonce = nonces.issue(NOW);
    expect(nonces.use(nonce, '1', later(NONCE_LIFETIME_MS))).toBe(true);
    expect(nonces.use(nonce, '2', later(NONCE_LIFETIME_MS + 1))).toBe(false);
  });

  test('is unlike any other, also where the serial number wraps', () => {
    const nonces = new Nonces('r', KEY, { firstSerial: 0xffffff });
    const issued = [nonces.issue(NOW), nonces.issue(NOW)];
    expect(issued[0]).toMatch(/ffffff\./);
    expect(issued[1]).toMatch(/000000\./);
    for (const nonce of issued) expect(nonces.use(nonce, '1', NOW)).toBe(true);
  });
});

describe('the memory of used nonces', () => {
  test('holds n; at n + 1 the first is forgotten, and can still not be replayed', () => {
    const nonces = new Nonces('r', KEY, { usedMax: 2 });
    const [first = '', second = '', third = ''] = [0, 1, 2].map((ms) => nonces.issue(later(ms)));
    const unused = nonces.issue(NOW);
    expect(nonces.use(first, '1', later(2))).toBe(true);
    expect(nonces.use(second, '1', later(2))).toBe(true);
    expect(nonces.use(first, '2', later(2))).toBe(true);
    expect(nonces.use(third, '1', later(2))).toBe(true);
    expect(nonces.use(first, '3', later(2))).toBe(false);
    // As old as the one that was forgotten: its phone is challenged once more.
    expect(nonces.use(unused, '1', later(2))).toBe(false);
    expect(nonces.use(second, '2', later(2))).toBe(true);
  });

  test('lets go of what has expired, without making others stale', () => {
    const nonces = new Nonces('r', KEY, { usedMax: 1 });
    expect(nonces.use(nonces.issue(NOW), '1', NOW)).toBe(true);
    const now = later(NONCE_LIFETIME_MS + 1);
    const next = nonces.issue(now);
    expect(nonces.use(next, '1', now)).toBe(true);
    expect(nonces.use(next, '2', now)).toBe(true);
  });
});
