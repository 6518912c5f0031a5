import type { Address } from '../../../src/base/address.ts';
import { parseRtcp } from '../../../src/rtp/rtcp.ts';
import { RtcpWriter } from '../../../src/rtp/rtcp-writer.ts';
import { parseRtp, RtpView } from '../../../src/rtp/packet.ts';
import { filePacket } from '../rtp-packets.ts';
import type { SeededRandom } from '../seeded-random.ts';
import { sdpOf, type ModelPhone } from './model-phone.ts';
import type { VirtualTime } from './virtual-time.ts';

const PIECE = 1_000;
/** Between packets of a file, ms. */
const PACE_MS = 20;
const REPORT_MS = 1_000;
/** A receiver reports for so long, whatever comes. */
const REPORTS_MAX = 30;
const FILE_PORT = 100;

export interface UserOptions {
  readonly phone: ModelPhone;
  readonly time: VirtualTime;
  readonly random: SeededRandom;
  readonly pin: string;
  readonly mediaPort: number;
  readonly send: (from: Address, to: Address, bytes: Buffer) => void;
}

/** What the platform said, as the phone read it. */
export type Heard = Readonly<Record<string, unknown>> & { readonly type: string };

/** Who uses a phone in transfers: asks for them, answers what the platform says, sends and receives files. */
export class TransferUser {
  readonly heard: Heard[] = [];
  /** Whom a prompt that is ours is forwarded to. */
  peer = '';
  readonly #options: UserOptions;
  readonly #packets = new Map<number, Uint8Array>();
  #sequence: number;
  #ids = 0;
  #target: Address | undefined;
  #highest = -1;
  #source: { readonly ssrc: number; readonly to: Address } | undefined;

  constructor(options: UserOptions) {
    this.#options = options;
    // Close to the wrap: most files go over it.
    this.#sequence = 65_536 - options.random.below(10);
  }

  /** Asks for storage: direct mode, or receiver-chosen. */
  ask(sender: string, direct: boolean): void {
    const { random, pin } = this.#options;
    const password = random.chance(95) ? pin : 'wrong';
    const maxBytes = random.oneOf([5_000, 50_000, 2_000_000]);
    if (direct) this.#say({ type: 'storage-request', sender, password, maxBytes });
    else this.#say({ type: 'storage-instruction', password, maxBytes });
  }

  hear(body: string): void {
    const event = readEvent(body);
    if (event === undefined) return;
    this.heard.push(event);
    const { random, time } = this.#options;
    const thinkingMs = random.below(1_500);
    time.after(thinkingMs, () => this.#react(event));
  }

  datagram(bytes: Buffer, from: Address, port: number): void {
    const own = this.#options.mediaPort + FILE_PORT;
    if (port === own) this.#received(bytes, from);
    if (port === own + 1) this.#resend(bytes);
  }

  #react(event: Heard): void {
    const { random } = this.#options;
    const { transfer } = event;
    if (random.chance(4)) return this.#say({ type: 'cancel', transfer });
    if (random.chance(6)) return;
    if (event.type === 'storage-prompt') this.#prompted(event);
    else if (event.type === 'store-confirmation') this.#confirmed(event);
    else if (event.type === 'receive-offer') this.#offered(event);
  }

  #prompted({ transfer, token, re }: Heard): void {
    if (re !== undefined) return this.#say({ type: 'forward-prompt', transfer, to: this.peer });
    const size = 1 + this.#options.random.below(20_000);
    this.#pieces(size);
    const sdp = this.#sdp('sendonly');
    this.#say({ type: 'store-request', transfer, token, format: 'image/jpeg', size, sdp });
  }

  #confirmed({ transfer, sdp }: Heard): void {
    this.#target = mediaOf(String(sdp));
    let delayMs = 0;
    for (const packet of this.#packets.values()) {
      this.#options.time.after((delayMs += PACE_MS), () => this.#out(packet));
    }
    this.#options.time.after(delayMs + 2_000, () => this.#say({ type: 'end-of-data', transfer }));
  }

  #offered({ transfer, token }: Heard): void {
    const sdp = this.#sdp('recvonly');
    this.#say({ type: 'receive-request', transfer, token, sdp });
    this.#report(REPORTS_MAX);
  }

  #pieces(size: number): void {
    for (let offset = 0; offset < size; offset += PIECE) {
      const data = new Uint8Array(Math.min(PIECE, size - offset)).fill(offset & 0xff);
      const sequence = this.#sequence++ & 0xffff;
      this.#packets.set(sequence, filePacket({ sequence }, offset, data, offset + PIECE >= size));
    }
  }

  #received(bytes: Buffer, from: Address): void {
    const view = new RtpView();
    if (parseRtp(bytes, bytes.length, view) !== undefined) return;
    this.#highest = Math.max(this.#highest, view.sequence);
    this.#source = { ssrc: view.ssrc, to: { ...from, port: from.port + 1 } };
  }

  /** Says what has come, once a second: without it, a delivery counts as unreachable. */
  #report(left: number): void {
    if (left === 0 || this.#options.phone.dead) return;
    this.#options.time.after(REPORT_MS, () => this.#report(left - 1));
    if (this.#source === undefined) return;
    const block = {
      ssrc: this.#source.ssrc,
      fractionLost: 0,
      lost: 0,
      highest: this.#highest,
      jitter: 0,
      lastSenderReport: 0,
      delaySinceLastSenderReport: 0,
    };
    const { bytes, length } = new RtcpWriter().receiverReport(77, [block]);
    this.#send(this.#source.to, bytes.slice(0, length), 1);
  }

  #resend(bytes: Buffer): void {
    const compound = parseRtcp(bytes, 0, bytes.length);
    if (!compound.ok) return;
    for (const packet of compound.value) {
      if (packet.type !== 'nack') continue;
      for (const sequence of packet.sequences) {
        const missing = this.#packets.get(sequence);
        if (missing !== undefined) this.#out(missing);
      }
    }
  }

  #out(packet: Uint8Array): void {
    if (this.#target !== undefined) this.#send(this.#target, packet, 0);
  }

  /** @param offset 1: from the RTCP port. */
  #send(to: Address, bytes: Uint8Array, offset: number): void {
    const { phone, mediaPort, send } = this.#options;
    const from = { address: phone.address, port: mediaPort + FILE_PORT + offset };
    if (!phone.dead) send(from, to, Buffer.from(bytes));
  }

  #sdp(direction: string): string {
    const { phone, mediaPort } = this.#options;
    return sdpOf(
      phone.address,
      `m=application ${mediaPort + FILE_PORT} RTP/AVPF 96`,
      'a=rtpmap:96 octet-stream/90000',
      'a=rtcp-fb:96 nack',
      `a=${direction}`,
    );
  }

  #say(command: Readonly<Record<string, unknown>>): void {
    const { phone } = this.#options;
    const id = `${phone.name}-${++this.#ids}`;
    phone.info(JSON.stringify({ v: 1, id, ...command }));
  }
}

function readEvent(body: string): Heard | undefined {
  const event: unknown = JSON.parse(body);
  if (typeof event !== 'object' || event === null) return undefined;
  return 'type' in event && typeof event.type === 'string'
    ? { ...event, type: event.type }
    : undefined;
}

/** Where an SDP of one line wants its media. */
function mediaOf(sdp: string): Address {
  const address = /c=IN IP4 (\S+)/.exec(sdp)?.[1] ?? '';
  return { address, port: Number(/m=\w+ (\d+)/.exec(sdp)?.[1] ?? 0) };
}
