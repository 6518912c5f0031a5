import { after, instant, type Instant } from '../base/units.ts';
import type { RtpView } from '../rtp/packet.ts';
import type { Arrival } from '../rtp/arrival.ts';

/** A sender that was silent this long may be followed by another SSRC: ten packets of speech. */
export const SILENCE_MS = 200;
/** Packets in a row that a new SSRC must send, so that a stray one changes nothing. */
export const CHANGE_PACKETS = 5;
/** Times an ingest follows a change: more is somebody's game. */
export const CHANGES_MAX = 16;

/** `new`: from now on this is the source. `foreign`: it is none, or not yet. */
export type SourceVerdict = 'known' | 'new' | 'foreign';

/**
 * Which SSRC an ingest listens to. One at a time: the first that comes. A sender may begin anew under another, after a
 * collision (RFC 3550 §8.2) or because another device took over; it is followed when the old one has said BYE, or has been
 * silent while the new one sent CHANGE_PACKETS in a row.
 */
export class SourceChoice {
  /** Undefined before the first packet. */
  ssrc: number | undefined;
  /** When it was heard last. */
  #heardAt: Instant = instant(0);
  #hasLeft = false;
  #candidate = 0;
  #count = 0;
  #changes = 0;

  /** Takes the SSRC of a packet of the right address and payload type. */
  judge({ ssrc }: Pick<RtpView, 'ssrc'>, { arrival: now }: Arrival): SourceVerdict {
    if (this.ssrc === undefined) return this.#follow(ssrc, now);
    if (ssrc === this.ssrc) return this.#heard(now);
    this.#count = ssrc === this.#candidate ? this.#count + 1 : 1;
    this.#candidate = ssrc;
    if (this.#changes === CHANGES_MAX) return 'foreign';
    const isFree = this.#hasLeft || (this.#isSilent(now) && this.#count >= CHANGE_PACKETS);
    if (!isFree) return 'foreign';
    this.#changes++;
    return this.#follow(ssrc, now);
  }

  /** The source has said BYE. */
  leave(): void {
    this.#hasLeft = true;
  }

  #heard(now: Instant): SourceVerdict {
    this.#heardAt = now;
    this.#count = 0;
    return 'known';
  }

  #isSilent(now: Instant): boolean {
    return now >= after(this.#heardAt, SILENCE_MS);
  }

  #follow(ssrc: number, now: Instant): SourceVerdict {
    this.ssrc = ssrc;
    this.#hasLeft = false;
    this.#heard(now);
    return 'new';
  }
}
