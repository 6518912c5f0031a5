import type { PayloadFormat } from '../rtp/payload-format.ts';
import type { StreamKind } from '../transfers/media-plane.ts';

type Json = Readonly<Record<string, unknown>>;

/** The first record of a spool, as far as a recording needs it. */
export interface SpoolHeader {
  readonly transfer: string;
  readonly account: string;
  readonly kind: StreamKind;
  readonly payload: PayloadFormat;
  /** Telephone events in the same stream (RFC 4733). */
  readonly events?: PayloadFormat;
  /** Media type as announced. */
  readonly format?: string;
  /** Bytes announced. */
  readonly size?: number;
  readonly name?: string;
  /** All of it, for the metadata. */
  readonly json: Json;
}

/** @returns undefined when it is not a header of version 1. */
export function parseSpoolHeader(json: Json | undefined): SpoolHeader | undefined {
  if (json?.['v'] !== 1) return undefined;
  const { transfer, account, kind } = json;
  const payload = parsePayloadFormat(json['payload']);
  if (typeof transfer !== 'string' || typeof account !== 'string') return undefined;
  if ((kind !== 'media' && kind !== 'file') || payload === undefined) return undefined;
  const events = parsePayloadFormat(json['events']);
  const also = events === undefined ? {} : { events };
  return { transfer, account, kind, payload, ...also, ...optionalFields(json), json };
}

function optionalFields({
  format,
  size,
  name,
}: Json): Pick<SpoolHeader, 'format' | 'size' | 'name'> {
  return {
    ...(typeof format === 'string' ? { format } : {}),
    ...(typeof size === 'number' && Number.isSafeInteger(size) && size >= 0 ? { size } : {}),
    ...(typeof name === 'string' ? { name } : {}),
  };
}

function parsePayloadFormat(value: unknown): PayloadFormat | undefined {
  if (typeof value !== 'object' || value === null) return undefined;
  const { payloadType, encoding, clockRate, channels, parameters }: Json = { ...value };
  if (typeof payloadType !== 'number' || typeof encoding !== 'string') return undefined;
  if (!isCount(clockRate) || !isCount(channels)) return undefined;
  const also = typeof parameters === 'string' ? { parameters } : {};
  return { payloadType, encoding, clockRate, channels, ...also };
}

const isCount = (value: unknown): value is number =>
  typeof value === 'number' && Number.isInteger(value) && value > 0;
