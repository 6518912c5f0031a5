import type { Random } from '../base/clock.ts';
import { after, type Instant } from '../base/units.ts';
import { DECODED, encode, type Law } from '../rtp/g711.ts';
import { joinOpus } from '../rtp/opus-join.ts';
import { opusDuration } from '../rtp/opus-packet.ts';
import { RTP_HEADER_BYTES, writeRtpHeader, type RtpView } from '../rtp/packet.ts';
import type { Arrival } from '../rtp/arrival.ts';
import { timestampDistance } from '../rtp/timestamp.ts';
import type { PromptAudio } from '../transfers/media-plane.ts';
import { randomWord } from './context.ts';
import type { ByteRange } from './datagrams.ts';
import { NEVER } from './never.ts';
import type { PassedNumbers } from './passed-numbers.ts';
import { ALAW, OPUS, unitsPerMs, UNKNOWN, type Role, type VoiceFormats } from './voice-formats.ts';

/** Prompts that wait for the one before. One more is not taken: nobody listens for so long. */
export const PROMPTS_WAITING_MAX = 4;
/** Without a packet of the other phone for this long, the prompt goes on in packets of ours: longer than most jitter. */
export const PATIENCE_MS = 100;
/** Once it was silent: so much later than the next packet was to be expected. */
const IMPATIENCE_MS = 20;
/** A distance of timestamps that is no loss: the phone has begun anew. */
const JUMP_MS = 1_000;
/** Of our packets, and of a frame of a shipped prompt. */
const FRAME_MS = 20;
/** Our clock stood still: what should have been said meanwhile is not made up for at once. */
const LATE_MAX_MS = 200;
const PACKET_BYTES_MAX = 1_500;

/** What becomes of a packet: it passes, mixed or not; it is not passed on; or what is in `scratch` goes instead of it. */
export type Fate = 'passes' | 'left-out' | 'replaced';

export interface MixerParts {
  readonly numbers: PassedNumbers;
  readonly random: Random;
  readonly send: (slab: Uint8Array, range: ByteRange) => boolean;
}

/**
 * Says prompts to one side of a line, inside the stream that the other side sends it. The receiver's timestamps are the clock of
 * the prompt, so that loss and disorder fall on it as on the voice:
 *
 * - G.711: each sample of the voice and of the prompt are added. Sequence numbers, timestamps and lengths stay as they are.
 * - Opus, which we do not decode: the packet is replaced by as many frames of the prompt as it is long.
 * - The other side sends nothing: packets of ours, in its stream and as it would number them.
 */
export class PromptMixer {
  readonly #parts: MixerParts;
  readonly #waiting: PromptAudio[] = [];
  #audio: PromptAudio | undefined;
  /** How it is being said. */
  #role: Role = UNKNOWN;
  /** How far it has been said, in units of the media clock. */
  #reached = 0;
  /** Timestamp of its beginning; undefined until the next packet says. */
  #anchor: number | undefined;
  #ssrc = 0;
  /** Where the next packet of ours would begin, after one was sent. */
  #filledUntil: number | undefined;
  /** When the other side counts as silent; NEVER while nothing is said. */
  #silentAt: Instant = NEVER;
  #hasFilled = false;
  /** The last packet of voice. */
  readonly #last = { ssrc: 0, timestamp: 0, payloadType: 0, role: UNKNOWN as Role, arrival: 0 };
  #lastMs = FRAME_MS;
  /** The other side sends what we can neither mix nor replace. */
  #isOpaque = false;
  #formats: VoiceFormats;
  readonly #range = { start: 0, end: 0 };
  /** The packet that goes instead of one, up to `scratchEnd`. */
  readonly scratch: Uint8Array = new Uint8Array(PACKET_BYTES_MAX);
  scratchEnd = 0;

  constructor(formats: VoiceFormats, parts: MixerParts) {
    this.#formats = formats;
    this.#parts = parts;
  }

  set formats(formats: VoiceFormats) {
    this.#formats = formats;
  }

  get isSpeaking(): boolean {
    return this.#audio !== undefined;
  }

  /** @returns false when there are too many, or nothing is known of what could be sent. */
  play(audio: PromptAudio, now: Instant): boolean {
    const isKnown = this.#last.role !== UNKNOWN || this.#formats.spoken !== undefined;
    if (this.#isOpaque || !isKnown || this.#waiting.length >= PROMPTS_WAITING_MAX) return false;
    this.#waiting.push(audio);
    if (!this.isSpeaking) {
      this.#silentAt = after(now, PATIENCE_MS);
      this.#hasFilled = false;
      this.#next();
    }
    return true;
  }

  /** A packet of voice passes. Called for each, also while nothing is said. */
  note(rtp: RtpView, role: Role, { arrival }: Arrival): void {
    this.#isOpaque = false;
    this.#last.ssrc = rtp.ssrc;
    this.#last.timestamp = rtp.timestamp;
    this.#last.payloadType = rtp.payloadType;
    this.#last.role = role;
    this.#last.arrival = arrival;
  }

  /** A packet passes that nothing can be said into: what was being said is given up. */
  noteOpaque(): void {
    this.#isOpaque = true;
    if (this.isSpeaking) this.#giveUp();
  }

  /** Says the part of the prompt that belongs into this packet. @param arrival of the packet. */
  mix(slab: Uint8Array, rtp: RtpView, role: Role, arrival: Instant): Fate {
    if (role !== this.#role) this.#changeRole(role);
    const fate = role === OPUS ? this.#mixOpus(slab, rtp) : this.#mixG711(slab, rtp);
    const patience = this.#hasFilled ? this.#lastMs + IMPATIENCE_MS : PATIENCE_MS;
    this.#silentAt = this.isSpeaking ? after(arrival, patience) : NEVER;
    return fate;
  }

  deadline(): Instant {
    return this.#silentAt;
  }

  /** Says what is due in packets of our own. */
  elapse(now: Instant): void {
    if (now - this.#silentAt > LATE_MAX_MS) this.#silentAt = now;
    while (this.#silentAt <= now && this.#audio !== undefined) this.#fill(this.#audio);
  }

  #mixG711(slab: Uint8Array, rtp: RtpView): Fate {
    const samples = rtp.payloadEnd - rtp.payloadStart;
    const at = this.#place(rtp);
    if (at === undefined || this.#audio === undefined) return 'passes';
    const { ulaw } = this.#audio;
    const law = lawOf(this.#role);
    const voice = DECODED[law];
    const count = Math.min(samples, ulaw.length - at);
    for (let index = 0; index < count; index++) {
      const place = rtp.payloadStart + index;
      const sum = (voice[slab[place] ?? 0] ?? 0) + (DECODED.ulaw[ulaw[at + index] ?? 0] ?? 0);
      slab[place] = encode(law, sum);
    }
    this.#advance(at, samples);
    return 'passes';
  }

  /** The frames of the prompt that begin within the packet's time: one, several, or none when its packets are shorter. */
  #mixOpus(slab: Uint8Array, rtp: RtpView): Fate {
    const units = opusDuration(slab.subarray(rtp.payloadStart, rtp.payloadEnd));
    const at = units === undefined ? undefined : this.#place(rtp);
    if (units === undefined || at === undefined || this.#audio === undefined) return 'passes';
    const frame = FRAME_MS * unitsPerMs(OPUS);
    const first = Math.ceil(at / frame);
    const frames = this.#audio.opus.slice(first, Math.ceil((at + units) / frame));
    const isOver = at >= lengthOf(this.#audio, OPUS);
    const timestamp = rtp.timestamp + first * frame - at;
    this.#advance(at, units);
    if (frames.length === 0) return isOver ? 'passes' : 'left-out';
    this.scratchEnd = joinOpus(frames, this.scratch, RTP_HEADER_BYTES);
    if (this.scratchEnd === 0) return 'passes';
    const { marker, payloadType, sequence, ssrc } = rtp;
    writeRtpHeader(this.scratch, 0, { marker, payloadType, sequence, timestamp, ssrc });
    return 'replaced';
  }

  /** Where in the prompt a packet begins; undefined for one that is from before, or was late and has been spoken for. */
  #place(rtp: RtpView): number | undefined {
    const far = JUMP_MS * unitsPerMs(this.#role);
    if (this.#filledUntil !== undefined) {
      const ahead = timestampDistance(this.#filledUntil, rtp.timestamp);
      if (rtp.ssrc === this.#ssrc && ahead < 0 && ahead > -far) return undefined;
      this.#filledUntil = undefined;
      this.#anchor = undefined;
    }
    const at = this.#anchor === undefined ? NaN : timestampDistance(this.#anchor, rtp.timestamp);
    const isNear = rtp.ssrc === this.#ssrc && at > -far && at < this.#reached + far;
    if (isNear) return at < 0 ? undefined : at;
    this.#ssrc = rtp.ssrc;
    this.#anchor = (rtp.timestamp - this.#reached) >>> 0;
    return this.#reached;
  }

  #advance(at: number, units: number): void {
    this.#lastMs = units / unitsPerMs(this.#role);
    this.#reached = Math.max(this.#reached, at + units);
    if (this.#audio !== undefined && this.#reached >= lengthOf(this.#audio, this.#role))
      this.#next();
  }

  #next(): void {
    this.#audio = this.#waiting.shift();
    this.#reached = 0;
    this.#anchor = undefined;
    if (this.#audio === undefined) this.#silentAt = NEVER;
  }

  #giveUp(): void {
    this.#waiting.length = 0;
    this.#next();
  }

  /** The phone has changed its codec in the middle of it. */
  #changeRole(role: Role): void {
    const frames = this.#role === UNKNOWN ? 0 : this.#reached / unitsPerMs(this.#role) / FRAME_MS;
    this.#role = role;
    this.#reached = Math.ceil(frames) * FRAME_MS * unitsPerMs(role);
    this.#anchor = undefined;
    this.#filledUntil = undefined;
  }

  #fill(audio: PromptAudio): void {
    const last = this.#last;
    if (last.role === UNKNOWN && !this.#beginStream()) return;
    if (last.role !== this.#role) this.#changeRole(last.role);
    const rate = unitsPerMs(last.role);
    const units = FRAME_MS * rate;
    const pause = Math.round((this.#silentAt - last.arrival) * rate);
    const timestamp = (this.#filledUntil ?? last.timestamp + pause) >>> 0;
    writeRtpHeader(this.scratch, 0, {
      marker: this.#filledUntil === undefined,
      payloadType: last.payloadType,
      sequence: this.#parts.numbers.insert(),
      timestamp,
      ssrc: last.ssrc,
    });
    this.#range.end = this.#speak(audio, units);
    this.#parts.send(this.scratch, this.#range);
    this.#ssrc = last.ssrc;
    this.#filledUntil = (timestamp + units) >>> 0;
    this.#hasFilled = true;
    this.#silentAt = after(this.#silentAt, FRAME_MS);
    this.#advance(this.#reached, units);
  }

  /** Nothing has come yet: a stream of our own. @returns false when its format is not known any more. */
  #beginStream(): boolean {
    const { spoken } = this.#formats;
    if (spoken === undefined) {
      this.#giveUp();
      return false;
    }
    const { random, numbers } = this.#parts;
    const last = this.#last;
    last.role = spoken.role;
    last.payloadType = spoken.payloadType;
    last.ssrc = randomWord(random);
    last.timestamp = randomWord(random);
    last.arrival = this.#silentAt;
    numbers.follow({ ssrc: last.ssrc, sequence: randomWord(random) & 0x7fff });
    return true;
  }

  /** The payload of a packet of ours. @returns where it ends. */
  #speak({ ulaw, opus }: PromptAudio, units: number): number {
    if (this.#role === OPUS) {
      const frame = opus[Math.ceil(this.#reached / units)];
      return joinOpus(frame === undefined ? [] : [frame], this.scratch, RTP_HEADER_BYTES);
    }
    const law = lawOf(this.#role);
    for (let index = 0; index < units; index++)
      this.scratch[RTP_HEADER_BYTES + index] = encode(
        law,
        DECODED.ulaw[ulaw[this.#reached + index] ?? SILENCE] ?? 0,
      );
    return RTP_HEADER_BYTES + units;
  }
}

/** Of µ-law. */
const SILENCE = 0xff;

const lawOf = (role: Role): Law => (role === ALAW ? 'alaw' : 'ulaw');

const lengthOf = ({ ulaw, opus }: PromptAudio, role: Role): number =>
  role === OPUS ? opus.length * FRAME_MS * unitsPerMs(OPUS) : ulaw.length;
