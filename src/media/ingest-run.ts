import { MidcallError } from '../base/errors.ts';
import { instant, type Instant } from '../base/units.ts';
import { bytesIn } from '../base/byte-range.ts';
import type { StageListener } from '../spool/writer.ts';
import type { IngestEndCause, IngestTerms } from '../transfers/media-plane.ts';
import type { MediaContext } from './context.ts';
import type { DatagramBatch } from './datagrams.ts';
import { Ingest } from './ingest.ts';
import { Journal, type JournalWriter } from './journal.ts';
import { earlier, NEVER } from './never.ts';
import { Peer } from './peer.ts';
import { Alarm } from './schedule.ts';
import type { SocketPair } from './socket-pairs.ts';

/** What is appended becomes durable this soon: what a power cut may cost (docs/storage.md §1). */
export const SYNC_MS = 200;
/** Syncs fall on multiples of this, so that those of many streams go together (spool/group-write.ts): 150 to 200 ms apart. */
export const SYNC_GRID_MS = 50;
/** So much is worth a write of its own before the next sync. */
export const WRITE_BYTES = 65_536;

/** Who wants to know that there is more to read. */
export interface Follower {
  /** More was appended or written, or the end is there. */
  more(now: Instant): void;
}

/**
 * The life of one ingest around its packets: opens the spool, has it written and synced, says how far it is, and ends it. One
 * write or sync at a time. Whatever happens after `confirm`, exactly one `ingest-ended` follows.
 *
 *   end:  close the gate ─► end record ─► sync ─► close the spool ─► ingest-ended
 */
export class IngestRun implements StageListener {
  readonly transfer: string;
  readonly pair: SocketPair;
  readonly #context: MediaContext;
  readonly #ingest: Ingest;
  readonly #followers: Follower[] = [];
  #journal: Journal | undefined;
  /** The spool is being opened. */
  #confirming = false;
  /** Data bytes past the last sync. */
  #stored = 0;
  /** When the next sync is due. */
  #syncAt: Instant = NEVER;
  /** A write or a sync is going on. */
  #diskBusy = false;
  readonly #write: StageListener = { reached: (failure) => this.#diskFree(failure) };
  /** Data bytes and seconds that the sync going on will have made durable. */
  #syncing = { dataBytes: 0, seconds: 0 };
  /** The disk has failed. */
  #diskFailed = false;
  /** The sockets are closed, or will be as soon as a confirmation that is under way is through. */
  #closed = false;
  /** `ingest-ended` is out. */
  #over = false;
  readonly #alarm: Alarm = new Alarm(this);
  /** The end, once it has begun. */
  #ending: Promise<void> | undefined;

  constructor(transfer: string, pair: SocketPair, context: MediaContext) {
    this.transfer = transfer;
    this.pair = pair;
    this.#context = context;
    this.#ingest = new Ingest(pair, context);
    context.pairs.listen(
      pair,
      {
        receive: (batch, index) => {
          this.#ingest.receiveRtp(batch, index);
          this.#afterPacket(batch, index);
        },
      },
      {
        receive: (batch, index) => {
          this.#ingest.receiveRtcp(batch, index);
          this.#afterPacket(batch, index);
        },
      },
    );
  }

  /** Of the spool that is being written; undefined before the confirmation. */
  get journal(): Journal | undefined {
    return this.#journal;
  }

  /**
   * @throws MidcallError `bad-request` for an address that can't be sent to, `storage-unavailable` when the disk refuses,
   *   `busy` while it is nearly full.
   */
  async confirm(terms: IngestTerms): Promise<void> {
    const peer = Peer.of(terms.remote);
    if (peer === undefined) throw new MidcallError('bad-request', 'not a numeric address');
    if (this.#confirming) throw new MidcallError('prompt-used', 'already confirmed');
    this.#confirming = true;
    const { clock } = this.#context;
    try {
      this.#journal = new Journal(await this.#openSpool(terms));
    } catch (cause) {
      this.#confirming = false;
      if (cause instanceof MidcallError) throw cause;
      throw new MidcallError('storage-unavailable', 'the spool can not be opened', { cause });
    }
    this.#ingest.open(terms, peer, this.#journal, clock.now());
    this.#stored = this.#ingest.dataBytes;
    if (this.#closed) await this.end('stopped');
    this.#context.schedule.wake(this.#alarm, this.deadline());
  }

  /** What an earlier transfer left is in the spool already. */
  async #openSpool({ size = 0, have = [], header }: IngestTerms): Promise<JournalWriter> {
    const { spools } = this.#context;
    await spools.requireRoom(Math.max(0, size - bytesIn(have)));
    return have.length === 0
      ? spools.create(this.transfer, header)
      : spools.resume(this.transfer, header);
  }

  /** Calls it whenever more was appended or written. */
  follow(follower: Follower): void {
    this.#followers.push(follower);
  }

  unfollow(follower: Follower): void {
    const at = this.#followers.indexOf(follower);
    if (at >= 0) this.#followers.splice(at, 1);
  }

  /** How long a missing packet holds up those behind it just now, in milliseconds. */
  get waitMs(): number {
    return this.#ingest.waitMs;
  }

  /** Asks the sender of a video for a key frame. */
  wantKeyFrame(): void {
    this.#ingest.wantKeyFrame();
    this.#context.schedule.wake(this.#alarm, this.deadline());
  }

  elapse(now: Instant): void {
    if (this.#journal === undefined || this.#ending !== undefined) return;
    const before = this.#journal.position;
    this.#ingest.elapse(now);
    if (this.#journal.position !== before) this.#appended(this.#journal, now);
    if (now >= this.#syncAt) this.#startSync();
    this.#endIfOver();
  }

  deadline(): Instant {
    if (this.#ending !== undefined) return NEVER;
    // While the disk is busy a sync can't start; the end of that work wakes us.
    const syncAt = this.#diskBusy ? NEVER : this.#syncAt;
    return earlier(syncAt, this.#ingest.deadline());
  }

  /** The sender has sent all; `ingest-ended` follows. */
  endOfData(now: Instant): void {
    if (this.#journal === undefined) return;
    this.#ingest.endOfData(now);
    this.#context.schedule.wake(this.#alarm, this.deadline());
    this.#endIfOver();
  }

  /** Ends it now, unless it is ending. Resolves when `ingest-ended` is out; at once when it was never confirmed. */
  async end(cause: IngestEndCause): Promise<void> {
    if (this.#journal === undefined) return;
    this.#ending ??= this.#end(cause, this.#journal);
    await this.#ending;
  }

  /** Ends it if need be, and closes the sockets. */
  async close(): Promise<void> {
    this.#closed = true;
    await this.end('stopped');
    this.#context.schedule.cancel(this.#alarm);
    this.#context.pairs.close(this.pair);
  }

  /** After each packet. What it costs when nothing follows is a few comparisons. */
  #afterPacket(batch: DatagramBatch, index: number): void {
    const journal = this.#journal;
    if (journal === undefined || this.#ending !== undefined) return;
    const { calm } = this.#ingest;
    const syncAt = this.#syncAt;
    if (journal.pending > 0) this.#appended(journal, instant(batch.arrivals[index] ?? 0));
    this.#endIfOver();
    // Nothing became due earlier: most packets end here.
    if (calm && syncAt === this.#syncAt) return;
    this.#context.schedule.wake(this.#alarm, this.deadline());
  }

  #appended(journal: Journal, now: Instant): void {
    if (this.#syncAt === NEVER) this.#syncAt = syncTime(now);
    if (journal.pending >= WRITE_BYTES) this.#startWrite(journal);
    this.#tellFollowers(now);
  }

  /** Backwards: one that is done takes itself out. Without an iterator, which would be an object for each packet. */
  #tellFollowers(now: Instant): void {
    for (let at = this.#followers.length - 1; at >= 0; at--) this.#followers[at]?.more(now);
  }

  #endIfOver(): void {
    const { cause } = this.#ingest;
    if (cause === undefined || this.#journal === undefined) return;
    this.#ending ??= this.#end(cause, this.#journal);
  }

  #startWrite(journal: Journal): void {
    if (this.#diskBusy) return;
    this.#diskBusy = true;
    journal.when('written', this.#write);
  }

  #startSync(): void {
    if (this.#diskBusy || this.#journal === undefined) return;
    this.#syncAt = NEVER;
    this.#diskBusy = true;
    this.#syncing.dataBytes = this.#ingest.dataBytes;
    this.#syncing.seconds = this.#ingest.seconds;
    this.#journal.when('durable', this);
  }

  /** A sync is done. */
  reached(failure?: { readonly error: unknown }): void {
    if (failure === undefined) this.#progress(this.#syncing);
    this.#diskFree(failure);
  }

  #progress({ dataBytes: stored, seconds }: { dataBytes: number; seconds: number }): void {
    if (stored === this.#stored || this.#over) return;
    this.#stored = stored;
    const { transfer } = this;
    const arrivals = this.#ingest.arrivals(this.#context.clock.now());
    this.#context.emit({ type: 'ingest-progress', transfer, stored, seconds, ...arrivals });
  }

  #diskFree(failure?: { readonly error: unknown }): void {
    if (failure !== undefined) this.#fail(failure.error);
    this.#diskBusy = false;
    const now = this.#context.clock.now();
    this.#tellFollowers(now);
    if (this.#ending !== undefined || this.#journal === undefined) return;
    if (this.#journal.pending > 0 && this.#syncAt === NEVER) this.#syncAt = syncTime(now);
    this.#context.schedule.wake(this.#alarm, this.deadline());
  }

  #fail(error: unknown): void {
    this.#context.warn('media.spool-failed', { transfer: this.transfer, error: String(error) });
    this.#diskFailed = true;
    if (this.#journal !== undefined) this.#ending ??= this.#end('disk', this.#journal);
  }

  async #end(cause: IngestEndCause, journal: Journal): Promise<void> {
    const now = this.#context.clock.now();
    this.#ingest.close(now);
    const reception = this.#ingest.counts(now);
    const { dataBytes } = this.#ingest;
    try {
      await journal.end({ cause, stored: dataBytes, reception });
      this.#stored = dataBytes;
    } catch (error) {
      if (!this.#diskFailed) this.#fail(error);
    }
    this.#over = true;
    const { transfer } = this;
    const stored = this.#stored;
    const actual = this.#diskFailed ? 'disk' : cause;
    this.#context.emit({ type: 'ingest-ended', transfer, cause: actual, stored, reception });
    this.#tellFollowers(this.#context.clock.now());
  }
}

/** When what is appended now is synced at the latest. */
const syncTime = (now: Instant): Instant =>
  instant(Math.floor((now + SYNC_MS) / SYNC_GRID_MS) * SYNC_GRID_MS);
