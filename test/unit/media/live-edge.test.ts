import { describe, expect, test } from '@jest/globals';
import { wallclock } from '../../../src/base/units.ts';
import { WAIT_MAX_MS } from '../../../src/media/jitter-depth.ts';
import { LiveEdge } from '../../../src/media/live-edge.ts';

const START = 1_700_000_000_000;

/** Packets `everyMs` apart, each ten bytes long. */
function noted(packets: number, everyMs: number): LiveEdge {
  const edge = new LiveEdge();
  for (let number = 0; number < packets; number++)
    edge.note(10 * number, wallclock(START + everyMs * number));
  return edge;
}

describe('the live edge', () => {
  test('of nothing is nowhere', () => {
    expect(new LiveEdge().before(100)).toBeUndefined();
    expect(new LiveEdge().keyFrame(1_000)).toBeUndefined();
  });

  test.each([
    [0, 99],
    [19, 99],
    [20, 98],
    [100, 94],
    [WAIT_MAX_MS, 79],
  ])('%d ms before the newest packet of speech is packet %d', (newestMs, packet) => {
    expect(noted(100, 20).before(newestMs)).toBe(10 * packet);
  });

  test('reaches as far back as a jitter buffer also when packets are many', () => {
    const edge = noted(10_000, 0.5);
    expect(edge.before(WAIT_MAX_MS)).toBeLessThanOrEqual(10 * (9_999 - 2 * (WAIT_MAX_MS - 20)));
  });

  test('of a stream younger than that is its beginning', () => {
    expect(noted(3, 20).before(WAIT_MAX_MS)).toBe(0);
  });

  test('of a stream that comes in drops is its newest packet', () => {
    expect(noted(5, 900).before(100)).toBe(40);
  });

  test('has the newest key frame, where that begins, while it is recent', () => {
    const edge = noted(1, 0);
    edge.noteKeyFrame(100, wallclock(START), 3_000);
    edge.noteKeyFrame(120, wallclock(START + 5), 3_000);
    edge.note(200, wallclock(START + 1_000));
    expect(edge.keyFrame(1_000)).toBe(100);
    expect(edge.keyFrame(999)).toBeUndefined();
    edge.noteKeyFrame(300, wallclock(START + 1_000), 93_000);
    expect(edge.keyFrame(0)).toBe(300);
  });
});
