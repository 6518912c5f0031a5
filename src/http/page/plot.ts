import { draw, make } from './elements.ts';

/** Five minutes of a value a second. */
const VALUES_MAX = 300;
/** So that the first ones are not a dash at the edge. */
const SHOWN_MIN = 30;
const [WIDTH, HEIGHT] = [300, 56];

/** A number, and how it went: a small plot. */
export class Plot {
  readonly element: HTMLElement;
  readonly #value = make('div', { class: 'value' }, '–');
  readonly #area = draw('path', { class: 'area' });
  readonly #line = draw('path', { class: 'line' });
  readonly #text: (value: number) => string;
  readonly #values: number[] = [];

  constructor(what: string, text: (value: number) => string) {
    this.#text = text;
    const drawing = draw(
      'svg',
      { viewBox: `0 0 ${WIDTH} ${HEIGHT}`, preserveAspectRatio: 'none', 'aria-hidden': 'true' },
      this.#area,
      this.#line,
    );
    const head = make('h2', { class: 'what' }, what);
    this.element = make('section', { class: 'card plot' }, head, this.#value, drawing);
  }

  add(value: number): void {
    this.#values.push(value);
    if (this.#values.length > VALUES_MAX) this.#values.shift();
    this.#value.textContent = this.#text(value);
    const points = this.#points();
    this.#line.setAttribute('d', `M${points.join('L')}`);
    const [begin] = points[0]?.split(' ') ?? ['0'];
    this.#area.setAttribute('d', `M${begin} ${HEIGHT}L${points.join('L')}L${WIDTH} ${HEIGHT}Z`);
  }

  /** The newest on the right; the greatest at the top. */
  #points(): string[] {
    const greatest = Math.max(...this.#values, Number.EPSILON);
    const shown = Math.max(SHOWN_MIN, this.#values.length);
    const first = shown - this.#values.length;
    return this.#values.map((value, index) => {
      const x = ((first + index) / (shown - 1)) * WIDTH;
      const y = HEIGHT - 2 - (value / greatest) * (HEIGHT - 6);
      return `${x.toFixed(1)} ${y.toFixed(1)}`;
    });
  }
}
