import { SILENT } from '../../src/base/log.ts';
import type { Address } from '../../src/base/address.ts';
import type { Clock, Random } from '../../src/base/clock.ts';
import { instant, wallclock } from '../../src/base/units.ts';
import type { Spools } from '../../src/media/journal.ts';
import { PlaneCore } from '../../src/media/plane-core.ts';
import type { DeliveryTerms, IngestTerms, MediaEvent } from '../../src/transfers/media-plane.ts';
import { batchOf, FakeSockets, type Sent } from './fake-sockets.ts';
import { MemorySpools } from './memory-spools.ts';

/** Small numbers for `now`, large ones for the calendar, so that one taken for the other shows. */
const CALENDAR_START = 1_700_000_000_000;

export class RigClock implements Clock {
  ms = 1_000;
  now(): ReturnType<Clock['now']> {
    return instant(this.ms);
  }
  wallclock(): ReturnType<Clock['wallclock']> {
    return wallclock(CALENDAR_START + this.ms);
  }
}

/** Chance that repeats. */
export class SeededRandom implements Random {
  #state: number;
  constructor(seed = 1) {
    this.#state = seed;
  }
  bytes(count: number): Uint8Array {
    return Uint8Array.from({ length: count }, () => {
      this.#state = (Math.imul(this.#state, 1_664_525) + 1_013_904_223) >>> 0;
      return this.#state >>> 24;
    });
  }
}

export const SENDER: Address = { address: '192.0.2.10', port: 40_000 };
export const SENDER_RTCP: Address = { address: '192.0.2.10', port: 40_001 };
export const RECEIVER: Address = { address: '192.0.2.20', port: 50_000 };
export const RECEIVER_RTCP: Address = { address: '192.0.2.20', port: 50_001 };
export const STRANGER: Address = { address: '198.51.100.66', port: 40_000 };

const PCMU = { payloadType: 0, encoding: 'PCMU', clockRate: 8_000, channels: 1 };
const OCTETS = { payloadType: 96, encoding: 'octet-stream', clockRate: 90_000, channels: 1 };

export const speechTerms = (terms: Partial<IngestTerms> = {}): IngestTerms => ({
  kind: 'media',
  format: PCMU,
  remote: { rtp: SENDER, rtcp: SENDER_RTCP },
  sizeMax: 1_000_000,
  idleMs: 30_000,
  header: { transfer: 't' },
  ...terms,
});

export const fileTerms = (terms: Partial<IngestTerms> = {}): IngestTerms =>
  speechTerms({ kind: 'file', format: OCTETS, ...terms });

export const speechDelivery = (terms: Partial<DeliveryTerms> = {}): DeliveryTerms => ({
  transfer: 't',
  kind: 'media',
  payloadType: 8,
  clockRate: 8_000,
  remote: { rtp: RECEIVER, rtcp: RECEIVER_RTCP },
  maxRate: 8_000_000,
  from: 'start',
  ...terms,
});

export const fileDelivery = (terms: Partial<DeliveryTerms> = {}): DeliveryTerms =>
  speechDelivery({ kind: 'file', payloadType: 97, clockRate: 90_000, ...terms });

/** A whole media plane on a fake network, disk and clock. */
export class MediaRig {
  readonly clock = new RigClock();
  readonly sockets = new FakeSockets(() => this.clock.now());
  readonly spools = new MemorySpools();
  readonly events: MediaEvent[] = [];
  readonly plane: PlaneCore;

  /** @param disk instead of one in memory. */
  constructor(ports = { portMin: 20_000, portMax: 20_019 }, disk?: Spools) {
    this.plane = new PlaneCore({
      sockets: this.sockets,
      spools: disk ?? this.spools,
      clock: this.clock,
      random: new SeededRandom(),
      log: SILENT,
      address: { bind: '127.0.0.1', advertise: '203.0.113.1' },
      ports,
    });
    this.plane.listen((event) => this.events.push(event));
  }

  /** A datagram arrives now. */
  arrive(toPort: number, from: Address, bytes: Uint8Array): void {
    const socket = this.sockets.socketAt(toPort);
    this.plane.receive(batchOf(bytes, from, { socket, at: this.clock.ms }));
  }

  /** Lets promises and everything that is due in the next `ms` happen, each at its time. */
  async advance(ms: number): Promise<void> {
    const until = this.clock.ms + ms;
    for (;;) {
      await settled();
      // What is due now may start work on the disk, and its end may make more due.
      this.plane.elapse(this.clock.now());
      await settled();
      const next = this.plane.elapse(this.clock.now());
      if (next > until) break;
      this.clock.ms = Math.max(this.clock.ms, next);
    }
    this.clock.ms = until;
    this.plane.elapse(this.clock.now());
    await settled();
  }

  ofType<T extends MediaEvent['type']>(type: T): Extract<MediaEvent, { type: T }>[] {
    return this.events.filter(
      (event): event is Extract<MediaEvent, { type: T }> => event.type === type,
    );
  }

  sentTo(address: Address): Sent[] {
    return this.sockets.take(address.port);
  }
}

/** All promises that wait for nothing else are through. */
export const settled = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));
