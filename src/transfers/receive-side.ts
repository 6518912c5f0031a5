import { MidcallError } from '../base/errors.ts';
import { sameSecret } from '../base/same-secret.ts';
import type { Cancel, ForwardPrompt, ReceiveRequest, StatusRequest } from '../incall/commands.ts';
import type { PayloadFormat } from '../rtp/payload-format.ts';
import type { RtpPorts } from '../rtp/transport-address.ts';
import { writeStorageOffer } from '../sdp/storage-leg.ts';
import { agreeToReceive } from './admission.ts';
import type { LiveTransfer } from './live-transfer.ts';
import type { TransferMachine } from './machine.ts';
import type { Party, TransferPorts } from './ports.ts';
import type { PlacedOffer } from './ports.ts';
import { sameParty, speaksFor } from './ports.ts';
import { statusOf } from './reports.ts';
import type { Secrets } from './secrets.ts';
import { promptEvent } from './store-side.ts';
import { INGEST, cellOf } from './tables.ts';
import type { Turns } from './turns.ts';

/** The half of the method that the receiver drives once a transfer exists: pass on, receive (M11), cancel. */
export class ReceiveSide {
  readonly #ports: TransferPorts;
  readonly #machine: TransferMachine;
  readonly #secrets: Secrets;
  readonly #turns: Turns;
  readonly #live: ReadonlyMap<string, LiveTransfer>;

  constructor(
    ports: TransferPorts,
    machine: TransferMachine,
    shared: {
      readonly secrets: Secrets;
      readonly turns: Turns;
      readonly live: ReadonlyMap<string, LiveTransfer>;
    },
  ) {
    this.#ports = ports;
    this.#machine = machine;
    this.#secrets = shared.secrets;
    this.#turns = shared.turns;
    this.#live = shared.live;
  }

  /** M4: the platform brings the receiver's prompt to whom the receiver picked. */
  async forward(command: ForwardPrompt, from: Party): Promise<void> {
    const { parties } = this.#ports;
    const transfer = this.#mine(command.transfer, from);
    const { prompt, ports, record } = transfer;
    if (prompt === undefined || ports === undefined || record.ingest !== 'prompted')
      throw new MidcallError('prompt-used', 'this prompt was used');
    if (record.mode !== 'receiver-chosen' || !sameParty(transfer.receiver, from))
      throw new MidcallError('unknown-prompt', 'this prompt is not yours to pass on');
    const to = await parties.reachable(command.to);
    if (to === undefined)
      throw new MidcallError('sender-not-in-call', `${command.to} can not be reached`);
    parties.tell(to, promptEvent(record, prompt, ports));
    parties.tell(from, statusOf(record, command.id));
  }

  /** M11: only the legitimate receiver, and only once there is an offer. */
  async receive(command: ReceiveRequest, from: Party): Promise<void> {
    const transfer = this.#live.get(command.transfer);
    if (transfer === undefined)
      throw new MidcallError('not-ready', 'nothing to receive now; look into your storage');
    await this.#prove(transfer, command, from);
    const { sdp } = command;
    if (sdp === undefined) return this.#offer(transfer, command, from);
    await transfer.inTurn(() => this.#accept(transfer, { ...command, sdp }, from));
  }

  async #accept(
    transfer: LiveTransfer,
    command: ReceiveRequest & { readonly sdp: string; readonly ports?: RtpPorts },
    from: Party,
  ): Promise<void> {
    const { id, sdp, from: start = 'start', ports } = command;
    const payload = offeredPayload(transfer);
    if (transfer.isOffering && ports === undefined)
      throw new MidcallError('not-ready', 'another phone is being asked');
    const agreed = agreeToReceive(sdp, payload);
    transfer.receiving = { id, agreed, from: start, ...(ports === undefined ? {} : { ports }) };
    await this.#start(transfer, from);
  }

  /** A phone that can't make an offer is made one. It may ring for that: nothing else about the transfer waits meanwhile. */
  async #offer(transfer: LiveTransfer, command: ReceiveRequest, from: Party): Promise<void> {
    const { media, parties } = this.#ports;
    const { id, record } = transfer;
    const payload = offeredPayload(transfer);
    if (transfer.isOffering) throw new MidcallError('not-ready', 'your phone is being asked');
    transfer.isOffering = true;
    let placed: PlacedOffer | undefined;
    try {
      const ports = await media.openDelivery(id);
      const kind = record.kind === 'file' ? 'application' : (record.format?.split('/', 1)[0] ?? '');
      const session = { format: payload, ports, sessionId: String(record.createdAt) };
      placed = await parties.offer(from, id, writeStorageOffer(kind, session));
      const { sdp } = placed;
      await transfer.inTurn(() => this.#accept(transfer, { ...command, sdp, ports }, from));
    } catch (cause) {
      await media.closeDelivery(id);
      void placed?.withdraw();
      throw cause;
    } finally {
      transfer.isOffering = false;
    }
  }

  /** The receiver wants no more of it. */
  async enough(transfer: LiveTransfer): Promise<void> {
    await transfer.inTurn(() => this.#machine.delivery(transfer, 'receiver-gone'));
  }

  /** Another phone of the receiver may take what was offered to this one. */
  async #start(transfer: LiveTransfer, from: Party): Promise<void> {
    const offeredTo = transfer.receiver;
    transfer.receiver = from;
    try {
      await this.#machine.delivery(transfer, 'receive-accepted');
    } catch (cause) {
      transfer.receiver = offeredTo;
      void this.#turns.owe(transfer, 'not-started', () =>
        this.#machine.delivery(transfer, 'delivery-failed'),
      );
      throw new MidcallError('busy', 'the delivery could not be started', { cause });
    }
  }

  /** The offer's token, or the storage password of the account. @throws MidcallError. */
  async #prove(transfer: LiveTransfer, command: ReceiveRequest, from: Party): Promise<void> {
    const { token, password } = command;
    if (token !== undefined && transfer.offerToken !== undefined)
      if (sameSecret(token, transfer.offerToken)) return;
    if (password === undefined) this.#secrets.refuseReceiver(from);
    await this.#secrets
      .subscriber(transfer.record.account, password, from)
      .catch((cause: unknown) => {
        if (cause instanceof MidcallError && cause.code === 'not-authorized')
          throw new MidcallError('not-the-receiver', 'this is for somebody else', { cause });
        throw cause;
      });
  }

  /** Ends the ingest, or, when that is over, the delivery. */
  async cancel(command: Cancel, from: Party): Promise<void> {
    const transfer = this.#mine(command.transfer, from);
    await transfer.inTurn(async () => {
      if (cellOf(INGEST, transfer.record.ingest, 'cancel') !== undefined) {
        await this.#machine.ingest(transfer, 'cancel', { reason: 'cancelled' });
      } else if (speaksFor(from, transfer.receiver))
        await this.#machine.delivery(transfer, 'receiver-gone');
      this.#ports.parties.tell(from, statusOf(transfer.record, command.id));
    });
  }

  /** Where a transfer is, for either party. */
  async status(command: StatusRequest, from: Party): Promise<void> {
    const transfer = this.#mine(command.transfer, from);
    this.#ports.parties.tell(from, statusOf(transfer.record, command.id));
  }

  /** The transfers that this party takes part in: the newest, or those whose id is or begins like that. */
  mine(id: string | undefined, from: Party): readonly LiveTransfer[] {
    const mine = [...this.#live.values()].filter(
      ({ receiver, sender }) =>
        speaksFor(from, receiver) || (sender !== undefined && speaksFor(from, sender)),
    );
    return id === undefined
      ? mine.slice(-1)
      : mine.filter((transfer) => transfer.id.startsWith(id));
  }

  /**
   * A transfer that this party takes part in: the newest, or the one whose id is or begins like that.
   * @throws MidcallError `unknown-prompt` also when it exists but is not this party's: strangers learn nothing.
   */
  #mine(id: string | undefined, from: Party): LiveTransfer {
    const found = this.mine(id, from);
    const [transfer] = found;
    if (transfer === undefined || found.length > 1)
      throw new MidcallError('unknown-prompt', 'there is no such transfer');
    return transfer;
  }
}

/** @throws MidcallError when there is nothing on offer. */
function offeredPayload({ record: { payload, delivery } }: LiveTransfer): PayloadFormat {
  if (delivery !== 'offered' || payload === undefined)
    throw new MidcallError('not-ready', `nothing is on offer (${delivery})`);
  return payload;
}
