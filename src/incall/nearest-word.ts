/** How many letters may be wrong: two in a word of eight is a slip, three is another word. */
const SLIPS_MAX = 2;
/** A longer word is none of ours; and comparing costs its length. */
const WORD_CHARACTERS_MAX = 16;

/** The word that somebody meant who wrote this one. @returns undefined when none is near. */
export function nearestWord<Word extends string>(
  written: string,
  words: readonly Word[],
): Word | undefined {
  if (written === '' || written.length > WORD_CHARACTERS_MAX) return undefined;
  const begun = words.find((word) => written.length > 1 && word.startsWith(written));
  if (begun !== undefined) return begun;
  const [nearest] = words
    .map((word) => ({ word, slips: slipsBetween(written, word) }))
    .filter(({ word, slips }) => slips <= SLIPS_MAX && slips < word.length - 1)
    .toSorted((a, b) => a.slips - b.slips);
  return nearest?.word;
}

/** Levenshtein's distance: letters to add, drop or change. One row of his table at a time. */
function slipsBetween(from: string, to: string): number {
  let above = Array.from({ length: to.length + 1 }, (_, column) => column);
  for (const letter of from) {
    const row = [(above[0] ?? 0) + 1];
    for (let column = 1; column <= to.length; column++) {
      const changed = (above[column - 1] ?? 0) + (to[column - 1] === letter ? 0 : 1);
      row.push(Math.min(changed, (above[column] ?? 0) + 1, (row[column - 1] ?? 0) + 1));
    }
    above = row;
  }
  return above[to.length] ?? 0;
}
