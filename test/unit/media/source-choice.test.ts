import { describe, expect, test } from '@jest/globals';
import { instant } from '../../../src/base/units.ts';
import {
  CHANGE_PACKETS,
  CHANGES_MAX,
  SILENCE_MS,
  SourceChoice,
  type SourceVerdict,
} from '../../../src/media/source-choice.ts';

const judge = (choice: SourceChoice, ssrc: number, ms: number): SourceVerdict =>
  choice.judge({ ssrc }, { arrival: instant(ms) });

/** Verdicts on packets `[ssrc, ms]`. */
const judged = (...packets: readonly (readonly [number, number])[]): SourceVerdict[] => {
  const choice = new SourceChoice();
  return packets.map(([ssrc, ms]) => judge(choice, ssrc, ms));
};
const row = (ssrc: number, count: number, from: number): [number, number][] =>
  Array.from({ length: count }, (_, index) => [ssrc, from + index]);

describe('which SSRC an ingest listens to', () => {
  test('the first that comes, and no other beside it', () => {
    expect(judged([1, 0], [2, 20], [1, 20], [2, 40], [1, 40])).toEqual([
      'new',
      'foreign',
      'known',
      'foreign',
      'known',
    ]);
  });

  test(`after ${SILENCE_MS} ms of silence one that sent ${CHANGE_PACKETS} in a row`, () => {
    expect(judged([1, 0], ...row(2, CHANGE_PACKETS, SILENCE_MS)).at(-1)).toBe('new');
    expect(judged([1, 0], ...row(2, CHANGE_PACKETS - 1, SILENCE_MS)).at(-1)).toBe('foreign');
    const early = row(2, CHANGE_PACKETS, SILENCE_MS - CHANGE_PACKETS);
    expect(judged([1, 0], ...early).at(-1)).toBe('foreign');
    expect(judged([1, 0], ...early, [2, SILENCE_MS]).at(-1)).toBe('new');
  });

  test('a third between them begins the row anew, and so does the old one', () => {
    const four = row(2, CHANGE_PACKETS - 1, SILENCE_MS);
    expect(judged([1, 0], ...four, [3, 300], [2, 301]).at(-1)).toBe('foreign');
    expect(judged([1, 0], ...four, [1, 300], [2, 900]).at(-1)).toBe('foreign');
  });

  test('after a BYE the next at once', () => {
    const choice = new SourceChoice();
    judge(choice, 1, 0);
    choice.leave();
    expect(judge(choice, 1, 1)).toBe('known');
    expect(judge(choice, 2, 2)).toBe('new');
    expect(judge(choice, 1, 3)).toBe('foreign');
  });

  test(`${CHANGES_MAX} changes are followed, one more is not`, () => {
    const choice = new SourceChoice();
    judge(choice, 0, 0);
    for (let ssrc = 1; ssrc <= CHANGES_MAX; ssrc++) {
      choice.leave();
      expect(judge(choice, ssrc, ssrc)).toBe('new');
    }
    choice.leave();
    expect(judge(choice, CHANGES_MAX + 1, 1_000)).toBe('foreign');
    expect(choice.ssrc).toBe(CHANGES_MAX);
  });
});
