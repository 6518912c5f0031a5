import type { ErrorCode } from '../base/errors.ts';
import type { LiveTransfer } from './live-transfer.ts';
import type { TransferMachine } from './machine.ts';
import type { IngestEndCause, IngestProgress, MediaEvent } from './media-plane.ts';
import type { TransferPorts } from './ports.ts';
import type { TransferRecord } from './record.ts';
import { bytesNeeded, isReached, measuredOf } from './threshold.ts';
import type { Turns } from './turns.ts';

type Failed = Extract<MediaEvent, { type: 'plane-failed' }>;
type DeliveryEnded = Extract<MediaEvent, { type: 'delivery-ended' }>;
type Ended = Extract<MediaEvent, { type: 'ingest-ended' }>;
type OfTransfer = Extract<MediaEvent, { readonly transfer: string }>;

/** Why a transfer is partial, in the words of the in-call protocol. */
const REASONS: Readonly<Record<IngestEndCause, ErrorCode | undefined>> = {
  complete: undefined,
  bye: undefined,
  incomplete: 'ingest-timeout',
  idle: 'ingest-timeout',
  limit: 'too-large',
  disk: 'storage-unavailable',
  stopped: undefined,
};

/** What the media plane reports, as events of the tables. */
export class MediaEvents {
  readonly #ports: TransferPorts;
  readonly #machine: TransferMachine;
  readonly #turns: Turns;
  readonly #live: ReadonlyMap<string, LiveTransfer>;

  constructor(
    ports: TransferPorts,
    machine: TransferMachine,
    shared: { readonly turns: Turns; readonly live: ReadonlyMap<string, LiveTransfer> },
  ) {
    this.#ports = ports;
    this.#machine = machine;
    this.#turns = shared.turns;
    this.#live = shared.live;
  }

  /** Never rejects. */
  async handle(event: MediaEvent): Promise<void> {
    if (event.type === 'plane-failed') return this.#planeFailed(event);
    // Of a voice line: no transfer's.
    if (event.type === 'keys') return;
    const transfer = this.#live.get(event.transfer);
    if (transfer === undefined) return;
    const work = async (): Promise<void> => {
      // It may have come to its end while this waited: nobody is told anything after the last word.
      if (!transfer.receiverTold) await this.#handleFor(transfer, event);
    };
    if (isProgress(event)) await transfer.inTurn(work).catch((cause) => this.#missed(event, cause));
    else await this.#turns.owe(transfer, event.type, work);
  }

  /** A report of progress that failed is not repeated: the next one says more. */
  #missed({ type }: MediaEvent, cause: unknown): void {
    this.#ports.log.warn('progress.missed', { type, cause: String(cause) });
  }

  async #handleFor(transfer: LiveTransfer, event: OfTransfer): Promise<void> {
    switch (event.type) {
      case 'ingest-progress':
        return this.#progress(transfer, event);
      case 'ingest-ended':
        return this.#ended(transfer, event);
      case 'delivery-progress':
        this.#update(transfer, { delivered: event.delivered });
        return this.#machine.statusSometimes(transfer);
      case 'delivery-ended':
        this.#update(transfer, { delivered: event.delivered, ...pausesOf(event) });
        await this.#machine.delivery(
          transfer,
          event.cause === 'complete' ? 'sent-all' : 'delivery-failed',
        );
        return;
    }
  }

  /** Counts are kept in memory and written with the next change of state. */
  #update(
    transfer: LiveTransfer,
    counts: Partial<
      Pick<LiveTransfer['record'], 'stored' | 'delivered' | 'reception' | 'pauses' | 'pausedMs'>
    >,
  ): void {
    transfer.record = { ...transfer.record, ...counts };
  }

  async #progress(transfer: LiveTransfer, event: IngestProgress): Promise<void> {
    const { stored, reception } = event;
    this.#update(transfer, { stored, reception });
    transfer.startedAt ??= this.#ports.clock.now();
    const changed = await this.#machine.ingest(transfer, 'data');
    if (transfer.record.ingest === 'storing') {
      this.#ports.recorder.grown(transfer.id, stored);
      await this.#decide(transfer, event);
    }
    if (!changed) this.#machine.statusSometimes(transfer);
  }

  /** M10: the decision is kept with its inputs. */
  async #decide(transfer: LiveTransfer, event: IngestProgress): Promise<void> {
    const { settings, clock } = this.#ports;
    const { record } = transfer;
    if (record.delivery !== 'waiting') return;
    const threshold = record.threshold ?? settings.threshold;
    const sinceFirst = (clock.now() - (transfer.startedAt ?? clock.now())) / 1_000;
    const measured = measuredOf(event, record, sinceFirst);
    if (!isReached(threshold, measured, settings.streamThresholdSeconds)) return;
    const needed = bytesNeeded(threshold, measured);
    await this.#machine.change(transfer, {
      decision: {
        threshold,
        ...measured,
        ...(Number.isFinite(needed) ? { needed: Math.ceil(needed) } : {}),
        at: clock.wallclock(),
      },
    });
    await this.#machine.delivery(transfer, 'threshold');
  }

  async #ended(transfer: LiveTransfer, event: Ended): Promise<void> {
    const { stored, reception, cause } = event;
    const isStream = transfer.record.kind === 'media';
    const whole = cause === 'complete' || (isStream && cause === 'bye');
    const reason = transfer.record.reason ?? REASONS[cause];
    this.#update(transfer, { stored, reception });
    if (stored > 0) await this.#machine.ingest(transfer, 'data');
    await this.#machine.ingest(transfer, stored > 0 ? 'ended' : 'ended-empty', {
      whole,
      ...(reason === undefined ? {} : { reason }),
    });
    await this.#machine.delivery(transfer, whole ? 'ingest-whole' : 'ingest-short');
  }

  async #planeFailed({ transfers }: Failed): Promise<void> {
    this.#machine.planeFailed();
    const isLost = ({ id }: LiveTransfer): boolean => transfers?.includes(id) ?? true;
    for (const transfer of [...this.#live.values()].filter(isLost))
      await this.#turns.owe(transfer, 'plane-failed', async () => {
        const reason = transfer.record.reason ?? 'storage-unavailable';
        await this.#machine.ingest(transfer, 'plane-failed', { reason });
        await this.#machine.delivery(transfer, 'delivery-failed');
      });
  }
}

const isProgress = ({ type }: MediaEvent): boolean =>
  type === 'ingest-progress' || type === 'delivery-progress';

/** Of a delivery that never ran dry nothing is said. */
const pausesOf = ({
  pauses,
  pausedMs,
}: DeliveryEnded): Pick<TransferRecord, 'pauses' | 'pausedMs'> =>
  pauses === 0 ? {} : { pauses, pausedMs: Math.round(pausedMs) };
