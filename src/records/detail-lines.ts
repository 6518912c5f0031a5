import type { CallDetail } from '../calls/call-detail.ts';
import type { TransferRecord } from '../transfers/record.ts';

/** How a number is written down. */
export type Shown = (number: string) => string;

const timeOf = (at: number): string => new Date(at).toISOString();

/** The detail record of a call that is over. Times in RFC 3339, durations in seconds. */
export function callLine(detail: CallDetail, shown: Shown): object {
  const { caller, callee, startedAt, answeredAt, endedAt, ...facts } = detail;
  return {
    type: 'call',
    ...facts,
    caller: shown(caller),
    callee: shown(callee),
    startedAt: timeOf(startedAt),
    ...(answeredAt === undefined ? {} : { answeredAt: timeOf(answeredAt) }),
    endedAt: timeOf(endedAt),
    seconds: answeredAt === undefined ? 0 : Math.max(0, endedAt - answeredAt) / 1_000,
  };
}

/** The detail record of a transfer that is over. Its name may be private, so it is not in it. */
export function transferLine(record: TransferRecord, shown: Shown): object {
  const { sender, receiver, account, object, reception, decision, createdAt, changedAt } = record;
  return {
    type: 'transfer',
    id: record.id,
    call: record.call,
    mode: record.mode,
    account: shown(account),
    receiver: shown(receiver),
    ...(sender === undefined ? {} : { sender: shown(sender) }),
    createdAt: timeOf(createdAt),
    endedAt: timeOf(changedAt),
    ingest: record.ingest,
    delivery: record.delivery,
    ...given('reason', record.reason),
    ...given('kind', record.kind),
    ...given('format', record.format),
    ...given('size', record.size),
    stored: record.stored,
    delivered: record.delivered,
    ...given('decision', decision),
    ...given('packets', reception),
    ...(object === undefined
      ? {}
      : {
          object: {
            size: object.size,
            sha256: object.sha256,
            ...given('durationMs', object.durationMs),
          },
        }),
  };
}

const given = (name: string, value: unknown): object =>
  value === undefined ? {} : { [name]: value };
