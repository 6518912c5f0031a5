import { instant, type Instant } from '../base/units.ts';
import type { KeySaying } from '../incall/key-reader.ts';
import type { StarCodes } from '../incall/star-codes.ts';
import { parseRtpAt, RtpView } from '../rtp/packet.ts';
import type { PayloadFormat } from '../rtp/payload-format.ts';
import type { PromptAudio } from '../transfers/media-plane.ts';
import type { MediaContext } from './context.ts';
import type { ByteRange, DatagramBatch } from './datagrams.ts';
import { KeyWatch } from './key-watch.ts';
import { earlier } from './never.ts';
import { PassedNumbers } from './passed-numbers.ts';
import { PromptMixer } from './prompt-mixer.ts';
import { Alarm, type Due } from './schedule.ts';
import { COMFORT, KEYS, UNKNOWN, VoiceFormats } from './voice-formats.ts';

const SEQUENCE_AT = 2;

export interface LineVoiceParts extends Pick<MediaContext, 'totals' | 'schedule' | 'random'> {
  /** Told what is typed for us. */
  readonly say: (saying: KeySaying) => void;
  /** Sends a packet to the side that hears. @returns whether there was room. */
  readonly send: (slab: Uint8Array, range: ByteRange) => boolean;
}

/**
 * One direction of a voice line whose packets we look into: keys of the side that speaks are read, and prompts for the side that hears are
 * said into it. While there is neither, a packet costs a look into a table, and passes byte for byte.
 */
export class LineVoice implements Due {
  readonly #parts: LineVoiceParts;
  readonly #alarm: Alarm = new Alarm(this);
  readonly #keys: KeyWatch;
  readonly #numbers: PassedNumbers = new PassedNumbers();
  readonly #mixer: PromptMixer;
  #formats: VoiceFormats = new VoiceFormats([]);
  /** Reused for each packet. */
  readonly #view: RtpView = new RtpView();
  readonly #range = { start: 0, end: 0 };
  readonly #arrived = { arrival: instant(0) };

  constructor(codes: StarCodes, parts: LineVoiceParts) {
    const { random, send } = parts;
    this.#parts = parts;
    this.#keys = new KeyWatch(codes, parts.say, parts.totals);
    this.#mixer = new PromptMixer(this.#formats, { random, send, numbers: this.#numbers });
  }

  /** What the side that hears takes, from now on. */
  setFormats(formats: readonly PayloadFormat[]): void {
    this.#formats = new VoiceFormats(formats);
    this.#mixer.formats = this.#formats;
  }

  /** @returns false when it can't be said. */
  play(audio: PromptAudio, now: Instant): boolean {
    const isTaken = this.#mixer.play(audio, now);
    this.#wake();
    return isTaken;
  }

  /** Takes an RTP packet of the side that speaks. @returns whether it was sent on. */
  pass(batch: DatagramBatch, index: number): boolean {
    const { slab } = batch;
    const view = this.#view;
    this.#look(batch, index);
    const fault = parseRtpAt(slab, this.#range.start, this.#range.end, view);
    if (fault !== undefined) return this.#parts.send(slab, this.#range);
    const role = this.#formats.roleOf(view.payloadType);
    const arrived = this.#arrived;
    this.#numbers.follow(view);
    if (role === UNKNOWN) this.#mixer.noteOpaque();
    if (role === UNKNOWN || role === COMFORT) return this.#send(slab);
    if (role === KEYS) return this.#passKey(slab, arrived.arrival);
    this.#mixer.note(view, role, arrived);
    if (!this.#mixer.isSpeaking) return this.#send(slab);
    switch (this.#mixer.mix(slab, view, role, arrived.arrival)) {
      case 'passes':
        return this.#send(slab);
      case 'left-out':
        return this.#leaveOut();
      case 'replaced':
        this.#range.start = 0;
        this.#range.end = this.#mixer.scratchEnd;
        return this.#send(this.#mixer.scratch);
    }
  }

  elapse(now: Instant): void {
    this.#keys.elapse(now);
    this.#mixer.elapse(now);
  }

  deadline(): Instant {
    return earlier(this.#keys.deadline(), this.#mixer.deadline());
  }

  /** Nothing is due any more. */
  end(): void {
    this.#parts.schedule.cancel(this.#alarm);
  }

  #look(batch: DatagramBatch, index: number): void {
    this.#range.start = batch.start(index);
    this.#range.end = batch.end(index);
    this.#arrived.arrival = instant(batch.arrivals[index] ?? 0);
  }

  #passKey(slab: Uint8Array, arrival: Instant): boolean {
    const isOurs = this.#keys.isOurs(slab, this.#view, arrival);
    this.#wake();
    return isOurs ? this.#leaveOut() : this.#send(slab);
  }

  #leaveOut(): false {
    this.#numbers.leaveOut(this.#view.sequence);
    return false;
  }

  #send(slab: Uint8Array): boolean {
    const { sequence } = this.#view;
    const number = this.#numbers.map(sequence);
    if (number !== sequence) {
      slab[this.#range.start + SEQUENCE_AT] = number >>> 8;
      slab[this.#range.start + SEQUENCE_AT + 1] = number;
    }
    return this.#parts.send(slab, this.#range);
  }

  #wake(): void {
    this.#parts.schedule.wake(this.#alarm, this.deadline());
  }
}
