/**
 * Runs of a property: all of them in `npm test`, a part in `npm run check`, which has to answer while one waits
 * (TEST_RUNS_DIVISOR in check.sh).
 */
export const runs = (count: number): number =>
  Math.ceil(count / Number(process.env['TEST_RUNS_DIVISOR'] ?? 1));
