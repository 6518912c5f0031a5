import { MidcallError } from '../base/errors.ts';
import type { DeleteRequest, ListRequest } from '../incall/commands.ts';
import type { StoredTransfer } from '../incall/events.ts';
import type { Party, TransferPorts } from './ports.ts';
import { removeTransfer } from './removal.ts';
import { stateOf } from './reports.ts';
import { findStored, type Stored } from './stored.ts';
import type { Secrets } from './secrets.ts';

/** With names as long as they may be, so many fit into an INFO of 4,000 bytes (docs/in-call-protocol.md §1). */
export const LISTED_MAX = 6;
export const LISTED_NAME_CHARACTERS = 48;
/** Transfers looked through for one command. */
export const RECORDS_MAX = 1_000;

/** What the receiver has in its storage, after the transfer and after the call (M14). */
export class Shelf {
  readonly #ports: TransferPorts;
  readonly #secrets: Secrets;

  constructor(ports: TransferPorts, secrets: Secrets) {
    this.#ports = ports;
    this.#secrets = secrets;
  }

  /** The newest first. */
  async list(command: ListRequest, from: Party): Promise<void> {
    const { id: account } = await this.#secrets.subscriber(from.number, command.password, from);
    const found = await this.#find(account, () => true, LISTED_MAX + 1);
    this.#ports.parties.tell(from, {
      type: 'transfer-list',
      re: command.id,
      transfers: found.slice(0, LISTED_MAX).map(entryOf),
      more: found.length > LISTED_MAX,
      free: await this.#free(account),
    });
  }

  /** Stopped half-way, it can be said again. */
  async remove(command: DeleteRequest, from: Party): Promise<void> {
    const { parties } = this.#ports;
    const { id: account } = await this.#secrets.subscriber(from.number, command.password, from);
    const { id } = await this.#named(account, command.transfer);
    await removeTransfer(this.#ports, id);
    const free = await this.#free(account);
    parties.tell(from, { type: 'transfer-deleted', re: command.id, transfer: id, free });
  }

  /** @throws MidcallError `unknown-prompt` when none, or more than one, is called that. */
  async #named(account: string, beginning: string): Promise<Stored> {
    const [record, other] = await this.#find(account, ({ id }) => id.startsWith(beginning), 2);
    if (record === undefined || other !== undefined)
      throw new MidcallError('unknown-prompt', 'there is no such transfer');
    return record;
  }

  #find(
    account: string,
    isWanted: (record: Stored) => boolean,
    countMax: number,
  ): Promise<readonly Stored[]> {
    const search = { account, countMax, recordsMax: RECORDS_MAX };
    return findStored(this.#ports.store, search, isWanted);
  }

  async #free(account: string): Promise<number> {
    return (await this.#ports.store.usage(account))?.free ?? 0;
  }
}

const entryOf = (record: Stored): StoredTransfer => ({
  transfer: record.id,
  state: stateOf(record),
  format: record.format ?? record.object.contentType,
  ...(record.name === undefined
    ? {}
    : { name: Array.from(record.name).slice(0, LISTED_NAME_CHARACTERS).join('') }),
  size: record.object.size,
  ...(record.object.durationMs === undefined ? {} : { durationMs: record.object.durationMs }),
  created: new Date(record.createdAt).toISOString(),
});
