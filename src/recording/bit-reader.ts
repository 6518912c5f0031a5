/** Reads the bits of a header, most significant first. Beyond the end there are zeros, and `overrun` says so. */
export class BitReader {
  readonly #bytes: Uint8Array;
  /** Next bit. */
  #at = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
  }

  /** More was read than there is: what came of it means nothing. */
  get overrun(): boolean {
    return this.#at > this.#bytes.length * 8;
  }

  bit(): number {
    const byte = this.#bytes[this.#at >>> 3] ?? 0;
    return (byte >>> (7 - (this.#at++ & 7))) & 1;
  }

  /** @param count 32 at most. */
  bits(count: number): number {
    let value = 0;
    for (let left = count; left > 0; left--) value = value * 2 + this.bit();
    return value;
  }

  skip(count: number): void {
    this.#at += count;
  }

  /** Exp-Golomb, unsigned: ue(v) of ITU-T H.264 §9.1. More than 31 leading zeros are no number. */
  unsigned(): number {
    let zeros = 0;
    while (zeros < 32 && this.bit() === 0) zeros++;
    return 2 ** zeros - 1 + this.bits(zeros);
  }

  /** Exp-Golomb, signed: se(v) of ITU-T H.264 §9.1.1. */
  signed(): number {
    const code = this.unsigned();
    return code % 2 === 1 ? (code + 1) / 2 : -code / 2;
  }
}
