import { randomBytes } from 'node:crypto';
import { IncomingSrtp } from '../../src/rtp/srtp/incoming-srtp.ts';
import { OutgoingSrtp, TRAILER_BYTES_MAX } from '../../src/rtp/srtp/outgoing-srtp.ts';
import { isSuiteName, keySaltBytes, type SrtpKey } from '../../src/rtp/srtp/suites.ts';

/** SRTP of a media line (RFC 3711): seals what a phone sends and opens what it gets. */
export class SecuredPackets {
  /** Ours, for the offer. */
  readonly key: SrtpKey;
  readonly #outgoing: OutgoingSrtp;
  /** Undefined until the answer brought the key. */
  #incoming: IncomingSrtp | undefined;
  /** Packets that could not be opened. */
  refused = 0;

  /** @throws Error for a suite that is not one. */
  constructor(suite: string) {
    if (!isSuiteName(suite)) throw new Error(`${suite} is not a crypto-suite`);
    this.key = { suite, keySalt: Uint8Array.from(randomBytes(keySaltBytes(suite))) };
    this.#outgoing = new OutgoingSrtp(this.key);
  }

  /** The other side's key is known. */
  get agreed(): boolean {
    return this.#incoming !== undefined;
  }

  /** @param key of the other side. */
  agree(key: SrtpKey): void {
    this.#incoming ??= new IncomingSrtp(key);
  }

  seal(packet: Uint8Array, rtcp: boolean): Uint8Array {
    const slab = new Uint8Array(packet.length + TRAILER_BYTES_MAX);
    slab.set(packet);
    const end = rtcp
      ? this.#outgoing.protectRtcp(slab, 0, packet.length)
      : this.#outgoing.protectRtp(slab, 0, packet.length);
    return slab.subarray(0, Math.max(0, end));
  }

  /** @returns undefined for a packet that is not authentic. */
  open(packet: Uint8Array, rtcp: boolean): Uint8Array | undefined {
    const end = rtcp
      ? this.#incoming?.unprotectRtcp(packet, 0, packet.length)
      : this.#incoming?.unprotectRtp(packet, 0, packet.length);
    if (typeof end === 'number') return packet.subarray(0, end);
    this.refused++;
    return undefined;
  }
}
