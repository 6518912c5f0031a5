import type { ErrorCode } from '../base/errors.ts';
import type { RecordedObject, TransferRecord } from './record.ts';

/** What a transfer's object makes of it. */
export interface Outcome {
  /** The object is all that the sender meant. */
  readonly whole: boolean;
  readonly reason?: ErrorCode;
}

export function outcomeOf(
  { digest, kind, whole }: Pick<TransferRecord, 'digest' | 'kind' | 'whole'>,
  object: RecordedObject,
): Outcome {
  const differs = digest !== undefined && !digestMatches(digest, object.dataSha256);
  return {
    whole: object.whole && !differs && (whole ?? kind === 'file'),
    ...(object.whole && differs ? { reason: 'digest-mismatch' } : {}),
  };
}

/** @param announced `sha-256=` and hex or base64. @param actual hex. */
function digestMatches(announced: string, actual: string): boolean {
  const value = announced.slice('sha-256='.length);
  return value.length === actual.length
    ? value === actual
    : value === Buffer.from(actual, 'hex').toString('base64');
}
