import { createHash } from 'node:crypto';
import { thresholdText } from '../incall/threshold-text.ts';
import type { TransferRecord } from '../transfers/record.ts';
import { stateOf } from '../transfers/reports.ts';
import { isTerminal } from '../transfers/tables.ts';
import type { FromSchema } from './schema-types.ts';

/** A transfer as its receiver sees it. */
export const TRANSFER = {
  $id: 'Transfer',
  type: 'object',
  properties: {
    id: { type: 'string' },
    state: {
      type: 'string',
      description: 'Of the delivery while one is under way, else of the ingest.',
    },
    live: { type: 'boolean', description: 'Data still comes in, or is being put away.' },
    name: { type: 'string' },
    format: { type: 'string', description: 'Media type as the sender announced it.' },
    kind: { type: 'string', enum: ['file', 'media'] },
    size: { type: 'integer', description: 'Bytes announced.' },
    stored: { type: 'integer', description: 'Bytes of data that are safe.' },
    delivered: { type: 'integer', description: 'Bytes passed on during the call.' },
    sender: { type: 'string', description: 'Masked, unless the platform shows numbers.' },
    reason: { type: 'string', description: 'Error code; why it is not complete.' },
    createdAt: { type: 'string', format: 'date-time' },
    changedAt: { type: 'string', format: 'date-time' },
    lost: { type: 'integer', description: 'Packets that never came.' },
    expected: { type: 'integer', description: 'Packets that should have come.' },
    pauses: { type: 'integer', description: 'How often the receiver’s stream ran dry.' },
    pausedMs: { type: 'integer', description: 'For how long altogether.' },
    decision: {
      type: 'object',
      description: 'When the receiver was offered it, and why then: what was measured.',
      properties: {
        threshold: { type: 'string', description: 'As people write it: 30%, 2000000, 5s, auto.' },
        at: { type: 'string', format: 'date-time' },
        needed: { type: 'integer', description: 'Bytes that had to be stored; seconds have none.' },
        stored: { type: 'integer', description: 'Bytes that were.' },
        seconds: { type: 'number', description: 'Of media; of a file since its first byte.' },
        jitterSeconds: {
          type: 'number',
          description: '99th percentile of delay variation; absent while unknown.',
        },
        lost: { type: 'integer', description: 'Packets, in the last two seconds.' },
        repairSeconds: { type: 'number', description: 'How long a missing packet is waited for.' },
        rateIn: { type: 'number', description: 'Bytes a second; absent while unknown.' },
        rateOut: { type: 'number', description: 'Bytes a second that play-out takes.' },
      },
      required: ['threshold', 'at', 'stored', 'seconds', 'lost', 'repairSeconds'],
    },
    content: {
      type: 'object',
      description: 'What can be fetched; absent until the transfer is over.',
      properties: {
        type: { type: 'string' },
        size: { type: 'integer' },
        sha256: { type: 'string' },
        name: { type: 'string' },
        whole: { type: 'boolean' },
        durationMs: { type: 'integer' },
      },
      required: ['type', 'size', 'sha256', 'name', 'whole'],
    },
  },
  required: ['id', 'state', 'live', 'stored', 'delivered', 'createdAt', 'changedAt'],
} as const;

export type TransferView = FromSchema<typeof TRANSFER>;

/** @param shown how a number is written for people. */
export function transferView(
  record: TransferRecord,
  shown: (number: string) => string,
): TransferView {
  const { id, name, format, kind, size, stored, delivered, sender, reason, reception } = record;
  return {
    id,
    state: stateOf(record),
    live: !isTerminal(record.ingest),
    stored,
    delivered,
    ...defined({ name, format, kind, size, reason }),
    ...(sender === undefined ? {} : { sender: shown(sender) }),
    ...(reception === undefined ? {} : { lost: reception.lost, expected: reception.expected }),
    ...defined({ pauses: record.pauses, pausedMs: record.pausedMs }),
    ...decisionView(record),
    ...contentView(record),
    createdAt: new Date(record.createdAt).toISOString(),
    changedAt: new Date(record.changedAt).toISOString(),
  };
}

/** The announced size stands beside it already. */
function decisionView({ decision }: TransferRecord): Pick<TransferView, 'decision'> {
  if (decision === undefined) return {};
  const { threshold, at, size: _announced, ...measured } = decision;
  const when = new Date(at).toISOString();
  return { decision: { ...measured, threshold: thresholdText(threshold), at: when } };
}

function contentView({ object, ingest }: TransferRecord): Pick<TransferView, 'content'> {
  if (object === undefined || !isTerminal(ingest)) return {};
  const { contentType: type, size, sha256, whole, durationMs, key } = object;
  const name = nameOfKey(key);
  return { content: { type, size, sha256, name, whole, ...defined({ durationMs }) } };
}

/** The last segment. */
export const nameOfKey = (key: string): string => key.slice(key.lastIndexOf('/') + 1);

/** Strong ETag of a JSON value (RFC 9110 §8.8.3): it changes whenever the text does. */
export const etagOf = (value: unknown): string =>
  `"${createHash('sha256').update(JSON.stringify(value)).digest('base64url').slice(0, 27)}"`;

type Defined<T> = { [Key in keyof T]?: Exclude<T[Key], undefined> };

/** Without the fields that are undefined. */
const defined = <T extends object>(fields: T): Defined<T> =>
  // What is left has no undefined: the filter on this line took them out.
  Object.fromEntries(
    Object.entries(fields).filter(([, value]) => value !== undefined),
  ) as Defined<T>;
