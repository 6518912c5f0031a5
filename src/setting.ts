/** One row of the configuration table. */
export interface Setting<T> {
  /** The environment's name; in the file the same. */
  readonly name: string;
  /** Parsed like a given value; empty means "taken from another setting", as `about` says. */
  readonly default: string;
  readonly about: string;
  /** @returns undefined when the text is not a value. */
  readonly parse: (text: string) => T | undefined;
  /** Never shown, right or wrong. */
  readonly secret?: true;
}
