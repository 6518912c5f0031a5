import { SequenceHistory } from '../sequence-history.ts';

/**
 * SSRCs that one direction of a leg remembers: an honest one has one, and a few after restarts. Each costs 128 bytes, and is
 * remembered after its first authentic packet only.
 */
export const SOURCES_MAX = 8;

/** What is known of one SSRC: its newest index and a replay window (RFC 3711 §3.3.2) of 1,024 packets, more than the 64 asked for. */
export class Source {
  readonly ssrc: number;
  /** The highest index of an authentic packet. */
  highest: number;
  readonly #history = new SequenceHistory();

  constructor(ssrc: number, first: number) {
    this.ssrc = ssrc;
    this.highest = first;
  }

  /** Marks the index of an authentic packet. @returns false for one that was taken before, or is too old to tell. */
  take(index: number): boolean {
    if (index > this.highest) this.highest = index;
    return this.#history.mark(index) === 'new';
  }
}

/** The SSRCs of one protocol in one direction. */
export class Sources {
  readonly #sources: Source[] = [];

  get full(): boolean {
    return this.#sources.length >= SOURCES_MAX;
  }

  find(ssrc: number): Source | undefined {
    for (const source of this.#sources) if (source.ssrc === ssrc) return source;
    return undefined;
  }

  /** @param first index of its first packet. */
  add(ssrc: number, first: number): Source {
    const source = new Source(ssrc, first);
    this.#sources.push(source);
    return source;
  }
}
