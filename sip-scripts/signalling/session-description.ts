import type { BodyAndContentType, SessionDescriptionHandler } from 'sip.js';
import type { VoiceLine } from './voice-line.ts';

const SDP = 'application/sdp';

/** Passes SDP between sip.js and a call's voice line; sip.js's own speaks to a browser. */
export class PhoneDescription implements SessionDescriptionHandler {
  readonly #line: VoiceLine;

  constructor(line: VoiceLine) {
    this.#line = line;
  }

  getDescription(): Promise<BodyAndContentType> {
    return attempt(() => ({ body: this.#line.describe(), contentType: SDP }));
  }

  setDescription(sdp: string): Promise<void> {
    return attempt(() => this.#line.hear(sdp));
  }

  rollbackDescription(): Promise<void> {
    return attempt(() => this.#line.rollBack());
  }

  hasDescription(contentType: string): boolean {
    return contentType.split(';', 1)[0]?.trim().toLowerCase() === SDP;
  }

  sendDtmf(): boolean {
    return false;
  }

  close(): void {}
}

/** A throw becomes a rejection: sip.js answers 488 to it. */
const attempt = <T>(action: () => T): Promise<T> => new Promise((resolve) => resolve(action()));
