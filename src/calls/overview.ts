/** A call as the operator sees it. Numbers in full: masking is up to who shows them. */
export interface CallOverview {
  readonly id: string;
  readonly state: 'set-up' | 'answered';
  /** Absent before the callee has answered. */
  readonly caller?: string;
  readonly callee?: string;
}

/** A trunk as the operator sees it, without its secrets. */
export interface TrunkOverview {
  readonly name: string;
  /** Address ranges its requests come from. */
  readonly from: readonly string[];
  readonly prefixes: readonly string[];
  /** In order of priority. */
  readonly nextHops: readonly { readonly uri: string; readonly alive: boolean }[];
}
