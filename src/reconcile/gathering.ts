import type { Clock } from '../base/clock.ts';
import type { ListedObject, ObjectStore } from '../objects/object-store.ts';
import type { Metadata } from '../recording/metadata.ts';
import { objectFolder } from '../recording/object-address.ts';
import { METADATA_NAME, safeSegment } from '../recording/object-name.ts';
import { readMetadata } from '../recording/stored-metadata.ts';
import { findSpool, listSpools, type ListedSpool } from '../spool/listing.ts';
import type { Holdings, ListedTransfer, StateStore } from '../state/state-store.ts';
import { isOpen } from '../state/transfer-page.ts';
import type { TransferRecord } from '../transfers/record.ts';
import { isOver, isTerminal } from '../transfers/tables.ts';
import type { TransferFacts } from './facts.ts';

/** Records that are asked for at a time. */
const RECORDS_AT_A_TIME = 100;
/** Records in too few lists that one look remembers; the next look finds the others. */
export const UNLISTED_MAX = 10_000;

export interface GatheringPorts {
  readonly state: StateStore;
  readonly objects: ObjectStore;
  readonly spoolFolder: string;
  /** Whether a transfer is under way in this process. */
  readonly isLive: (transfer: string) => boolean;
  readonly clock: Pick<Clock, 'wallclock'>;
  /** The name of this node; undefined on the command line, beside whose data a platform may run. */
  readonly node: string | undefined;
}

/** What the state says of one account. */
interface AccountView {
  readonly holdings: Holdings;
  /** By transfer. */
  readonly listed: ReadonlyMap<string, readonly ListedTransfer[]>;
}

/** The objects of one transfer. */
interface TransferObjects {
  readonly sizes: Map<string, number>;
  metadataKey: string | undefined;
}

/** All there is under one first segment of keys, which accounts may share. */
export interface Folder {
  readonly accounts: ReadonlyMap<string, Holdings>;
  readonly facts: AsyncIterable<TransferFacts>;
  /** Keys that no transfer of ours could have. */
  readonly foreign: readonly string[];
}

/** What is where else than in the account's own place. */
interface Strays {
  readonly accounts: Map<string, Set<string>>;
  readonly unlisted: ReadonlyMap<string, TransferRecord>;
  readonly spools: ReadonlyMap<string, ListedSpool & { readonly account: string }>;
}

/** One look at state, objects and spools: account by account, so that memory does not grow with the store. */
export class Gathering {
  readonly #ports: GatheringPorts;

  constructor(ports: GatheringPorts) {
    this.#ports = ports;
  }

  /** Everything. @throws MidcallError `storage-unavailable`, or the node error of the spools' disk. */
  async *folders(): AsyncIterable<Folder> {
    const strays = await this.#strays();
    const left = new Set(strays.accounts.keys());
    for await (const [folder, objects] of byFolder(this.#ports.objects.list(''))) {
      left.delete(folder);
      yield await this.#folder(folder, objects, strays);
    }
    for (const folder of left) yield await this.#folder(folder, [], strays);
  }

  /** One transfer once more. */
  async transfer(id: string, account: string): Promise<TransferFacts> {
    const { objects, spoolFolder } = this.#ports;
    const listed: ListedObject[] = [];
    for await (const object of objects.list(`${objectFolder(account, id)}/`)) listed.push(object);
    const [, of] = sorted(listed);
    const spool = await findSpool(spoolFolder, id);
    const record = await this.#ports.state.transfer(id);
    const view = await this.#view(account);
    return this.#facts({ id, account, view, record, objects: of.get(id), spool });
  }

  holdings(account: string): Promise<Holdings> {
    return this.#ports.state.holdings(account);
  }

  async #strays(): Promise<Strays> {
    const { state } = this.#ports;
    const accounts = new Map<string, Set<string>>();
    const add = (account: string): void => {
      const folder = safeSegment(account);
      accounts.set(folder, (accounts.get(folder) ?? new Set()).add(account));
    };
    for await (const account of state.accounts()) add(account);
    const unlisted = await this.#unlisted();
    for (const { account } of unlisted.values()) add(account);
    const spools = await this.#spools();
    for (const { account } of spools.values()) add(account);
    return { accounts, unlisted, spools };
  }

  async #unlisted(): Promise<Map<string, TransferRecord>> {
    const { state } = this.#ports;
    const unlisted = new Map<string, TransferRecord>();
    for await (const record of state.records()) {
      if (!(await state.isListed(record))) unlisted.set(record.id, record);
      if (unlisted.size >= UNLISTED_MAX) break;
    }
    return unlisted;
  }

  /** By transfer; the account is that of the record, or what the spool says of itself. */
  async #spools(): Promise<Map<string, ListedSpool & { account: string }>> {
    const spools = new Map<string, ListedSpool & { account: string }>();
    for await (const spool of listSpools(this.#ports.spoolFolder)) {
      const record = await this.#ports.state.transfer(spool.transfer);
      const said = spool.header?.['account'];
      const account = record?.account ?? (typeof said === 'string' ? said : '');
      spools.set(spool.transfer, { ...spool, account });
    }
    return spools;
  }

  async #folder(folder: string, listed: readonly ListedObject[], strays: Strays): Promise<Folder> {
    const views = new Map<string, AccountView>();
    for (const account of strays.accounts.get(folder) ?? [])
      views.set(account, await this.#view(account));
    const [foreign, objects] = sorted(listed);
    const holdings = Array.from(views, ([account, view]) => [account, view.holdings] as const);
    const facts = this.#factsOf(folder, { views, objects, strays });
    return { accounts: new Map(holdings), facts, foreign };
  }

  async *#factsOf(
    folder: string,
    { views, objects, strays }: FolderParts,
  ): AsyncIterable<TransferFacts> {
    const accounts = accountsOfTransfers(folder, { views, objects, strays });
    const ids = [...accounts.keys()];
    for (let at = 0; at < ids.length; at += RECORDS_AT_A_TIME) {
      const some = ids.slice(at, at + RECORDS_AT_A_TIME);
      const records = await Promise.all(some.map((id) => this.#ports.state.transfer(id)));
      for (const [index, id] of some.entries()) {
        const record = records[index];
        if (record !== undefined && safeSegment(record.account) !== folder) continue;
        const account = record?.account ?? accounts.get(id) ?? folder;
        const view = views.get(account);
        const spool = strays.spools.get(id);
        yield this.#facts({ id, account, view, record, objects: objects.get(id), spool });
      }
    }
  }

  async #view(account: string): Promise<AccountView> {
    const { state } = this.#ports;
    const listed = new Map<string, ListedTransfer[]>();
    for await (const entry of state.listed(account))
      listed.set(entry.id, [...(listed.get(entry.id) ?? []), entry]);
    return { holdings: await state.holdings(account), listed };
  }

  async #facts(parts: FactParts): Promise<TransferFacts> {
    const { id, account, view, record, objects, spool } = parts;
    const metadataKey = objects?.metadataKey;
    return {
      id,
      account,
      record,
      held: view?.holdings.held.get(id),
      listed: view?.listed.get(id) ?? [],
      isListed: record === undefined || (await this.#isListed(record, view)),
      objects: objects?.sizes ?? new Map<string, number>(),
      metadataKey,
      metadata: needsMetadata(parts) ? await this.#metadata(metadataKey) : undefined,
      spool,
      isLive: this.#ports.isLive(id) || (await this.#isElsewhere(record)),
    };
  }

  async #isListed(record: TransferRecord, view: AccountView | undefined): Promise<boolean> {
    const entries = view?.listed.get(record.id) ?? [];
    const isInList = entries.some(({ createdAt }) => createdAt === record.createdAt);
    return isInList && !isOpen(record) ? true : this.#ports.state.isListed(record);
  }

  /** Open, and its node is alive: that one sees to it. Asked for each, since there are few of them. */
  async #isElsewhere(record: TransferRecord | undefined): Promise<boolean> {
    const { state, clock, node: own } = this.#ports;
    if (record === undefined || record.node === own || !isUnderWay(record)) return false;
    return (await state.nodes(clock.wallclock())).some(({ node }) => node === record.node);
  }

  async #metadata(key: string | undefined): Promise<Metadata | undefined> {
    return key === undefined ? undefined : readMetadata(this.#ports.objects, key);
  }
}

interface FolderParts {
  readonly views: ReadonlyMap<string, AccountView>;
  readonly objects: ReadonlyMap<string, TransferObjects>;
  readonly strays: Strays;
}

interface FactParts {
  readonly id: string;
  readonly account: string;
  readonly view: AccountView | undefined;
  readonly record: TransferRecord | undefined;
  readonly objects: TransferObjects | undefined;
  readonly spool: ListedSpool | undefined;
}

const isUnderWay = ({ ingest, delivery }: TransferRecord): boolean =>
  !isTerminal(ingest) || !isOver(delivery);

/** Whoever names a transfer, and in which account. */
function accountsOfTransfers(
  folder: string,
  { views, objects, strays }: FolderParts,
): Map<string, string> {
  const accounts = new Map<string, string>();
  for (const id of objects.keys()) accounts.set(id, folder);
  for (const [account, { holdings, listed }] of views)
    for (const id of [...holdings.held.keys(), ...listed.keys()]) accounts.set(id, account);
  const others = [...strays.spools.entries(), ...strays.unlisted.entries()];
  for (const [id, { account }] of others)
    if (safeSegment(account) === folder) accounts.set(id, account);
  return accounts;
}

/** Where the record alone does not tell. */
function needsMetadata({ record, objects, spool }: FactParts): boolean {
  if (record === undefined) return spool === undefined;
  if (!isTerminal(record.ingest)) return spool === undefined;
  const { object } = record;
  return object !== undefined && objects?.sizes.get(object.key) !== object.size;
}

/** Keys come in order, so all of a folder come together. */
async function* byFolder(
  listing: AsyncIterable<ListedObject>,
): AsyncIterable<readonly [string, readonly ListedObject[]]> {
  let folder: string | undefined;
  let objects: ListedObject[] = [];
  for await (const object of listing) {
    const [first = ''] = object.key.split('/', 1);
    if (folder !== undefined && first !== folder) {
      yield [folder, objects];
      objects = [];
    }
    folder = first;
    objects.push(object);
  }
  if (folder !== undefined) yield [folder, objects];
}

/** Keys that are none of ours, and the objects of transfers: account, transfer and name. */
function sorted(
  listed: readonly ListedObject[],
): readonly [readonly string[], Map<string, TransferObjects>] {
  const foreign: string[] = [];
  const transfers = new Map<string, TransferObjects>();
  for (const { key, size } of listed) {
    const [, transfer, name, ...more] = key.split('/');
    if (transfer === undefined || name === undefined || more.length > 0) {
      foreign.push(key);
      continue;
    }
    const of = transfers.get(transfer) ?? { sizes: new Map(), metadataKey: undefined };
    if (name === METADATA_NAME) of.metadataKey = key;
    else of.sizes.set(key, size);
    transfers.set(transfer, of);
  }
  return [foreign, transfers];
}
