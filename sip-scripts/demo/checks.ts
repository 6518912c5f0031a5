/** One thing the demo promises, and whether it held. */
export interface Check {
  readonly name: string;
  readonly ok: boolean;
  /** What was found, for people. */
  readonly found: string;
}

/** All checks of a run, in order. */
export class Checks {
  readonly all: Check[] = [];

  add(name: string, ok: boolean, found: string): void {
    this.all.push({ name, ok, found });
  }

  /** Two values that must be the same. */
  same(name: string, expected: string, found: string): void {
    const ok = expected === found && expected !== '';
    this.add(name, ok, ok ? short(found) : `expected ${short(expected)}, found ${short(found)}`);
  }

  /** True when there were any and all of them held. */
  get ok(): boolean {
    return this.all.length > 0 && this.all.every((check) => check.ok);
  }
}

const DIGEST_CHARACTERS = 64;
const short = (text: string): string =>
  text.length === DIGEST_CHARACTERS ? `${text.slice(0, 16)}…` : text || 'nothing';

/** `✓ received file identical …`. */
export const checkLine = ({ name, ok, found }: Check): string =>
  `  ${ok ? '✓' : '✗'} ${name}: ${found}`;
