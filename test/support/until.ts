/** Longer than anything local takes; a wait that fails must end, or jest never does. */
const UNTIL_MS = 30_000;

/** Asks again and again until the answer is yes. @throws Error when it is not within `limitMs`. */
export async function until(
  condition: () => Promise<boolean>,
  limitMs: number = UNTIL_MS,
): Promise<void> {
  const deadline = performance.now() + limitMs;
  while (!(await condition())) {
    if (performance.now() > deadline) throw new Error('waited in vain');
    // An answer that needs no I/O must not keep what it waits for from happening.
    await new Promise((resolve) => setImmediate(resolve));
  }
}
