import { isRtcp, parseRtpAt, RtpView } from '../rtp/packet.ts';
import type { DatagramBatch } from './datagrams.ts';
import { Endpoint } from './endpoint.ts';

/** Packets in a row, of one source and SSRC, that make it the one: a stray packet or a scan of ports is not enough. */
export const LOCK_PACKETS = 5;

/** Watches the packets of one socket for a source that goes on sending, with none from elsewhere in between. */
export class SourceLock {
  #candidate: Endpoint | undefined;
  #count = 0;
  readonly #view = new RtpView();

  /** Of the candidate, and then of the source that was found. */
  ssrc = 0;

  /** Takes one RTP packet. @returns its source, once it has sent enough. */
  observe(batch: DatagramBatch, index: number): Endpoint | undefined {
    const start = batch.start(index);
    const end = batch.end(index);
    if (isRtcp(batch.slab, start, end)) return undefined;
    if (parseRtpAt(batch.slab, start, end, this.#view) !== undefined) return undefined;
    if (!this.#continues(batch, index)) this.#begin(batch, index);
    this.#count++;
    return this.#count >= LOCK_PACKETS ? this.#candidate : undefined;
  }

  #continues(batch: DatagramBatch, index: number): boolean {
    return this.#candidate?.isSourceOf(batch, index) === true && this.ssrc === this.#view.ssrc;
  }

  #begin(batch: DatagramBatch, index: number): void {
    this.#candidate = Endpoint.ofSource(batch, index);
    this.ssrc = this.#view.ssrc;
    this.#count = 0;
  }
}
