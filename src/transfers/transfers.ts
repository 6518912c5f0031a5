import { MidcallError } from '../base/errors.ts';
import { wallclock } from '../base/units.ts';
import type { Command } from '../incall/commands.ts';
import type { ErrorEvent, InCallEvent } from '../incall/events.ts';
import { LiveTransfer } from './live-transfer.ts';
import type { TransferTimer } from './live-transfer.ts';
import { TransferMachine } from './machine.ts';
import { MediaEvents } from './media-events.ts';
import type { MediaEvent } from './media-plane.ts';
import { sameParty } from './ports.ts';
import type { Parties, Party, TransferPorts } from './ports.ts';
import { ReceiveSide } from './receive-side.ts';
import type { TransferRecord } from './record.ts';
import { removeTransfer } from './removal.ts';
import { Secrets } from './secrets.ts';
import { Shelf } from './shelf.ts';
import { StoreSide } from './store-side.ts';
import { isTerminal } from './tables.ts';
import { Turns, stackOf } from './turns.ts';

/** How long an answer is kept for a repetition of its command. */
const REQUEST_MEMORY_MS = 10 * 60_000;

type Handler<C extends Command> = (command: C, from: Party) => Promise<void>;

/**
 * The method (M1–M15) as a service: commands of parties, events of the media plane, ends of calls and time come in; calls on the
 * ports and events to parties go out. All decisions are in the tables and the pure files beside this one.
 */
export class Transfers {
  readonly #ports: TransferPorts;
  readonly #machine: TransferMachine;
  readonly #storeSide: StoreSide;
  readonly #receiveSide: ReceiveSide;
  readonly #shelf: Shelf;
  readonly #mediaEvents: MediaEvents;
  readonly #turns: Turns;
  /** Transfers that are not over, by id. */
  readonly #live = new Map<string, LiveTransfer>();
  readonly #handlers: { readonly [T in Command['type']]: Handler<Extract<Command, { type: T }>> } =
    {
      'storage-request': (command, from) => this.#storeSide.request(command, from),
      'storage-instruction': (command, from) => this.#storeSide.instruction(command, from),
      'forward-prompt': (command, from) => this.#receiveSide.forward(command, from),
      'send-request': (command, from) => this.#storeSide.announce(command, from),
      'store-request': (command, from) => this.#storeSide.store(command, from),
      'end-of-data': (command, from) => this.#endOfData(command.transfer, from),
      'receive-request': (command, from) => this.#receiveSide.receive(command, from),
      cancel: (command, from) => this.#receiveSide.cancel(command, from),
      'status-request': (command, from) => this.#receiveSide.status(command, from),
      'list-request': (command, from) => this.#shelf.list(command, from),
      'delete-request': (command, from) => this.#shelf.remove(command, from),
    };
  /** Resolved when the last live transfer is over; see `drained`. */
  #whenDrained: (() => void) | undefined;

  constructor(ports: TransferPorts) {
    this.#ports = { ...ports, parties: overheard(ports) };
    this.#turns = new Turns(ports);
    this.#machine = new TransferMachine(this.#ports, this.#turns, (transfer) =>
      this.#forget(transfer),
    );
    const shared = {
      secrets: new Secrets(this.#ports),
      turns: this.#turns,
      live: this.#live,
      forget: (transfer: LiveTransfer) => this.#forget(transfer),
    };
    this.#storeSide = new StoreSide(this.#ports, this.#machine, shared);
    this.#receiveSide = new ReceiveSide(this.#ports, this.#machine, shared);
    this.#shelf = new Shelf(this.#ports, shared.secrets);
    this.#mediaEvents = new MediaEvents(this.#ports, this.#machine, shared);
  }

  get liveCount(): number {
    return this.#live.size;
  }

  /** The transfers that are not over, with counts that the store gets only with their next change of state. */
  live(): readonly TransferRecord[] {
    return Array.from(this.#live.values(), ({ record }) => record);
  }

  /** One of them. */
  liveRecord(id: string): TransferRecord | undefined {
    return this.#live.get(id)?.record;
  }

  /**
   * Removes what is stored (M14). What is still on offer, or being delivered, is not any more.
   * @throws MidcallError `not-ready` while it comes in, `busy`, `storage-unavailable`: it can be said again.
   */
  async remove(id: string): Promise<void> {
    const transfer = this.#live.get(id);
    if (transfer === undefined) return removeTransfer(this.#ports, id);
    if (!isTerminal(transfer.record.ingest))
      throw new MidcallError('not-ready', 'the transfer is not over');
    await transfer.inTurn(() => this.#machine.delivery(transfer, 'receiver-gone'));
    await transfer.inTurn(() => removeTransfer(this.#ports, id));
  }

  /** Carries out a command; whatever happens, the party gets an answer. Never rejects. */
  async handle(command: Command, from: Party): Promise<void> {
    const { store, clock, parties, log } = this.#ports;
    try {
      const expiresAt = wallclock(clock.wallclock() + REQUEST_MEMORY_MS);
      const known = await store.beginRequest(partyKey(from), command.id, expiresAt);
      if (known.state === 'answered') parties.tell(from, JSON.parse(known.answer) as InCallEvent);
      if (known.state !== 'new') return;
      await this.#dispatch(command, from);
    } catch (cause) {
      if (!(cause instanceof MidcallError))
        log.error('command.failed', { type: command.type, cause: stackOf(cause) });
      parties.tell(from, errorOf(command, cause));
    }
  }

  async #dispatch(command: Command, from: Party): Promise<void> {
    const handle = this.#handlers[command.type] as Handler<Command>;
    await handle(command, from);
  }

  /** The sender has sent all; or the receiver wants no more, and what comes goes on being stored. */
  async #endOfData(id: string, from: Party): Promise<void> {
    const transfer = this.#live.get(id);
    const isSender = transfer?.sender !== undefined && sameParty(transfer.sender, from);
    const isReceiver =
      transfer?.record.delivery === 'delivering' && sameParty(transfer.receiver, from);
    if (transfer === undefined || (!isSender && !isReceiver))
      throw new MidcallError('unknown-prompt', 'there is no such transfer');
    if (!isSender) return this.#receiveSide.enough(transfer);
    await transfer.inTurn(async () => {
      if (transfer.record.ingest === 'prompted')
        throw new MidcallError('not-ready', 'nothing was asked to be stored');
      await this.#ports.media.endIngest(id, 'end-of-data');
    });
  }

  onMedia(event: MediaEvent): void {
    void this.#mediaEvents.handle(event);
  }

  /** Whether the party takes part in a transfer here: in any, or in the one whose id begins like that. */
  takesPart(beginning: string | undefined, from: Party): boolean {
    return this.#receiveSide.mine(beginning, from).length > 0;
  }

  /** Calls of another platform that take part in transfers of this one. */
  callsAt(node: string): readonly string[] {
    const parties = [...this.#live.values()].flatMap(({ sender, receiver }) => [sender, receiver]);
    const there = parties.filter((party) => party?.node === node);
    return [...new Set(there.map((party) => party?.leg?.call ?? ''))];
  }

  /** A call ended: its sender can send no more, its receiver receive no more. */
  async callEnded(call: string): Promise<void> {
    await this.#each((transfer) =>
      this.#turns.owe(transfer, `end of ${call}`, () => this.#partiesGone(transfer, call)),
    );
  }

  async #partiesGone(transfer: LiveTransfer, call: string): Promise<void> {
    const { sender, receiver, record } = transfer;
    if (sender?.leg?.call === call) {
      const reason = record.reason ?? 'sender-not-in-call';
      await this.#machine.ingest(transfer, 'sender-gone', { reason });
    }
    if (receiver.leg?.call === call) await this.#machine.delivery(transfer, 'receiver-gone');
  }

  /** Does what is due. To be called several times a second. */
  async tick(): Promise<void> {
    const now = this.#ports.clock.now();
    for (const transfer of this.#live.values()) {
      await this.#turns.again(transfer);
      for (const timer of transfer.takeDue(now))
        await this.#turns.owe(transfer, timer, () => this.#due(transfer, timer));
    }
  }

  async #due(transfer: LiveTransfer, timer: TransferTimer): Promise<void> {
    switch (timer) {
      case 'prompt-expires':
        await this.#machine.ingest(transfer, 'prompt-expired', { reason: 'prompt-expired' });
        return;
      case 'offer-expires':
        await this.#machine.delivery(transfer, 'offer-expired');
        return;
      case 'record-again':
        this.#machine.recordAgain(transfer);
    }
  }

  /**
   * After a start: what an earlier process of this node left open comes to its end, and no spool stays behind. Transfers of other nodes
   * are theirs, and may be going on; but a spool that is here can be finished here only, whatever the node was called then.
   */
  async recover(): Promise<void> {
    const { recorder, log, node } = this.#ports;
    const spools: readonly string[] = await recorder.recoverSpools().catch((cause: unknown) => {
      log.error('spools.not-read', { cause: String(cause) });
      return [];
    });
    for (const record of await this.#ports.store.openTransfers()) {
      if (record.deletedAt !== undefined) {
        await this.#bury(record.id);
        continue;
      }
      if (record.node === node || spools.includes(record.id)) await this.takeUp(record);
    }
    for (const id of spools)
      if (!this.#live.has(id))
        await this.#ownerless(id).catch((cause: unknown) =>
          log.warn('spool.not-removed', { transfer: id, cause: String(cause) }),
        );
  }

  /** Brings to its end what no process carries any more. Nothing when it is under way here. */
  async takeUp(record: TransferRecord): Promise<void> {
    if (this.#live.has(record.id)) return;
    const ours = { ...record, node: this.#ports.node };
    const transfer = new LiveTransfer(ours, { number: record.receiver }, senderOf(record));
    this.#live.set(record.id, transfer);
    await this.#turns.owe(transfer, 'recover', () => this.#recoverOne(transfer));
  }

  /** What an earlier process began to remove. Nobody waits for it: a store that is away gets its turn at the next start. */
  async #bury(id: string): Promise<void> {
    await removeTransfer(this.#ports, id).catch((cause: unknown) =>
      this.#ports.log.warn('transfer.not-removed', { transfer: id, cause: String(cause) }),
    );
  }

  /** The spool of a transfer that is over has served. One that nobody knows may be all that is left of something: it stays. */
  async #ownerless(id: string): Promise<void> {
    const { store, recorder, log } = this.#ports;
    if ((await store.transfer(id)) === undefined) log.error('spool.unknown', { transfer: id });
    else await recorder.discardSpool(id);
  }

  async #recoverOne(transfer: LiveTransfer): Promise<void> {
    const { record } = transfer;
    await this.#machine.delivery(transfer, 'receiver-gone');
    if (isTerminal(record.ingest)) return;
    if (record.ingest === 'settling') return this.#machine.recordAgain(transfer);
    const hasSpool = await this.#ports.recorder.hasSpool(record.id);
    const wasOpen = record.ingest === 'confirmed' || record.ingest === 'storing';
    const event = wasOpen && !hasSpool ? 'ended-empty' : 'plane-failed';
    const reason = record.reason ?? 'storage-unavailable';
    await this.#machine.ingest(transfer, event, { reason });
  }

  /**
   * Ends all ingests and deliveries, begins none any more, and resolves when every transfer is over. `tick` must go on
   * meanwhile: an object store that fails is tried again for as long as it takes.
   */
  async drain(): Promise<void> {
    this.#storeSide.close();
    if (this.#live.size === 0) return;
    const drained = new Promise<void>((resolve) => (this.#whenDrained = resolve));
    await this.#each((transfer) =>
      this.#turns.owe(transfer, 'drain', async () => {
        await this.#machine.ingest(transfer, 'sender-gone');
        await this.#machine.delivery(transfer, 'receiver-gone');
      }),
    );
    await drained;
  }

  /** All at once: one whose turn takes long, as when much is copied, keeps no other waiting. */
  async #each(work: (transfer: LiveTransfer) => Promise<void>): Promise<void> {
    await Promise.all(Array.from(this.#live.values(), work));
  }

  #forget(transfer: LiveTransfer): void {
    this.#live.delete(transfer.id);
    if (this.#live.size === 0) this.#whenDrained?.();
  }
}

/** Whoever sends is in no call of this process yet: a phone that is registered can be told. */
const senderOf = ({ sender }: TransferRecord): Party | undefined =>
  sender === undefined ? undefined : { number: sender };

/**
 * The way to people, who are heard being told: answers are kept as they go out, since a party is told one once more when it repeats its
 * command. Further on the way parts by node (nodes/far-parties.ts), and then by what a phone understands (calls/faces.ts).
 */
function overheard({ parties, store, told, log }: TransferPorts): Parties {
  return {
    inCall: (number, call) => parties.inCall(number, call),
    reachable: (number) => parties.reachable(number),
    offer: (party, transfer, sdp) => parties.offer(party, transfer, sdp),
    tell: (party, event) => {
      told?.(event);
      parties.tell(party, event);
      const re = 're' in event ? event.re : undefined;
      if (re === undefined) return;
      store
        .finishRequest(partyKey(party), re, JSON.stringify(event))
        .catch((cause: unknown) => log.warn('answer.not-kept', { cause: String(cause) }));
    },
  };
}

const partyKey = ({ number, leg }: Party): string =>
  leg === undefined ? number : `${leg.call};${leg.side}`;

/** A command that failed, as its party is told. */
export function errorOf(command: Command, cause: unknown): ErrorEvent {
  const error =
    cause instanceof MidcallError
      ? cause
      : new MidcallError('storage-unavailable', 'something went wrong here', { cause });
  return {
    type: 'error',
    re: command.id,
    code: error.code,
    status: error.status,
    text: error.message,
    ...('transfer' in command && command.transfer !== undefined
      ? { transfer: command.transfer }
      : {}),
    ...error.facts,
  };
}
