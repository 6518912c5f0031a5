import type { RtpView } from './packet.ts';

/**
 * The elements of an RTP header extension (RFC 8285), read in place. Which id means what is negotiated in SDP (a=extmap).
 *
 *  one byte (profile 0xBEDE, §4.2)          two bytes (profile 0x100x, §4.3)
 *   0                   1                    0                   1
 *   0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5          0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9
 *  +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+        +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
 *  |  ID   | len−1 |  data …                |       ID      |     length    |  data …
 *  +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+        +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
 */
export const ONE_BYTE_PROFILE = 0xbede;
/** Its low four bits are the application's. */
export const TWO_BYTE_PROFILE = 0x1000;
const TWO_BYTE_MASK = 0xfff0;
/** A byte of zero between elements fills up to a word. */
const PADDING_ID = 0;
/** Of the one-byte form: whoever meets it stops reading (§4.2). */
const STOP_ID = 15;

/**
 * Walks through the elements of one packet: `begin`, then `next` until it says false. One that is cut off, or that its form
 * forbids, ends the walk: those before it count (§4.2).
 */
export class HeaderExtensions {
  #slab: Uint8Array = new Uint8Array(0);
  #position = 0;
  #limit = 0;
  #isOneByte = true;

  /** The element that `next` came to: 1 to 14, or 1 to 255 in the form of two bytes. */
  id = 0;
  /** Its data: `slab[start, end)`, 1 to 16 bytes, or 0 to 255 in the form of two bytes. */
  start = 0;
  end = 0;

  /** @param view of a packet in `slab`. One without an extension, or with one of another form, has no elements. */
  begin(slab: Uint8Array, view: RtpView): this {
    const profile = view.extensionProfile ?? 0;
    this.#slab = slab;
    this.#isOneByte = profile === ONE_BYTE_PROFILE;
    const isKnown = this.#isOneByte || (profile & TWO_BYTE_MASK) === TWO_BYTE_PROFILE;
    this.#position = view.extensionStart;
    this.#limit = isKnown ? view.extensionEnd : view.extensionStart;
    return this;
  }

  /** @returns false when there are no more. */
  next(): boolean {
    while (this.#position < this.#limit && this.#byte(this.#position) === PADDING_ID) {
      this.#position++;
    }
    if (this.#position >= this.#limit) return false;
    const isElement = this.#isOneByte ? this.#readOneByte() : this.#readTwoBytes();
    this.#position = isElement ? this.end : this.#limit;
    return isElement;
  }

  #readOneByte(): boolean {
    const first = this.#byte(this.#position);
    this.id = first >> 4;
    this.start = this.#position + 1;
    this.end = this.start + (first & 0x0f) + 1;
    return this.id !== PADDING_ID && this.id !== STOP_ID && this.end <= this.#limit;
  }

  #readTwoBytes(): boolean {
    this.id = this.#byte(this.#position);
    this.start = this.#position + 2;
    if (this.start > this.#limit) return false;
    this.end = this.start + this.#byte(this.#position + 1);
    return this.end <= this.#limit;
  }

  #byte(position: number): number {
    return this.#slab[position] ?? 0;
  }
}
