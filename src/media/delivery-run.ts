import { MidcallError } from '../base/errors.ts';
import { after, type Instant } from '../base/units.ts';
import type { DeliveryTerms } from '../transfers/media-plane.ts';
import type { MediaContext } from './context.ts';
import { Delivery } from './delivery.ts';
import { Feed } from './feed.ts';
import type { Follower, IngestRun } from './ingest-run.ts';
import { FROM_START, joinLive } from './live-join.ts';
import { earlier, NEVER } from './never.ts';
import { Peer } from './peer.ts';
import { Alarm } from './schedule.ts';
import type { SocketPair } from './socket-pairs.ts';

/** Between two `delivery-progress` events. */
export const PROGRESS_MS = 200;

/** What a delivery that was started consists of. */
interface Started {
  readonly terms: DeliveryTerms;
  readonly delivery: Delivery;
  readonly feed: Feed;
  /** Undefined when the transfer is not coming in any more. */
  readonly ingest: IngestRun | undefined;
}

/**
 * The life of one delivery around its packets: finds what to read, follows the ingest, says how far it is, and ends. Whatever
 * happens after `start`, exactly one `delivery-ended` follows.
 */
export class DeliveryRun implements Follower {
  readonly id: string;
  readonly pair: SocketPair;
  readonly #context: MediaContext;
  #started: Started | undefined;
  /** When progress may be told again. */
  #progressAt: Instant = NEVER;
  /** As told last. */
  #told = 0;
  /** `delivery-ended` is out. */
  #over = false;
  readonly #alarm: Alarm = new Alarm(this);

  constructor(id: string, pair: SocketPair, context: MediaContext) {
    this.id = id;
    this.pair = pair;
    this.#context = context;
    context.pairs.listen(
      pair,
      {
        receive: (batch, index) => {
          if (this.#started === undefined) return this.#refuse();
          this.#started.delivery.receiveRtp(batch, index);
          this.#advance(batch.arrival(index));
        },
      },
      {
        receive: (batch, index) => {
          if (this.#started === undefined) return this.#refuse();
          this.#started.delivery.receiveRtcp(batch, index);
          this.#advance(batch.arrival(index));
        },
      },
    );
  }

  /**
   * @param ingest of the transfer, when it is still there.
   * @throws MidcallError `bad-request` for an address that can't be sent to, `not-ready` when started before.
   */
  start(terms: DeliveryTerms, ingest: IngestRun | undefined): void {
    const peer = Peer.of(terms.remote);
    if (peer === undefined) throw new MidcallError('bad-request', 'not a numeric address');
    if (this.#started !== undefined) throw new MidcallError('not-ready', 'already started');
    const { clock, spools } = this.#context;
    const journal = ingest?.journal;
    const beginning = terms.from === 'live' ? joinLive(terms, ingest) : FROM_START;
    const { position, behindMs, wantsKeyFrame } = beginning;
    const feed = new Feed({ transfer: terms.transfer, spools, journal, position }, () =>
      this.#advance(clock.now()),
    );
    const delivery = new Delivery(
      terms,
      { pair: this.pair, peer, feed, behindMs, wantKeyFrame: () => ingest?.wantKeyFrame() },
      this.#context,
      clock.now(),
    );
    this.#started = { terms, delivery, feed, ingest };
    ingest?.follow(this);
    if (wantsKeyFrame) ingest?.wantKeyFrame();
    this.#advance(clock.now());
  }

  /** Called for each packet that comes in: a delivery that waits for its time, not for data, is called by its alarm. */
  more(now: Instant): void {
    if (this.#started?.delivery.isWaiting === true) this.#advance(now);
  }

  elapse(now: Instant): void {
    const started = this.#started;
    if (started === undefined || this.#over) return;
    started.delivery.elapse(now);
    const { cause, delivered } = started.delivery;
    if (cause !== undefined) return this.#end(started);
    if (this.#progressAt === NEVER && delivered !== this.#told) {
      this.#progressAt = after(now, PROGRESS_MS);
    }
    if (now >= this.#progressAt) this.#tellProgress(started);
  }

  /** The same between alarms. One that is set for the next report of progress is early enough, unless a packet waits for its time. */
  #advance(now: Instant): void {
    const isSet = this.#progressAt !== NEVER;
    this.elapse(now);
    if (isSet && this.#started?.delivery.isWaiting === true) return;
    this.#context.schedule.wake(this.#alarm, this.deadline());
  }

  deadline(): Instant {
    if (this.#started === undefined || this.#over) return NEVER;
    return earlier(this.#progressAt, this.#started.delivery.deadline());
  }

  close(): void {
    const started = this.#started;
    if (started !== undefined && !this.#over) {
      started.delivery.stop(this.#context.clock.now());
      this.#end(started);
    }
    this.#context.schedule.cancel(this.#alarm);
    this.#context.pairs.close(this.pair);
  }

  /** Before a receiver is signalled everyone is foreign. */
  #refuse(): void {
    this.#context.totals.foreign++;
  }

  #tellProgress({ terms, delivery }: Started): void {
    const { delivered } = delivery;
    this.#progressAt = NEVER;
    this.#told = delivered;
    const { transfer } = terms;
    this.#context.emit({ type: 'delivery-progress', delivery: this.id, transfer, delivered });
  }

  #end({ terms, delivery, feed, ingest }: Started): void {
    this.#over = true;
    ingest?.unfollow(this);
    feed.close();
    const { transfer } = terms;
    const { cause = 'stopped', delivered, pauses } = delivery;
    const ended = { delivery: this.id, transfer, cause, delivered, ...pauses };
    this.#context.emit({ type: 'delivery-ended', ...ended });
  }
}
