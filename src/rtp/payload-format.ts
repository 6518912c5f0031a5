/** One payload format as an SDP names it (RFC 8866 §6.6). */
export interface PayloadFormat {
  readonly payloadType: number;
  /** Encoding name as written in rtpmap: `PCMU`, `opus`, `VP8`, `octet-stream`. */
  readonly encoding: string;
  /** Hz. */
  readonly clockRate: number;
  readonly channels: number;
  /** fmtp parameters, verbatim. */
  readonly parameters?: string;
}
