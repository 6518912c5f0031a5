import { randomHex } from '../base/clock.ts';
import { MidcallError } from '../base/errors.ts';
import { after, wallclock } from '../base/units.ts';
import type {
  SendRequest,
  StorageInstruction,
  StorageRequest,
  StoreRequest,
} from '../incall/commands.ts';
import type { StoragePrompt } from '../incall/events.ts';
import type { RtpPorts } from '../rtp/transport-address.ts';
import { STORAGE_TRANSPORTS } from '../sdp/storage-leg.ts';
import { admit, admitSize } from './admission.ts';
import type { Agreed } from './admission.ts';
import { LiveTransfer } from './live-transfer.ts';
import type { TransferMachine } from './machine.ts';
import { continuePartial } from './partials.ts';
import type { Party, TransferPorts } from './ports.ts';
import { sameParty } from './ports.ts';
import { newPromptCode } from './prompt-code.ts';
import type { TransferRecord } from './record.ts';
import { statusOf } from './reports.ts';
import type { Secrets } from './secrets.ts';
import type { Prompt, Subscriber } from './store.ts';
import { isTerminal } from './tables.ts';
import type { Turns } from './turns.ts';

const TRANSFER_ID_BYTES = 8;
/** 128 bits, as docs/in-call-protocol.md §2 asks. */
const TOKEN_BYTES = 16;

interface Prepared {
  readonly transfer: LiveTransfer;
  readonly prompt: StoragePrompt;
}

/** The half of the method before the data flows: prompt (M2–M5) and store request (M6, M7). */
export class StoreSide {
  readonly #ports: TransferPorts;
  readonly #machine: TransferMachine;
  readonly #secrets: Secrets;
  readonly #turns: Turns;
  readonly #live: Map<string, LiveTransfer>;
  /** Takes a transfer out of the live ones. */
  readonly #forget: (transfer: LiveTransfer) => void;
  /** Being prepared, not live yet: they count against the limit all the same. */
  #preparing = 0;
  #closed = false;

  constructor(
    ports: TransferPorts,
    machine: TransferMachine,
    shared: {
      readonly secrets: Secrets;
      readonly turns: Turns;
      readonly live: Map<string, LiveTransfer>;
      readonly forget: (transfer: LiveTransfer) => void;
    },
  ) {
    this.#ports = ports;
    this.#machine = machine;
    this.#secrets = shared.secrets;
    this.#turns = shared.turns;
    this.#live = shared.live;
    this.#forget = shared.forget;
  }

  /** Nothing new from now on. */
  close(): void {
    this.#closed = true;
  }

  /** Direct mode (M3): the platform prompts the sender. */
  async request(command: StorageRequest, from: Party): Promise<void> {
    const subscriber = await this.#receiver(command, from);
    const sender = await this.#ports.parties.inCall(command.sender, from.leg?.call);
    if (sender === undefined || sameParty(sender, from))
      throw new MidcallError('sender-not-in-call', `${command.sender} is not in a call`);
    const parties = { receiver: from, sender };
    const { transfer, prompt } = await this.#admitted(command, subscriber, parties);
    this.#ports.parties.tell(sender, prompt);
    this.#ports.parties.tell(from, statusOf(transfer.record, command.id));
  }

  /** Receiver-chosen mode (M4): the receiver gets the prompt and passes it on. */
  async instruction(command: StorageInstruction, from: Party): Promise<void> {
    const subscriber = await this.#receiver(command, from);
    const { prompt } = await this.#admitted(command, subscriber, { receiver: from });
    this.#ports.parties.tell(from, { ...prompt, re: command.id });
  }

  /** M5: a legitimate subscriber. @throws MidcallError, the same for an unknown one and a wrong password. */
  #receiver(command: StorageRequest | StorageInstruction, from: Party): Promise<Subscriber> {
    return this.#secrets.subscriber(command.receiver ?? from.number, command.password, from);
  }

  async #admitted(
    command: StorageRequest | StorageInstruction,
    subscriber: Subscriber,
    parties: { readonly receiver: Party; readonly sender?: Party },
  ): Promise<Prepared> {
    if (this.#closed || this.#live.size + this.#preparing >= this.#ports.settings.liveMax)
      throw new MidcallError('busy', 'too many transfers at once', { facts: { retryAfter: 30 } });
    this.#preparing += 1;
    try {
      const prepared = await this.#prepare(command, subscriber, parties);
      this.#live.set(prepared.transfer.id, prepared.transfer);
      return prepared;
    } finally {
      this.#preparing -= 1;
    }
  }

  /**
   * M5: space, the storage address, the prompt. What was taken is given back when a later step fails; the record comes
   * first, so that a crash in between leaves an open transfer to recover, not space that is lost.
   */
  async #prepare(
    command: StorageRequest | StorageInstruction,
    subscriber: Subscriber,
    parties: { readonly receiver: Party; readonly sender?: Party },
  ): Promise<Prepared> {
    const { random, store, settings, clock, node } = this.#ports;
    const capacity = await this.#capacity(subscriber, command.maxBytes);
    const id = randomHex(random, TRANSFER_ID_BYTES);
    const record = newRecord(command, parties, { id, node, account: subscriber.id, capacity });
    const threshold = command.threshold ?? subscriber.threshold ?? settings.threshold;
    const now = clock.wallclock();
    const transfer = new LiveTransfer(
      { ...record, threshold, createdAt: now, changedAt: now },
      parties.receiver,
      parties.sender,
    );
    try {
      await store.putTransfer(transfer.record);
      const space = await store.reserveSpace(subscriber.id, id, capacity);
      if (!space.ok) throw noSpace(space.free);
      transfer.ports = await this.#openAddress(id);
      const prompt = await this.#issue(transfer);
      return { transfer, prompt };
    } catch (cause) {
      await this.#undo(transfer);
      throw cause;
    }
  }

  /**
   * Step by step backwards; the record goes last, and only when the space is free again. While that can't be done, the
   * transfer is live: nobody knows of it, but it is tried again.
   */
  async #undo(transfer: LiveTransfer): Promise<void> {
    const { store } = this.#ports;
    const { id, record } = transfer;
    this.#live.set(id, transfer);
    await this.#turns.owe(transfer, 'undo', async () => {
      await store.releaseSpace(record.account, id);
      await store.removeTransfer(id);
      await this.#machine.closeSockets(transfer);
      this.#forget(transfer);
    });
  }

  async #capacity(subscriber: Subscriber, maxBytes: number | undefined): Promise<number> {
    const { store, settings } = this.#ports;
    const free = (await store.usage(subscriber.id))?.free ?? 0;
    const wanted = maxBytes ?? Math.min(free, settings.sizeMax);
    if (free <= 0 || wanted > free) throw noSpace(free);
    if (wanted > settings.sizeMax)
      throw new MidcallError('too-large', `one transfer may have ${settings.sizeMax} bytes`);
    return wanted;
  }

  async #openAddress(id: string): Promise<RtpPorts> {
    try {
      return await this.#ports.media.openIngest(id);
    } catch (cause) {
      throw new MidcallError('busy', 'no storage address is free', {
        cause,
        facts: { retryAfter: 30 },
      });
    }
  }

  /** Makes the invitation, single use, and starts its clock. */
  async #issue(transfer: LiveTransfer): Promise<StoragePrompt> {
    const { clock, random, settings, store } = this.#ports;
    const { record, ports } = transfer;
    const lifetimeMs = settings.promptSeconds * 1_000;
    const prompt: Prompt = {
      token: randomHex(random, TOKEN_BYTES),
      code: newPromptCode(random),
      transfer: record.id,
      node: record.node,
      account: record.account,
      expiresAt: wallclock(clock.wallclock() + lifetimeMs),
      used: false,
    };
    await store.issuePrompt(prompt);
    transfer.prompt = prompt;
    transfer.ingestDeadline = { at: after(clock.now(), lifetimeMs), reason: 'prompt-expires' };
    return promptEvent(record, prompt, ports ?? { address: '', rtp: 0, rtcp: 0 });
  }

  /** The sender will add its data to the call: says whether the prompt is good for it, and uses nothing up. */
  async announce(command: SendRequest, from: Party): Promise<void> {
    const prompt = await this.#secrets.prompt(command, from);
    checkSender(this.#prompted(prompt), from);
    this.#ports.parties.tell(from, {
      type: 'send-confirmation',
      re: command.id,
      transfer: prompt.transfer,
      token: prompt.token,
      expires: new Date(prompt.expiresAt).toISOString(),
    });
  }

  #prompted({ transfer: id }: Prompt): LiveTransfer {
    const transfer = this.#live.get(id);
    if (transfer === undefined) throw new MidcallError('prompt-expired', 'this prompt is over');
    return transfer;
  }

  /** M6 and M7: accepted, or refused with the reason. Only an accepted request uses up the prompt. */
  async store(command: StoreRequest, from: Party): Promise<void> {
    const prompt = await this.#secrets.prompt(command, from);
    const transfer = this.#prompted(prompt);
    await transfer.inTurn(() => this.#accept(transfer, { ...command, token: prompt.token }, from));
  }

  async #accept(transfer: LiveTransfer, command: StoreRequest, from: Party): Promise<void> {
    const { settings, store } = this.#ports;
    const { record } = transfer;
    checkSender(transfer, from);
    // It was not when this request came, but its turn comes after that of another one; what that has begun stays.
    if (record.ingest !== 'prompted') throw new MidcallError('prompt-used', 'this prompt was used');
    const agreed = admit(command, settings.formats);
    const said = { sender: from.number, ...announced(command, agreed) };
    const continued = await continuePartial(this.#ports, { ...record, ...said });
    const held = continued?.partial.object.size ?? 0;
    admitSize(command, record.capacity + held);
    await this.#takePrompt(command, record.id);
    transfer.sender = from;
    transfer.storing = { id: command.id, agreed, have: continued?.have ?? [] };
    const capacity = command.size === undefined ? record.capacity : command.size - held;
    await store.resizeSpace(record.account, record.id, capacity, 'reserve');
    const continues = continued && { continues: continued.partial.id };
    await this.#machine.change(transfer, { ...said, capacity, ...continues });
    await this.#open(transfer);
  }

  /** A spool that was begun is not for the next request: that may be for another file. */
  async #takePrompt({ token }: StoreRequest, transfer: string): Promise<void> {
    const { store, recorder } = this.#ports;
    let isTaken = false;
    try {
      isTaken = await store.takePrompt(token);
    } finally {
      if (!isTaken) await recorder.discardSpool(transfer);
    }
    if (!isTaken) throw new MidcallError('prompt-used', 'this prompt was used');
  }

  /** A gate that can't be opened (no disk, say) ends the transfer with nothing stored. */
  async #open(transfer: LiveTransfer): Promise<void> {
    try {
      await this.#machine.ingest(transfer, 'store-accepted');
    } catch (cause) {
      const reason = 'storage-unavailable';
      void this.#turns.owe(transfer, 'not-opened', () =>
        this.#machine.ingest(transfer, 'ended-empty', { reason }),
      );
      if (cause instanceof MidcallError && cause.code === 'busy') throw cause;
      throw new MidcallError('storage-unavailable', 'the data can not be stored now', { cause });
    }
  }
}

/** @throws MidcallError when this party can't store (any more) what this prompt asked for. */
function checkSender({ record, sender, ports }: LiveTransfer, from: Party): void {
  if (record.mode === 'direct' && !(sender && sameParty(sender, from)))
    throw new MidcallError('unknown-prompt', 'this prompt was for somebody else');
  // Without an address since an earlier process gave the prompt: the transfer is about to end.
  if (isTerminal(record.ingest) || ports === undefined)
    throw new MidcallError('prompt-expired', 'this prompt is over');
}

/** What a store request says of the data. */
const announced = (command: StoreRequest, { kind, format }: Agreed): Partial<TransferRecord> => ({
  kind,
  payload: format,
  format: command.format,
  ...(command.size === undefined ? {} : { size: command.size }),
  ...(command.name === undefined ? {} : { name: command.name }),
  ...(command.digest === undefined ? {} : { digest: command.digest }),
});

export const promptEvent = (
  record: TransferRecord,
  prompt: Prompt,
  ports: RtpPorts,
): StoragePrompt => ({
  type: 'storage-prompt',
  transfer: record.id,
  address: ports.address,
  port: ports.rtp,
  capacity: record.capacity,
  token: prompt.token,
  code: prompt.code,
  expires: new Date(prompt.expiresAt).toISOString(),
  transports: STORAGE_TRANSPORTS,
  receiver: record.receiver,
});

const noSpace = (free: number): MidcallError =>
  new MidcallError('no-space', `${free} bytes are free`, { facts: { free } });

function newRecord(
  command: StorageRequest | StorageInstruction,
  parties: { readonly receiver: Party; readonly sender?: Party },
  given: Pick<TransferRecord, 'id' | 'node' | 'account' | 'capacity'>,
): Omit<TransferRecord, 'createdAt' | 'changedAt'> {
  const name = command.type === 'storage-request' ? command.name : undefined;
  return {
    ...given,
    version: 1,
    mode: command.type === 'storage-request' ? 'direct' : 'receiver-chosen',
    ingest: 'prompted',
    delivery: 'waiting',
    receiver: parties.receiver.number,
    ...(parties.sender === undefined ? {} : { sender: parties.sender.number }),
    call: parties.receiver.leg?.call ?? '',
    ...(name === undefined ? {} : { name }),
    stored: 0,
    delivered: 0,
  };
}
