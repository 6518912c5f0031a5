import type { RtpRemote } from '../signalling/phone-sdp.ts';
import type { VoiceTerms } from '../signalling/voice-line.ts';
import { parseRtp, RtpView } from '../../src/rtp/packet.ts';
import { now } from './clock.ts';
import { IncomingStream, type ReceivedCounts } from './incoming-stream.ts';
import { OutgoingStream, type SentCounts } from './outgoing-stream.ts';
import { RtcpReporter } from './rtcp-reporter.ts';
import type { RtpSockets } from './rtp-sockets.ts';
import { SpeechSender } from './speech-sender.ts';

const PCMU = 0;
const CLOCK_RATE = 8_000;

export interface VoiceCounts {
  readonly sent: SentCounts;
  /** The newest stream of the other side; undefined before its first packet. */
  readonly received: ReceivedCounts | undefined;
  /** Streams (SSRCs) heard so far. */
  readonly streams: number;
  /** Not RTP, or not PCMU. */
  readonly malformed: number;
}

/** Between reports. */
const REPORT_INTERVAL_MS = 1_000;

/** The voice of one call: speaks from a recording, listens and counts. */
export class Voice {
  readonly #outgoing = new OutgoingStream(PCMU);
  readonly #speech: SpeechSender;
  readonly #reporter: RtcpReporter;
  readonly #view = new RtpView();
  readonly #sockets: RtpSockets;
  #incoming: IncomingStream | undefined;
  #streams = 0;
  #malformed = 0;
  #remote: RtpRemote | undefined;
  #maySend = false;
  /** Not before the call is up: the path may not be there yet. */
  #up = false;
  #muted = false;

  /** @param samples µ-law speech, looped. */
  constructor(sockets: RtpSockets, cname: string, samples: Uint8Array) {
    this.#sockets = sockets;
    this.#speech = new SpeechSender({ sockets, stream: this.#outgoing, samples, loop: true });
    this.#reporter = new RtcpReporter({
      sockets,
      cname,
      intervalMs: REPORT_INTERVAL_MS,
      remote: () => this.#remote,
      outgoing: () => this.#outgoing,
      incoming: () => this.#incoming,
    });
    sockets.listen({
      rtp: (packet) => this.#heard(packet),
      rtcp: (packet) => this.#reporter.read(packet),
    });
  }

  /** Follows what an offer and its answer agreed on. */
  agree(terms: VoiceTerms): void {
    this.#remote = terms.remote;
    this.#maySend = terms.sends;
    this.#apply();
  }

  /** The call is up. */
  begin(): void {
    this.#up = true;
    this.#reporter.start();
    this.#apply();
  }

  /** Stops or goes on speaking, whatever was agreed: for tests that compare what was sent and received. */
  mute(muted: boolean): void {
    this.#muted = muted;
    this.#apply();
  }

  end(): void {
    this.#speech.stop();
    this.#reporter.stop();
    this.#sockets.close();
  }

  counts(): VoiceCounts {
    return {
      sent: this.#outgoing.counts(),
      received: this.#incoming?.counts(),
      streams: this.#streams,
      malformed: this.#malformed,
    };
  }

  #apply(): void {
    const to = this.#remote?.rtp;
    if (this.#up && this.#maySend && !this.#muted && to !== undefined) this.#speech.start(to);
    else this.#speech.stop();
  }

  #heard(packet: Uint8Array): void {
    const view = this.#view;
    if (parseRtp(packet, packet.length, view) !== undefined || view.payloadType !== PCMU) {
      this.#malformed++;
      return;
    }
    if (this.#incoming?.ssrc !== view.ssrc) this.#meet(view);
    this.#incoming?.take(view, packet.subarray(view.payloadStart, view.payloadEnd), now());
  }

  #meet(first: RtpView): void {
    this.#incoming = new IncomingStream(first, CLOCK_RATE);
    this.#streams++;
  }
}
