/** How a suite encrypts and authenticates: counter mode with an HMAC beside it (RFC 3711), or both in one (RFC 7714). */
export type Transform = 'cm-hmac' | 'gcm';

/** As crypto lines name them. */
export type SuiteName =
  'AES_CM_128_HMAC_SHA1_80' | 'AES_CM_128_HMAC_SHA1_32' | 'AEAD_AES_128_GCM' | 'AEAD_AES_256_GCM';

export interface Suite {
  readonly transform: Transform;
  /** Master and session key alike. */
  readonly keyBytes: 16 | 32;
  /** Master and session salt alike. */
  readonly saltBytes: 14 | 12;
  readonly rtpTagBytes: number;
  readonly rtcpTagBytes: number;
}

/**
 * The crypto-suites we speak: RFC 4568 §6.2.1 and §6.2.2, RFC 7714 §14.1. The short tag is for RTP only: SRTCP has 80 bits in
 * both (RFC 4568 §6.2).
 */
export const SUITES: Readonly<Record<SuiteName, Suite>> = {
  AES_CM_128_HMAC_SHA1_80: cmHmac(10),
  AES_CM_128_HMAC_SHA1_32: cmHmac(4),
  AEAD_AES_128_GCM: gcm(16),
  AEAD_AES_256_GCM: gcm(32),
};

/** What one direction of a leg is protected with. Crosses to the media thread; never logged, never stored. */
export interface SrtpKey {
  readonly suite: SuiteName;
  /** Master key, then master salt, as a crypto line carries them (RFC 4568 §6.1). */
  readonly keySalt: Uint8Array;
}

/** Bytes of a suite's master key and salt together. */
export const keySaltBytes = (name: SuiteName): number =>
  SUITES[name].keyBytes + SUITES[name].saltBytes;

export const isSuiteName = (name: string): name is SuiteName => Object.hasOwn(SUITES, name);

function cmHmac(rtpTagBytes: 10 | 4): Suite {
  return { transform: 'cm-hmac', keyBytes: 16, saltBytes: 14, rtpTagBytes, rtcpTagBytes: 10 };
}

function gcm(keyBytes: 16 | 32): Suite {
  return { transform: 'gcm', keyBytes, saltBytes: 12, rtpTagBytes: 16, rtcpTagBytes: 16 };
}
