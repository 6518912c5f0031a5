/** What a UDP datagram can carry. */
export const PACKET_BYTES_MAX = 65_535;

/**
 * Where a packet is cut for its protection; reused for each packet.
 *
 *    start        body                  end
 *    │ header      │ encrypted           │ trailer: tag, SRTCP index
 */
export class PacketCut {
  slab: Uint8Array = new Uint8Array(0);
  start = 0;
  body = 0;
  /** Of the body, exclusive: where the trailer begins. */
  end = 0;
  ssrc = 0;
  /** SRTP: 48 bits, rollover counter and sequence number (RFC 3711 §3.3.1). SRTCP: 31 bits. */
  index = 0;

  /** Rollover counter: the upper 32 bits of the index. */
  get rollover(): number {
    return Math.floor(this.index / 65_536);
  }
}

/** Protects packets of one protocol in one direction, in place. */
export interface PacketTransform {
  /** Bytes after the body. */
  readonly trailerBytes: number;
  /** Of SRTCP: where its index stands, counted from the end of the body. */
  readonly wordAt: number;
  /** Encrypts the body and writes the trailer, for which the slab has room. */
  seal(cut: PacketCut): void;
  /** Decrypts the body. @returns false when the packet is not authentic: nothing was changed then. */
  open(cut: PacketCut): boolean;
}

/** In front of an SRTCP index: the packet is encrypted (RFC 3711 §3.4). */
export const ENCRYPTED_BIT = 0x8000_0000;
export const WORD_BYTES = 4;

export const readWord = (slab: Uint8Array, at: number): number =>
  (((slab[at] ?? 0) << 24) |
    ((slab[at + 1] ?? 0) << 16) |
    ((slab[at + 2] ?? 0) << 8) |
    (slab[at + 3] ?? 0)) >>>
  0;

export function writeWord(slab: Uint8Array, at: number, word: number): void {
  slab[at] = word >>> 24;
  slab[at + 1] = word >>> 16;
  slab[at + 2] = word >>> 8;
  slab[at + 3] = word;
}
