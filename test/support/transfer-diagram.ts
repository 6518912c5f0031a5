import { DELIVERY, INGEST } from '../../src/transfers/tables.ts';
import type { Table } from '../../src/transfers/tables.ts';

type AnyTable = Table<string, string, string>;

const HEAD = `# States of a transfer

Drawn from the tables in \`src/transfers/tables.ts\`, which say what each state means; what is not drawn is absorbed. Do not
edit: \`MIDCALL_WRITE_DOCS=1 npx jest test/conformance/transfer-diagram.test.ts\` writes this file anew, and the same test
without the variable fails when it is out of date.
`;

/** docs/transfer-states.md, whole. */
export const transferStates = (): string =>
  [HEAD, section('Ingest', INGEST, 'prompted'), section('Delivery', DELIVERY, 'waiting')].join(
    '\n',
  );

const section = (title: string, table: AnyTable, initial: string): string =>
  [`## ${title}`, '', '```mermaid', ...diagram(table, initial), '```', ''].join('\n');

function diagram(table: AnyTable, initial: string): string[] {
  const lines = ['stateDiagram-v2', `  [*] --> ${initial}`];
  for (const [state, row] of Object.entries(table)) {
    const cells = Object.entries(row);
    if (cells.length === 0) lines.push(`  ${state} --> [*]`);
    for (const [event, cell] of cells)
      if (cell !== undefined)
        lines.push(`  ${state} --> ${cell.to}: ${label(event, cell.actions)}`);
  }
  return lines;
}

const label = (event: string, actions: readonly string[]): string =>
  actions.length === 0 ? event : `${event} / ${actions.join(', ')}`;
