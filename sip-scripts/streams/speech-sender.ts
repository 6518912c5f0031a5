import type { Address } from '../../src/base/address.ts';
import { now } from './clock.ts';
import type { OutgoingStream } from './outgoing-stream.ts';
import { PacketSchedule } from './packet-schedule.ts';
import type { RtpSockets } from './rtp-sockets.ts';

/** G.711 at 8 kHz in the usual packets (RFC 3551 §4.2): 20 ms, 160 samples, one byte each. */
export const PACKET_MS = 20;
export const PACKET_SAMPLES = 160;

export interface SpeechSenderOptions {
  readonly sockets: Pick<RtpSockets, 'sendRtp'>;
  readonly stream: OutgoingStream;
  /** Samples to send, one byte each. */
  readonly samples: Uint8Array;
  /** Start again at the end, for ever. */
  readonly loop: boolean;
  /** Called once when a sender that does not loop has sent all. */
  readonly ended?: () => void;
}

/** Sends recorded speech at the pace it was spoken. */
export class SpeechSender {
  readonly #options: SpeechSenderOptions;
  #schedule: PacketSchedule | undefined;
  #timer: NodeJS.Timeout | undefined;
  /** Where to; undefined while on hold: time goes on, nothing is sent. */
  #to: Address | undefined;

  constructor(options: SpeechSenderOptions) {
    this.#options = options;
  }

  get sending(): boolean {
    return this.#timer !== undefined;
  }

  /** Sends from now on, or to another place from now on. */
  start(to: Address): void {
    this.#to = to;
    if (this.sending) return;
    this.#schedule = new PacketSchedule(now(), PACKET_MS);
    this.#tick(this.#schedule);
  }

  /** A later `start` goes on with the next sample and sequence number. */
  stop(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
  }

  #tick(schedule: PacketSchedule): void {
    for (let due = schedule.take(now()); due > 0; due--) this.#sendOne();
    if (!this.#options.loop && this.#payload().length === 0) {
      this.stop();
      this.#options.ended?.();
      return;
    }
    this.#timer = setTimeout(() => this.#tick(schedule), Math.max(0, schedule.dueAt - now()));
  }

  #sendOne(): void {
    const { sockets, stream } = this.#options;
    const payload = this.#payload();
    if (payload.length === 0 || this.#to === undefined) return;
    // The marker starts a talk spurt (RFC 3551 §4.1).
    const packet = stream.packet(payload, stream.packets * PACKET_SAMPLES, stream.packets === 0);
    sockets.sendRtp(packet, this.#to);
  }

  /** The samples of the next packet; none after the end. */
  #payload(): Uint8Array {
    const { samples, stream, loop } = this.#options;
    const whole = Math.floor(samples.length / PACKET_SAMPLES);
    const index = loop ? stream.packets % whole : stream.packets;
    return samples.subarray(index * PACKET_SAMPLES, (index + 1) * PACKET_SAMPLES);
  }
}
