import type { Address } from '../../src/base/address.ts';
import { after, instant, type Instant } from '../../src/base/units.ts';
import { FilePacer } from '../../src/media/file-pacer.ts';
import { earlier, NEVER } from '../../src/media/never.ts';
import { FileProgress, type ByteRange } from './file-progress.ts';
import type { FileSource } from './file-source.ts';
import type { OutgoingStream } from './outgoing-stream.ts';
import type { ReceptionReport, RtcpPacket } from './rtcp.ts';
import type { RtpSockets } from './rtp-sockets.ts';

/** The last packet is repeated until somebody says it arrived; first after this, then twice as long each time. */
export const END_REPEAT_MS = 200;
export const END_REPEAT_MS_MAX = 5_000;
/** Then nobody is there. About half a minute. */
export const END_REPEATS_MAX = 10;
/** Resendings that may wait; a receiver that misses more should ask again later. */
export const RESENDS_MAX = 1_024;
/** A request for what was sent again this short a time ago crossed it on the way; a known round trip takes its place. */
const RESEND_GUARD_MS = 50;
const CLOCK_PER_MS = 90;

export interface FileSenderOptions {
  readonly sockets: Pick<RtpSockets, 'sendRtp'>;
  readonly stream: OutgoingStream;
  readonly source: FileSource;
  readonly to: Address;
  /** bit/s of IP packets, never exceeded. */
  readonly rate: number;
  /** Stop silently before this offset: a sender that dies in mid-transfer. Default: the end. */
  readonly stopAt?: number;
  /** What the other side has already: not sent. */
  readonly have?: readonly ByteRange[];
  readonly repeatEnd: boolean;
  /** Called for each new packet with how far in the file that is. */
  readonly progress: (sent: number) => void;
  /** Called once when the last new packet has been sent. */
  readonly sentAll: () => void;
  /** Called once when nothing gets through any more. */
  readonly gaveUp: () => void;
}

/** Sends a file at a rate that follows the path, answers NACKs, repeats the end. Without a clock or a timer. */
export class FileSender {
  readonly #options: FileSenderOptions;
  readonly #pacer: FilePacer;
  readonly #progress: FileProgress;
  readonly #startedAt: Instant;
  /** Offset sent under each 16-bit sequence number, for NACK; -1 = none. */
  readonly #offsets = new Float64Array(2 ** 16).fill(-1);
  /** When what was sent under a number was sent again last. */
  readonly #resentAt = new Float64Array(2 ** 16).fill(Number.NEGATIVE_INFINITY);
  readonly #resends: number[] = [];
  #endRepeats = 0;
  /** When the end is repeated next; NEVER before all was sent, and when nobody is there. */
  #endAt: Instant = NEVER;
  #isOver = false;
  /** As last told. */
  #toldAll = false;
  resent = 0;
  /** Asked for when {@link RESENDS_MAX} were waiting already. */
  resendsDropped = 0;

  constructor(options: FileSenderOptions, now: Instant) {
    this.#options = options;
    this.#startedAt = now;
    this.#progress = new FileProgress(options.source.size, options.have ?? [], options.stopAt);
    this.#pacer = new FilePacer(options.rate, now);
  }

  /** bit/s at present. */
  get rate(): number {
    return this.#pacer.rate;
  }

  stop(): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#options.source.close();
  }

  /** Acts on what the receiver says: its reports set the rate, its NACKs make us send again. */
  heard(packets: readonly RtcpPacket[], reports: readonly ReceptionReport[], now: Instant): void {
    for (const report of reports) this.#pacer.heard(report, now);
    for (const packet of packets) for (const sequence of packet.missing) this.#ask(sequence, now);
  }

  /** Does what is due. */
  elapse(now: Instant): void {
    if (this.#isOver) return;
    while (this.#hasWork && this.#pacer.dueAt <= now) this.#sendNext(now);
    if (now >= this.#endAt) this.#repeatEnd(now);
    if (!this.#toldAll && this.#progress.done) this.#tellAll(now);
    if (!this.#progress.done && this.#pacer.isDead(now)) this.#giveUp();
  }

  /** When `elapse` has something to do. */
  deadline(): Instant {
    if (this.#isOver) return NEVER;
    return earlier(this.#hasWork ? this.#pacer.dueAt : NEVER, this.#endAt);
  }

  #ask(sequence: number, now: Instant): void {
    const offset = this.#offsets[sequence] ?? -1;
    const guardMs = Math.max(RESEND_GUARD_MS, this.#pacer.roundTripMs ?? 0);
    if (offset < 0 || now < after(instant(this.#resentAt[sequence] ?? 0), guardMs)) return;
    this.#resentAt[sequence] = now;
    if (this.#resends.length < RESENDS_MAX) this.#resends.push(offset);
    else this.resendsDropped++;
  }

  get #hasWork(): boolean {
    return this.#resends.length > 0 || !this.#progress.done;
  }

  #sendNext(now: Instant): void {
    const again = this.#resends.shift();
    if (again !== undefined) {
      this.resent++;
      this.#send(again, this.#options.source.pieceEnd(again), now);
      return;
    }
    const { start, end } = this.#progress.next();
    this.#send(start, end, now);
    this.#options.progress(end);
  }

  #tellAll(now: Instant): void {
    this.#toldAll = true;
    this.#options.sentAll();
    if (this.#options.repeatEnd && this.#progress.reachesEnd)
      this.#endAt = after(now, END_REPEAT_MS);
  }

  #repeatEnd(now: Instant): void {
    const { source } = this.#options;
    this.#endRepeats++;
    this.#send(source.lastOffset, source.size, now);
    const waitMs = Math.min(END_REPEAT_MS * 2 ** this.#endRepeats, END_REPEAT_MS_MAX);
    this.#endAt = this.#endRepeats === END_REPEATS_MAX ? NEVER : after(now, waitMs);
  }

  #giveUp(): void {
    this.stop();
    this.#options.gaveUp();
  }

  #send(offset: number, end: number, now: Instant): void {
    const { source, stream, sockets, to } = this.#options;
    const payload = source.payload(offset, end);
    const sequence = stream.nextSequence;
    this.#offsets[sequence] = offset;
    this.#resentAt[sequence] = Number.NEGATIVE_INFINITY;
    const elapsed = Math.round((now - this.#startedAt) * CLOCK_PER_MS);
    const packet = stream.packet(payload, elapsed, end === source.size);
    sockets.sendRtp(packet, to);
    this.#pacer.sent(sequence, packet.length, now);
  }
}
