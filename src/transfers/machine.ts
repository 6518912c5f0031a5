import { randomHex } from '../base/clock.ts';
import { MidcallError } from '../base/errors.ts';
import { after } from '../base/units.ts';
import { TELEPHONE_EVENT } from '../rtp/telephone-event.ts';
import { answerStorageOffer } from '../sdp/storage-leg.ts';
import type { StorageOffer } from '../sdp/storage-leg.ts';
import type { Agreed } from './admission.ts';
import { legKeys } from './leg-keys.ts';
import type { LiveTransfer, Storing } from './live-transfer.ts';
import type { DeliveryTerms, IngestTerms, PayloadFormat, RtpAddress } from './media-plane.ts';
import { outcomeOf } from './outcome.ts';
import { removeReplaced, replacePartial } from './partials.ts';
import type { TransferPorts } from './ports.ts';
import type { RecordedObject, TransferRecord } from './record.ts';
import { NothingToRecord } from './recorder.ts';
import { completeOf, statusOf } from './reports.ts';
import { retryWaitMs } from './retry.ts';
import { spoolHeader } from './spool-header.ts';
import { DELIVERY, INGEST, cellOf, isOver, isTerminal } from './tables.ts';
import type { DeliveryAction, DeliveryEvent, IngestAction, IngestEvent } from './tables.ts';
import type { Turns } from './turns.ts';

/** Status messages to a party: at most one in this time, beside those that report a change of state. */
const STATUS_INTERVAL_MS = 1_000;
const OFFER_TOKEN_BYTES = 16;
/** Run before the record changes: a crash in between leaves an open transfer, and recovery settles its space once more. */
const SETTLING: readonly IngestAction[] = ['keep', 'discard'];
/** Ports whose sockets can't be told apart from the transfer's id have none of their own. */
const deliveryOf = (transfer: LiveTransfer): string => transfer.id;

/** Runs the two tables for one transfer at a time: changes its record, then carries out the actions. */
export class TransferMachine {
  readonly #ports: TransferPorts;
  readonly #turns: Turns;
  #planeFailed = false;
  /** Called when nothing more can happen to a transfer. */
  readonly #over: (transfer: LiveTransfer) => void;
  readonly #ingestActions: Readonly<
    Record<IngestAction, (transfer: LiveTransfer) => void | Promise<void>>
  > = {
    confirm: (transfer) => this.#confirm(transfer),
    'stop-ingest': (transfer) => this.#ports.media.endIngest(transfer.id, 'stopped'),
    record: (transfer) => this.#record(transfer),
    'retry-record': (transfer) => this.#retryRecord(transfer),
    keep: (transfer) => this.#keep(transfer),
    discard: (transfer) => this.#discard(transfer),
    'tell-sender': (transfer) => this.#tellSender(transfer),
    'tell-both': (transfer) => this.status(transfer),
  };
  readonly #deliveryActions: Readonly<
    Record<DeliveryAction, (transfer: LiveTransfer) => void | Promise<void>>
  > = {
    offer: (transfer) => this.#offer(transfer),
    deliver: (transfer) => this.#deliver(transfer),
    'stop-delivery': (transfer) => this.#stopDelivery(transfer),
  };

  constructor(ports: TransferPorts, turns: Turns, over: (transfer: LiveTransfer) => void) {
    this.#ports = ports;
    this.#turns = turns;
    this.#over = over;
  }

  /**
   * @param facts change with the state, and not at all when the table absorbs the event.
   * @returns false when the table absorbs the event.
   */
  async ingest(
    transfer: LiveTransfer,
    event: IngestEvent,
    facts: Partial<TransferRecord> = {},
  ): Promise<boolean> {
    const cell = cellOf(INGEST, transfer.record.ingest, event);
    if (cell === undefined) return false;
    const settling = cell.actions.filter((action) => SETTLING.includes(action));
    const others = cell.actions.filter((action) => !SETTLING.includes(action));
    for (const action of settling) await this.#ingestActions[action](transfer);
    await this.change(transfer, { ...facts, ingest: cell.to });
    this.#log(transfer, event);
    for (const action of others) await this.#ingestActions[action](transfer);
    this.#finish(transfer);
    return true;
  }

  /** @returns false when the table absorbs the event. */
  async delivery(transfer: LiveTransfer, event: DeliveryEvent): Promise<boolean> {
    const cell = cellOf(DELIVERY, transfer.record.delivery, event);
    if (cell === undefined) return false;
    await this.change(transfer, { delivery: cell.to });
    this.#log(transfer, event);
    for (const action of cell.actions) await this.#deliveryActions[action](transfer);
    this.#finish(transfer);
    return true;
  }

  /** Changes the record and keeps it. The version makes a change by anybody else a failure, not a loss. */
  async change(transfer: LiveTransfer, change: Partial<TransferRecord>): Promise<void> {
    const { clock, store, mail } = this.#ports;
    const { record } = transfer;
    const next = withoutIdleReason({
      ...record,
      ...change,
      version: record.version + 1,
      changedAt: clock.wallclock(),
    });
    const kept = await store.putTransfer(next, mail?.(record, next));
    if (!kept)
      throw new MidcallError('storage-unavailable', `transfer ${record.id} was changed elsewhere`);
    transfer.record = next;
    this.#ports.changed?.(next);
  }

  /** Tells both parties where the transfer is. @param re the command it answers. */
  status(transfer: LiveTransfer): void {
    const event = statusOf(transfer.record);
    transfer.statusAt = this.#ports.clock.now();
    if (transfer.sender !== undefined) this.#ports.parties.tell(transfer.sender, event);
    this.#ports.parties.tell(transfer.receiver, event);
  }

  /** The same, unless the last one is less than a second old. */
  statusSometimes(transfer: LiveTransfer): void {
    const { statusAt } = transfer;
    const now = this.#ports.clock.now();
    if (statusAt === undefined || now >= after(statusAt, STATUS_INTERVAL_MS)) this.status(transfer);
  }

  /** M6: the gate opens, then the sender is told. */
  async #confirm(transfer: LiveTransfer): Promise<void> {
    const { storing, ports, record, sender } = transfer;
    if (storing === undefined || ports === undefined || sender === undefined) return;
    const { kind, format, offer } = storing.agreed;
    const { settings, media, parties, random } = this.#ports;
    const events = eventsOf(offer, format);
    const { crypto, srtp } = legKeys(offer, random);
    transfer.ingestDeadline = undefined;
    await media.confirmIngest(transfer.id, {
      kind,
      format,
      remote: this.#located(offer.remote),
      ...(srtp === undefined ? {} : { srtp }),
      sizeMax: record.size ?? record.capacity,
      ...(record.size === undefined ? {} : { size: record.size }),
      idleMs: settings.idleMs[kind],
      ...(events === undefined ? {} : { events }),
      ...refreshOf(storing.agreed),
      ...nackOf(storing.agreed),
      ...haveOf(storing),
      header: { ...spoolHeader(record), events },
    });
    const sdp = answerStorageOffer(offer, {
      format,
      ports,
      direction: 'recvonly',
      sessionId: String(record.createdAt),
      ...(crypto === undefined ? {} : { crypto }),
    });
    parties.tell(sender, {
      type: 'store-confirmation',
      re: storing.id,
      transfer: transfer.id,
      sdp,
      maxRate: settings.fileRateMax,
      ...(storing.have.length === 0
        ? {}
        : { have: storing.have.map(({ start, end }) => [start, end] as const) }),
    });
  }

  /** Makes the object in the background: a delivery goes on meanwhile. */
  #record(transfer: LiveTransfer): void {
    const { recorder, log } = this.#ports;
    void recorder
      .record(transfer.id, transfer.record.account)
      .then((object) => transfer.inTurn(() => this.#recorded(transfer, object)))
      .catch((cause: unknown) => transfer.inTurn(() => this.#notRecorded(transfer, cause)))
      .catch((cause: unknown) => {
        log.error('transfer.stuck', { transfer: transfer.id, cause: String(cause) });
        this.#retryRecord(transfer);
      });
  }

  async #notRecorded(transfer: LiveTransfer, cause: unknown): Promise<void> {
    const { id, record } = transfer;
    this.#ports.log.warn('transfer.record-failed', { transfer: id, cause: String(cause) });
    const reason = record.reason ?? 'storage-unavailable';
    if (cause instanceof NothingToRecord)
      await this.ingest(transfer, 'recorded-nothing', { reason });
    else await this.ingest(transfer, 'record-failed');
  }

  /** Tries again, after a failure or a restart. */
  recordAgain(transfer: LiveTransfer): void {
    this.#record(transfer);
  }

  async #recorded(transfer: LiveTransfer, object: RecordedObject): Promise<void> {
    const { whole, reason } = outcomeOf(transfer.record, object);
    // What the media plane had counted since the record was last written is gone with a crash; the spool is not.
    const stored = Math.max(transfer.record.stored, object.dataBytes);
    await this.change(transfer, { object, stored, ...(reason === undefined ? {} : { reason }) });
    await this.ingest(transfer, whole ? 'recorded-whole' : 'recorded-short');
  }

  #retryRecord(transfer: LiveTransfer): void {
    const waitMs = retryWaitMs(transfer.recordings);
    transfer.recordings += 1;
    transfer.ingestDeadline = {
      at: after(this.#ports.clock.now(), waitMs),
      reason: 'record-again',
    };
  }

  async #keep(transfer: LiveTransfer): Promise<void> {
    const { account, object } = transfer.record;
    if (object === undefined) return;
    await this.#ports.store.resizeSpace(account, transfer.id, object.size, 'settle');
    await this.change(transfer, { capacity: object.size });
    await replacePartial(this.#ports, transfer.record);
  }

  async #discard(transfer: LiveTransfer): Promise<void> {
    const { store, recorder } = this.#ports;
    await this.delivery(transfer, 'ingest-lost');
    await recorder.discardSpool(transfer.id);
    await store.releaseSpace(transfer.record.account, transfer.id);
  }

  #tellSender(transfer: LiveTransfer): void {
    if (transfer.sender !== undefined)
      this.#ports.parties.tell(transfer.sender, completeOf(transfer.record));
  }

  /** M11: the receiver is told that it can have the data. */
  #offer(transfer: LiveTransfer): void {
    const { clock, random, settings, parties } = this.#ports;
    const { record } = transfer;
    const lifetimeMs = settings.offerSeconds * 1_000;
    transfer.offerToken = randomHex(random, OFFER_TOKEN_BYTES);
    transfer.deliveryDeadline = { at: after(clock.now(), lifetimeMs), reason: 'offer-expires' };
    parties.tell(transfer.receiver, {
      type: 'receive-offer',
      transfer: record.id,
      sender: record.sender ?? '',
      format: record.format ?? '',
      ...(record.size === undefined ? {} : { size: record.size }),
      stored: record.stored,
      ...(record.name === undefined ? {} : { name: record.name }),
      token: transfer.offerToken,
      expires: new Date(clock.wallclock() + lifetimeMs).toISOString(),
    });
  }

  async #deliver(transfer: LiveTransfer): Promise<void> {
    const { receiving, record } = transfer;
    if (receiving === undefined) return;
    const { media, parties, clock, random, settings } = this.#ports;
    const { kind, format, offer } = receiving.agreed;
    const { crypto, srtp } = legKeys(offer, random);
    transfer.deliveryDeadline = undefined;
    const ports = receiving.ports ?? (await media.openDelivery(deliveryOf(transfer)));
    const answer = {
      format,
      ports,
      direction: 'sendonly',
      sessionId: String(record.createdAt),
      ...(crypto === undefined ? {} : { crypto }),
    } as const;
    parties.tell(transfer.receiver, {
      type: 'receive-confirmation',
      re: receiving.id,
      transfer: record.id,
      ...(receiving.ports === undefined ? { sdp: answerStorageOffer(offer, answer) } : {}),
      delay: Math.round(clock.now() - (transfer.startedAt ?? clock.now())),
    });
    await media.startDelivery(deliveryOf(transfer), {
      transfer: record.id,
      kind,
      payloadType: format.payloadType,
      ...storedAs(record.payload),
      clockRate: format.clockRate,
      ...nackOf(receiving.agreed),
      remote: this.#located(offer.remote),
      ...(srtp === undefined ? {} : { srtp }),
      maxRate: settings.fileRateMax,
      from: receiving.from,
    });
    this.status(transfer);
  }

  /** A phone's address with what is known of its network. */
  #located(remote: RtpAddress): RtpAddress {
    return this.#ports.settings.natMedia === true ? { ...remote, behindNat: true } : remote;
  }

  /** What stays open now is closed when both sides are over. */
  async #stopDelivery(transfer: LiveTransfer): Promise<void> {
    const { media, log } = this.#ports;
    await media
      .closeDelivery(deliveryOf(transfer))
      .catch((cause: unknown) =>
        log.warn('delivery.not-stopped', { transfer: transfer.id, cause: String(cause) }),
      );
  }

  /** When both sides are over, nothing of a transfer stays but its record and its object. */
  #finish(transfer: LiveTransfer): void {
    const { record } = transfer;
    if (!isTerminal(record.ingest) || !isOver(record.delivery) || transfer.receiverTold) return;
    const { parties, recorder } = this.#ports;
    transfer.receiverTold = true;
    transfer.ingestDeadline = undefined;
    transfer.deliveryDeadline = undefined;
    parties.tell(transfer.receiver, completeOf(record));
    void this.#turns.owe(transfer, 'finish', async () => {
      await this.closeSockets(transfer);
      await recorder.discardSpool(transfer.id);
      await removeReplaced(this.#ports, record);
      this.#over(transfer);
    });
  }

  /** Repeatable. @throws when sockets stay open; not when the media plane died: then they are closed. */
  async closeSockets(transfer: LiveTransfer): Promise<void> {
    const { media } = this.#ports;
    try {
      await media.closeIngest(transfer.id);
      await media.closeDelivery(deliveryOf(transfer));
    } catch (cause) {
      if (!this.#planeFailed) throw cause;
    }
  }

  /** The media plane died: nothing can be asked of it any more. */
  planeFailed(): void {
    this.#planeFailed = true;
  }

  #log(transfer: LiveTransfer, event: IngestEvent | DeliveryEvent): void {
    const { id, ingest, delivery, stored, delivered } = transfer.record;
    this.#ports.log.info('transfer.changed', {
      transfer: id,
      event,
      ingest,
      delivery,
      stored,
      delivered,
    });
  }
}

/** A video phone understands PLI, whether or not its SDP says so; others are not asked for key frames. */
const refreshOf = ({ kind, offer }: Agreed): Pick<IngestTerms, 'refresh'> =>
  kind === 'media' && offer.media === 'video' ? { refresh: offer.refresh ?? 'pli' } : {};

/** Files are repaired in any case (docs/in-call-protocol.md §5). */
const nackOf = ({ kind, offer }: Agreed): Pick<IngestTerms, 'nack'> =>
  kind === 'media' && offer.nack === true ? { nack: true } : {};

const haveOf = ({ have }: Storing): Pick<IngestTerms, 'have'> =>
  have.length === 0 ? {} : { have };

const storedAs = (
  payload: PayloadFormat | undefined,
): Pick<DeliveryTerms, 'storedType' | 'encoding'> =>
  payload === undefined ? {} : { storedType: payload.payloadType, encoding: payload.encoding };

/** What went wrong on the way is no reason any more when the transfer is complete after all. */
function withoutIdleReason(record: TransferRecord): TransferRecord {
  if (record.ingest !== 'complete') return record;
  const { reason: _idle, ...complete } = record;
  return complete;
}

/** Key presses share the clock of the sound that they come with (RFC 4733 §2.1). */
const eventsOf = (offer: StorageOffer, sound: PayloadFormat): PayloadFormat | undefined =>
  offer.formats.find(
    ({ encoding, clockRate }) =>
      encoding.toLowerCase() === TELEPHONE_EVENT && clockRate === sound.clockRate,
  );
