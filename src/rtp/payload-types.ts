import { payloadTypesHash } from 'rtp-parser';
import type { PayloadFormat } from './payload-format.ts';

/** From here on a payload type means what the SDP says (RFC 3551 §6). */
export const DYNAMIC_PAYLOAD_TYPE_MIN = 96;
export const PAYLOAD_TYPE_MAX = 127;

/**
 * The formats of static payload types (RFC 3551 §6, tables 4 and 5), which an SDP may use without an rtpmap. Reserved,
 * unassigned and dynamic types are not in it. The table is that of the `rtp-parser` package.
 */
export const STATIC_PAYLOAD_TYPES: ReadonlyMap<number, PayloadFormat> = staticFormats();

function staticFormats(): Map<number, PayloadFormat> {
  const formats = new Map<number, PayloadFormat>();
  for (let payloadType = 0; payloadType < DYNAMIC_PAYLOAD_TYPE_MIN; payloadType++) {
    const entry = payloadTypesHash[payloadType];
    if (entry?.clockRate === undefined) continue;
    const { name: encoding, clockRate, channels = 1 } = entry;
    formats.set(payloadType, { payloadType, encoding, clockRate, channels });
  }
  return formats;
}
