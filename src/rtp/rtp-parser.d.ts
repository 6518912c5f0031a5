/** rtp-parser 1.0.0 brings no types. What it declares here is what it does (see README.md for what it does wrong). */
declare module 'rtp-parser' {
  export interface PayloadTypeEntry {
    readonly name: string;
    /** Audio, video, both; absent when unassigned. */
    readonly mediaType?: 'A' | 'V' | 'AV';
    readonly clockRate?: number;
    readonly channels?: number;
  }

  export interface ParsedRtpPacket {
    readonly version: number;
    readonly padding: number;
    readonly extension: number;
    readonly csrcCount: number;
    readonly marker: number;
    readonly payloadType: number;
    readonly sequenceNumber: number;
    readonly timestamp: number;
    readonly ssrc: number;
    readonly csrc: readonly number[];
    readonly payload: Buffer;
  }

  export const payloadTypesHash: Readonly<Record<number, PayloadTypeEntry>>;
  /** @throws Error when the packet is shorter than the fixed header. */
  export function parseRtpPacket(packet: Buffer): ParsedRtpPacket;
}
