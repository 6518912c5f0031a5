import type { LmdbTables } from './lmdb-tables.ts';
import type { NodeLease } from './state-store.ts';

/** Inside a transaction. @returns undefined while another holder has the name. */
export function takeName(
  tables: LmdbTables,
  node: Omit<NodeLease, 'fence'>,
  now: number,
): NodeLease | undefined {
  const held = tables.nodes.get(node.node);
  const isTaken = held !== undefined && held.expiresAt > now && held.holder !== node.holder;
  if (isTaken) return undefined;
  const lease = { ...node, fence: Math.max(now, (held?.fence ?? 0) + 1) };
  void tables.nodes.put(node.node, lease);
  return lease;
}

/** Inside a transaction. @returns false when another process has the name. A lease that is not there any more is put back. */
export function keepName(tables: LmdbTables, lease: NodeLease): boolean {
  const held = tables.nodes.get(lease.node);
  if (held !== undefined && held.fence !== lease.fence) return false;
  void tables.nodes.put(lease.node, lease);
  return true;
}

/** Inside a transaction. */
export function dropName(tables: LmdbTables, { node, fence }: NodeLease): void {
  if (tables.nodes.get(node)?.fence === fence) void tables.nodes.remove(node);
}

export const liveNodes = (tables: LmdbTables, now: number): readonly NodeLease[] =>
  Array.from(tables.nodes.getRange(), ({ value }) => value).filter(
    ({ expiresAt }) => expiresAt > now,
  );
