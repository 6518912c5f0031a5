import type { PayloadFormat } from '../rtp/payload-format.ts';
import { TELEPHONE_EVENT } from '../rtp/telephone-event.ts';

/** What a packet of a voice line is to us. */
export const UNKNOWN = 0;
export const KEYS = 1;
/** Comfort noise instead of silence (RFC 3389): stands between packets of any voice. */
export const COMFORT = 2;
export const ULAW = 3;
export const ALAW = 4;
export const OPUS = 5;
export type Role =
  typeof UNKNOWN | typeof KEYS | typeof COMFORT | typeof ULAW | typeof ALAW | typeof OPUS;

const ROLES: Readonly<Record<string, Role>> = {
  [TELEPHONE_EVENT]: KEYS,
  cn: COMFORT,
  pcmu: ULAW,
  pcma: ALAW,
  opus: OPUS,
};
const PAYLOAD_TYPES = 128;
/** Encodings that a prompt can be said in, with the rate that these files and formulas are for. */
const CLOCK_RATES: Readonly<Record<number, number>> = {
  [ULAW]: 8_000,
  [ALAW]: 8_000,
  [OPUS]: 48_000,
};

/** The payload types that one phone has said it takes, as a table that is looked into for each packet. */
export class VoiceFormats {
  readonly #roles: Uint8Array = new Uint8Array(PAYLOAD_TYPES);
  /** The first that a prompt can be said in; undefined when there is none. */
  readonly spoken: { readonly payloadType: number; readonly role: Role } | undefined;

  /** @param formats in the phone's order of preference. */
  constructor(formats: readonly PayloadFormat[]) {
    let spoken: VoiceFormats['spoken'];
    for (const { payloadType, encoding, clockRate } of formats) {
      const role = ROLES[encoding.toLowerCase()] ?? UNKNOWN;
      const isVoice = role >= ULAW;
      if (isVoice && CLOCK_RATES[role] !== clockRate) continue;
      this.#roles[payloadType] = role;
      if (isVoice) spoken ??= { payloadType, role };
    }
    this.spoken = spoken;
  }

  roleOf(payloadType: number): Role {
    return this.#roles[payloadType] as Role;
  }
}

/** Media clock units of a millisecond. */
export const unitsPerMs = (role: Role): number => (CLOCK_RATES[role] ?? 0) / 1_000;
