import { RTP_HEADER_BYTES } from '../../src/rtp/packet.ts';
import { DATA_BYTES_MAX } from '../../src/rtp/octet-stream.ts';
import type { Address } from '../../src/base/address.ts';
import type { Instant } from '../../src/base/units.ts';
import { now } from './clock.ts';
import type { FileSource } from './file-source.ts';
import type { OutgoingStream } from './outgoing-stream.ts';
import { RateControl } from './rate-control.ts';
import { RateSchedule } from './rate-schedule.ts';
import type { RtcpPacket, ReceptionReport } from './rtcp.ts';
import type { RtpSockets } from './rtp-sockets.ts';

/** The last packet is repeated until somebody says it arrived; first after this, then twice as long each time. */
export const END_REPEAT_MS = 200;
export const END_REPEAT_MS_MAX = 5_000;
/** Then nobody is there. About half a minute. */
export const END_REPEATS_MAX = 10;
/** Resendings that may wait; a receiver that misses more should ask again later. */
export const RESENDS_MAX = 1_024;
const IP_UDP_BYTES = 28;
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
  readonly repeatEnd: boolean;
  /** Called for each new packet with the data bytes sent so far. */
  readonly progress: (sent: number) => void;
  /** Called once when the last new packet has been sent. */
  readonly sentAll: () => void;
}

/** Sends a file under a rate, answers NACKs, repeats the end. */
export class FileSender {
  readonly #options: FileSenderOptions;
  readonly #schedule: RateSchedule;
  readonly #control: RateControl;
  readonly #startedAt: Instant = now();
  /** Offset sent under each 16-bit sequence number, for NACK; -1 = none. */
  readonly #offsets = new Float64Array(2 ** 16).fill(-1);
  readonly #resends: number[] = [];
  readonly #limit: number;
  #offset = 0;
  #endRepeats = 0;
  #stopped = false;
  #timer: NodeJS.Timeout | undefined;
  resent = 0;
  /** Asked for when {@link RESENDS_MAX} were waiting already. */
  resendsDropped = 0;

  constructor(options: FileSenderOptions) {
    this.#options = options;
    this.#limit = Math.min(options.stopAt ?? Infinity, options.source.size);
    this.#schedule = new RateSchedule(this.#startedAt);
    this.#control = new RateControl(options.rate, this.#startedAt);
  }

  start(): void {
    this.#tick();
  }

  stop(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    if (this.#stopped) return;
    this.#stopped = true;
    this.#options.source.close();
  }

  /** Acts on what the receiver says: its loss slows us down, its NACKs make us send again. */
  heard(packets: readonly RtcpPacket[], reports: readonly ReceptionReport[]): void {
    for (const report of reports) this.#control.reported(report.fractionLost, now());
    for (const packet of packets) {
      for (const sequence of packet.missing) this.#ask(this.#offsets[sequence] ?? -1);
    }
  }

  #ask(offset: number): void {
    if (offset < 0) return;
    if (this.#resends.length < RESENDS_MAX) this.#resends.push(offset);
    else this.resendsDropped++;
  }

  get #finished(): boolean {
    return this.#offset >= this.#limit;
  }

  #tick(): void {
    while (this.#hasWork() && this.#schedule.take(PACKET_BITS, this.#control.rate(now()), now())) {
      this.#sendNext();
    }
    if (!this.#hasWork()) this.#options.sentAll();
    this.#arm();
  }

  #hasWork(): boolean {
    return this.#resends.length > 0 || !this.#finished;
  }

  #arm(): void {
    const dueAt = Math.max(0, this.#schedule.dueAt - now());
    if (this.#hasWork()) this.#timer = setTimeout(() => this.#tick(), dueAt);
    else if (this.#options.repeatEnd && this.#limit === this.#options.source.size) this.#armEnd();
  }

  #armEnd(): void {
    if (this.#endRepeats === END_REPEATS_MAX) return;
    const waitMs = Math.min(END_REPEAT_MS * 2 ** this.#endRepeats, END_REPEAT_MS_MAX);
    this.#timer = setTimeout(() => this.#repeatEnd(), waitMs);
  }

  #repeatEnd(): void {
    this.#endRepeats++;
    while (this.#resends.length > 0) this.#sendNext();
    this.#send(this.#options.source.lastOffset);
    this.#armEnd();
  }

  #sendNext(): void {
    const again = this.#resends.shift();
    if (again !== undefined) {
      this.resent++;
      this.#send(again);
      return;
    }
    this.#send(this.#offset);
    this.#offset = Math.min(this.#offset + DATA_BYTES_MAX, this.#options.source.size);
    this.#options.progress(this.#offset);
  }

  #send(offset: number): void {
    const { source, stream, sockets, to } = this.#options;
    const payload = source.payload(offset);
    this.#offsets[stream.nextSequence] = offset;
    const elapsed = Math.round((now() - this.#startedAt) * CLOCK_PER_MS);
    const end = offset === source.lastOffset;
    sockets.sendRtp(stream.packet(payload, elapsed, end), to);
  }
}

/** Charged for every packet; only the last one may be shorter. */
const PACKET_BITS = 8 * (IP_UDP_BYTES + RTP_HEADER_BYTES + 8 + DATA_BYTES_MAX);
