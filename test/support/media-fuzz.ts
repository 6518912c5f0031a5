import type { Address } from '../../src/base/address.ts';
import { SILENT } from '../../src/base/log.ts';
import type { ByteRange, DatagramBatch, DatagramSockets } from '../../src/media/datagrams.ts';
import type { Endpoint } from '../../src/media/endpoint.ts';
import { PlaneCore } from '../../src/media/plane-core.ts';
import { isRtcp, parseRtpAt, RtpView } from '../../src/rtp/packet.ts';
import { OutgoingSrtp } from '../../src/rtp/srtp/outgoing-srtp.ts';
import { rtpBodyAt } from '../../src/rtp/srtp/rtp-body.ts';
import type { RtpAddress } from '../../src/rtp/transport-address.ts';
import type {
  IngestTerms,
  MediaCounts,
  MediaEvent,
  SrtpKeys,
} from '../../src/transfers/media-plane.ts';
import { mutateBytes } from './byte-mutation.ts';
import { batchOf } from './fake-sockets.ts';
import { fuzzRtcp, FuzzRtp, keptPackets, TYPES } from './fuzz-packets.ts';
import {
  RECEIVER,
  RECEIVER_RTCP,
  RigClock,
  SENDER,
  SENDER_RTCP,
  settled,
  STRANGER,
} from './media-rig.ts';
import { MemorySpools } from './memory-spools.ts';
import { SeededRandom } from './seeded-random.ts';
import { inSlab, srtpKey, SUITE_NAMES } from './srtp.ts';

/** Packets of a round: after it all is closed, and nothing may be left. A failure replays from the start of its round. */
export const ROUND = 2_000;
const SIZE_MAX = 200_000;
/** Longer than any timer of the plane but the idle time, ms. */
const PAUSES = [0, 0, 0, 1, 5, 20, 200, 6_000];

const format = (
  payloadType: number,
  encoding: string,
  clockRate: number,
): IngestTerms['format'] => ({
  payloadType,
  encoding,
  clockRate,
  channels: 1,
});
const SPEECH = format(TYPES.speech, 'PCMU', 8_000);
const apart: RtpAddress = { rtp: SENDER, rtcp: SENDER_RTCP };
const muxed: RtpAddress = { rtp: SENDER, rtcp: SENDER };
const nat: RtpAddress = { ...apart, behindNat: true };

/** What the legs of a round are like. */
const LEGS: readonly Partial<IngestTerms>[] = [
  { format: SPEECH, events: format(TYPES.events, 'telephone-event', 8_000) },
  { format: SPEECH, remote: muxed },
  { format: SPEECH, remote: nat },
  { kind: 'file', format: format(TYPES.file, 'octet-stream', 90_000), size: 100_000 },
  { kind: 'file', format: format(TYPES.file, 'octet-stream', 90_000), remote: muxed },
  { format: format(TYPES.vp8, 'VP8', 90_000), refresh: 'pli' },
  { format: format(TYPES.h264, 'H264', 90_000), refresh: 'fir', remote: muxed },
];

/** Sockets that give numbers again, look at all that is sent, and keep nothing. */
class FuzzSockets implements DatagramSockets {
  readonly #ports: (number | undefined)[] = [];
  readonly #view = new RtpView();
  sent = 0;

  async open(_address: string, port: number): Promise<number> {
    const free = this.#ports.indexOf(undefined);
    const number = free < 0 ? this.#ports.length : free;
    this.#ports[number] = port;
    return number;
  }

  connect(): void {}

  close(socket: number): void {
    this.#ports[socket] = undefined;
  }

  /** Nothing goes to a stranger, and all that goes is RTP or RTCP, at least to look at. */
  send(socket: number, slab: Uint8Array, { start, end }: ByteRange, to: Endpoint): boolean {
    if (this.#ports[socket] === undefined) throw new Error('sent from a closed socket');
    if (to.address === STRANGER.address) throw new Error('sent to a stranger');
    const isControl = isRtcp(slab, start, end);
    if (!isControl && parseRtpAt(slab, start, end, this.#view) === 'version')
      throw new Error('sent what is neither RTP nor RTCP');
    this.sent++;
    return true;
  }

  get openCount(): number {
    return this.#ports.filter((port) => port !== undefined).length;
  }

  numberOf(port: number): number {
    return this.#ports.indexOf(port);
  }
}

/** One leg that packets are sent to. */
interface Leg {
  readonly rtp: number;
  readonly rtcp: number;
  readonly from: RtpAddress;
  /** Seals as the other side does. */
  readonly seal: OutgoingSrtp | undefined;
}

/** A media plane that lives on while round after round of legs is opened, sent mutated packets, and closed. */
export class MediaFuzz {
  readonly #clock = new RigClock();
  readonly #sockets = new FuzzSockets();
  #spools = new MemorySpools();
  readonly #kept = keptPackets();
  readonly #plane: PlaneCore;
  #random = new SeededRandom(0);
  #rtp = new FuzzRtp();
  #events: MediaEvent[] = [];

  constructor() {
    this.#plane = new PlaneCore({
      sockets: this.#sockets,
      spools: {
        create: (transfer, header) => this.#spools.create(transfer, header),
        resume: (transfer) => this.#spools.resume(transfer),
        requireRoom: () => Promise.resolve(),
        read: (transfer, position) => this.#spools.read(transfer, position),
      },
      clock: this.#clock,
      random: { bytes: (count) => this.#random.bytes(count) },
      log: SILENT,
      address: { bind: '127.0.0.1', advertise: '203.0.113.1' },
      ports: { portMin: 20_000, portMax: 59_999 },
    });
    this.#plane.listen((event) => this.#events.push(event));
  }

  get sent(): number {
    return this.#sockets.sent;
  }

  counts(): Promise<MediaCounts> {
    return this.#plane.counts();
  }

  /** One round. @throws what the plane threw; or when it sent what it may not; or when something is left. */
  async round(seed: number, packets: number = ROUND): Promise<void> {
    this.#random = new SeededRandom(seed);
    this.#rtp = new FuzzRtp();
    this.#events = [];
    this.#spools = new MemorySpools();
    const legs: Leg[] = [];
    for (const [index, terms] of LEGS.entries())
      legs.push(...(await this.#open(`${index}`, terms)));
    for (let left = packets; left > 0; left--) {
      this.#step(this.#random.oneOf(legs));
      if (left % 64 === 0) await settled();
    }
    await this.#plane.close();
    await this.#check();
  }

  /** An ingest and a delivery of it, both with SRTP in one round of three. */
  async #open(id: string, terms: Partial<IngestTerms>): Promise<readonly Leg[]> {
    const random = this.#random;
    const suite = random.oneOf(SUITE_NAMES);
    const keys = { incoming: srtpKey(suite, 1), outgoing: srtpKey(suite, 2) };
    const srtp: SrtpKeys | undefined = random.chance(33) ? keys : undefined;
    const secured = srtp === undefined ? {} : { srtp };
    const ingest: IngestTerms = {
      kind: 'media',
      format: SPEECH,
      remote: apart,
      sizeMax: SIZE_MAX,
      idleMs: 1e9,
      header: {},
      ...terms,
      ...secured,
    };
    const ports = await this.#plane.openIngest(id);
    await this.#plane.confirmIngest(id, ingest);
    const out = await this.#plane.openDelivery(`d${id}`);
    const shared = ingest.remote.rtcp === ingest.remote.rtp;
    const remote = { rtp: RECEIVER, rtcp: shared ? RECEIVER : RECEIVER_RTCP };
    const { payloadType, encoding, clockRate } = ingest.format;
    await this.#plane.startDelivery(`d${id}`, {
      transfer: id,
      kind: ingest.kind,
      payloadType,
      encoding,
      clockRate,
      remote,
      ...secured,
      maxRate: 8_000_000,
      from: random.chance(50) ? 'live' : 'start',
    });
    const seal = (): OutgoingSrtp | undefined =>
      srtp === undefined ? undefined : new OutgoingSrtp(srtp.incoming);
    return [
      { rtp: ports.rtp, rtcp: ports.rtcp, from: ingest.remote, seal: seal() },
      { rtp: out.rtp, rtcp: out.rtcp, from: remote, seal: seal() },
    ];
  }

  #step(leg: Leg): void {
    const random = this.#random;
    const control = random.chance(30);
    const packet = this.#packet(control);
    const sealed = leg.seal === undefined ? packet : this.#sealed(leg.seal, packet, control);
    const { rtp, rtcp } = leg.from;
    const from: Address = random.chance(5) ? STRANGER : control ? rtcp : rtp;
    const toRtcp = control && (rtcp !== rtp || random.chance(5));
    this.#arrive(toRtcp ? leg.rtcp : leg.rtp, from, sealed);
    this.#clock.ms += random.oneOf(PAUSES) * (random.chance(5) ? 1 : 0.01);
    this.#plane.elapse(this.#clock.now());
  }

  #packet(control: boolean): Uint8Array {
    const random = this.#random;
    const own = control ? fuzzRtcp(random) : this.#rtp.next(random);
    const start = random.chance(10) ? random.oneOf(this.#kept) : own;
    return mutateBytes(start, random, random.oneOf(this.#kept));
  }

  /** Sealed as it is, so that what is authentic is nonsense, or mutated once more. */
  #sealed(seal: OutgoingSrtp, packet: Uint8Array, control: boolean): Uint8Array {
    const random = this.#random;
    const { slab, start, end } = inSlab(packet);
    if (packet.length < 12 || (!control && rtpBodyAt(slab, start, end) < 0)) return packet;
    const sealedEnd = control
      ? seal.protectRtcp(slab, start, end)
      : seal.protectRtp(slab, start, end);
    const sealed = slab.slice(start, Math.max(start, sealedEnd));
    return random.chance(50) ? sealed : mutateBytes(sealed, random, packet);
  }

  #arrive(port: number, from: Address, bytes: Uint8Array): void {
    const socket = this.#sockets.numberOf(port);
    const batch: DatagramBatch = batchOf(bytes, from, { socket, at: this.#clock.ms });
    this.#plane.receive(batch);
  }

  async #check(): Promise<void> {
    const { ingests, deliveries } = await this.#plane.counts();
    if (ingests + deliveries + this.#sockets.openCount > 0)
      throw new Error('something is left open');
    for (const type of ['ingest-ended', 'delivery-ended'] as const) {
      const ended = this.#events.filter((event) => event.type === type).length;
      if (ended !== LEGS.length) throw new Error(`${ended} ${type} for ${LEGS.length}`);
    }
    for (const event of this.#events)
      if (event.type === 'ingest-ended' && event.stored > SIZE_MAX)
        throw new Error('more is stored than may be');
  }
}
