import { hopUri } from '../calls/trunks/trunk.ts';
import type { Trunk } from '../calls/trunks/trunk.ts';
import { describeTrunk } from '../calls/trunks/trunk-file.ts';
import { UsageError } from './command.ts';
import type { Command } from './command.ts';

/** `midcall trunks list`: what MIDCALL_TRUNKS says. Which next hops are alive is in the log of the running platform. */
export const trunks: Command = async ({ config, words, json, print }) => {
  if ((words[0] ?? 'list') !== 'list') throw new UsageError('midcall trunks list');
  const rows = config.trunks.trunks;
  if (json) print(JSON.stringify(rows.map(publicOf)));
  else if (rows.length === 0) print('No trunks. MIDCALL_TRUNKS names the file that has them.');
  else for (const trunk of rows) print(describeTrunk(trunk));
  return 0;
};

/** Without the secrets. */
const publicOf = (trunk: Trunk): object => ({
  name: trunk.name,
  from: trunk.from.map(({ text }) => text),
  prefixes: trunk.prefixes,
  nextHops: trunk.nextHops.map(hopUri),
  transit: trunk.transit,
  ...trunk.plan,
});
