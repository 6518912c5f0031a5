/** A machine that is busy with other things interrupts some of these, never all. */
const TRIES_MAX = 20;

/**
 * Whether something takes less than this, ms, the one time of a few that nothing else gets in its way. For limits that are
 * hundreds of times what it takes: they tell an effort that grows with the square of the input from one that does not.
 */
export function takesLessThan(limitMs: number, work: () => void): boolean {
  for (let tries = 0; tries < TRIES_MAX; tries++) {
    const startedAt = performance.now();
    work();
    if (performance.now() - startedAt < limitMs) return true;
  }
  return false;
}
