import type { Prefix, Trunk } from './trunk.ts';

/** A trunk that takes a number, and the number as that trunk wants it. */
export interface Route {
  readonly trunk: Trunk;
  readonly number: string;
}

/** Who takes which number: the longest prefix wins, and of equal ones the trunk that stands first. */
export class PrefixTable {
  /** Longest first; equal ones in the order of the configuration. */
  readonly #rows: readonly { readonly trunk: Trunk; readonly row: Prefix }[];

  constructor(trunks: readonly Trunk[]) {
    this.#rows = trunks
      .flatMap((trunk) => trunk.prefixes.map((row) => ({ trunk, row })))
      .toSorted((a, b) => b.row.prefix.length - a.row.prefix.length);
  }

  /** @param number normalised. @returns every trunk that takes it, best first, each once. */
  routes(number: string): readonly Route[] {
    const routes = new Map<Trunk, Route>();
    for (const { trunk, row } of this.#rows)
      if (number.startsWith(row.prefix) && !routes.has(trunk))
        routes.set(trunk, { trunk, number: row.prepend + number.slice(row.strip) });
    return [...routes.values()];
  }
}
