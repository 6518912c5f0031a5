import { progressBar, type Progress } from '../../src/commands/progress-bar.ts';

/** Redrawing oftener only flickers. */
const REDRAW_MS = 50;
/** Without a terminal a bar is printed when it has grown this much. */
const PLAIN_STEP = 0.25;

/** Where the demo is seen. */
export interface Output {
  readonly isTTY: boolean;
  write(text: string): void;
}

/** A timeline that scrolls, with progress bars held below it on a terminal; plain lines elsewhere. */
export class Screen {
  readonly #output: Output;
  readonly #bars = new Map<string, Progress>();
  /** Steps printed so far, by label, without a terminal. */
  readonly #printed = new Map<string, number>();
  #drawn = 0;
  #drawnAt = -Infinity;

  constructor(output: Output) {
    this.#output = output;
  }

  /** A line of the timeline. */
  line(text: string): void {
    this.#erase();
    this.#output.write(`${text}\n`);
    this.#draw();
  }

  /** Moves a bar; it never goes back. */
  progress(bar: Progress): void {
    const before = this.#bars.get(bar.label);
    const value = Math.max(before?.value ?? 0, bar.value);
    const moved = { label: bar.label, value, total: bar.total ?? before?.total };
    this.#bars.set(bar.label, moved);
    if (!this.#output.isTTY) this.#print(moved);
    else if (performance.now() - this.#drawnAt >= REDRAW_MS) this.#redraw();
  }

  /** Leaves the bars as they are above, and starts without any. */
  settle(): void {
    this.#redraw();
    this.#bars.clear();
    this.#printed.clear();
    this.#drawn = 0;
  }

  #print(bar: Progress): void {
    const step = bar.total === undefined ? 0 : Math.floor(bar.value / bar.total / PLAIN_STEP);
    if (step <= (this.#printed.get(bar.label) ?? 0)) return;
    this.#printed.set(bar.label, step);
    this.#output.write(`          ${progressBar(bar)}\n`);
  }

  #redraw(): void {
    if (!this.#output.isTTY) return;
    this.#erase();
    this.#draw();
  }

  /** Up to the first bar, and clear from there (ECMA-48 CUU, ED). */
  #erase(): void {
    if (this.#output.isTTY && this.#drawn > 0) this.#output.write(`\u001B[${this.#drawn}A\u001B[J`);
    this.#drawn = 0;
  }

  #draw(): void {
    if (!this.#output.isTTY) return;
    for (const bar of this.#bars.values()) this.#output.write(`          ${progressBar(bar)}\n`);
    this.#drawn = this.#bars.size;
    this.#drawnAt = performance.now();
  }
}
