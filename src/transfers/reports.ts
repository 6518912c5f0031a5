import type { TransferComplete, TransferStatus } from '../incall/events.ts';
import type { TransferRecord } from './record.ts';
import { isTerminal } from './tables.ts';

/** One word for people and programs: the delivery's state while one is under way, else the ingest's. */
export function stateOf(record: TransferRecord): string {
  const { ingest, delivery } = record;
  const underWay = delivery === 'offered' || delivery === 'delivering';
  return underWay && !isTerminal(ingest) ? delivery : ingest;
}

/** @param re the command it answers. */
export const statusOf = (record: TransferRecord, re?: string): TransferStatus => ({
  type: 'transfer-status',
  ...(re === undefined ? {} : { re }),
  transfer: record.id,
  state: stateOf(record),
  stored: record.stored,
  delivered: record.delivered,
  ...(record.size === undefined ? {} : { size: record.size }),
});

/** The last word on a transfer. */
export function completeOf(record: TransferRecord): TransferComplete {
  const { reason, object } = record;
  return {
    type: 'transfer-complete',
    transfer: record.id,
    state: record.ingest,
    ...(reason === undefined ? {} : { reason }),
    stored: record.stored,
    delivered: record.delivered,
    ...(object === undefined ? {} : { digest: `sha-256=${object.dataSha256}` }),
    loss: lossOf(record),
  };
}

/** Before anything came, nothing was lost. */
function lossOf({ reception }: TransferRecord): TransferComplete['loss'] {
  if (reception === undefined) return { expected: 0, lost: 0, repaired: 0, gaps: 0 };
  const { expected, lost, repaired, gaps } = reception;
  return { expected, lost, repaired, gaps };
}
