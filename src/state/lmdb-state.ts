import type { Clock } from '../base/clock.ts';
import { MidcallError } from '../base/errors.ts';
import { hasCode } from '../base/node-error.ts';
import type { Wallclock } from '../base/units.ts';
import type { Mail } from '../transfers/mail.ts';
import type { TransferRecord } from '../transfers/record.ts';
import { release, reserve, resize } from '../transfers/space.ts';
import type {
  Prompt,
  RequestProgress,
  SpaceAnswer,
  Subscriber,
  TransferPage,
  Usage,
} from '../transfers/store.ts';
import {
  accountNames,
  holdingsOf,
  isRecordListed,
  listedAfter,
  recordsAfter,
  recount,
  relistRecord,
} from './lmdb-audit.ts';
import { addBinding, dropBinding, dropBindings, liveBindings } from './lmdb-bindings.ts';
import { buryFirst, deadCount, deadLetters, dropDead, reviveDead } from './lmdb-dead-mail.ts';
import { boxCount, claimDue, isMailDue, postponeFirst, settleFirst } from './lmdb-mail.ts';
import { dropName, keepName, liveNodes, takeName } from './lmdb-nodes.ts';
import { addPlace, dropPlace, livePlaces } from './lmdb-places.ts';
import { addPrompt, findPrompt, usePrompt } from './lmdb-prompts.ts';
import { answerRequest, startRequest } from './lmdb-requests.ts';
import { changeSpace, usageOf } from './lmdb-space.ts';
import { openTables, type LmdbTables } from './lmdb-tables.ts';
import type { ClaimedMail, DeadMail } from './outbox.ts';
import { indexKey, openRecords, pageOf, putRecord, removeRecord } from './lmdb-transfers.ts';
import type {
  Binding,
  CallPlace,
  Holdings,
  ListedTransfer,
  NodeLease,
  StateStore,
} from './state-store.ts';

/**
 * The embedded state store: one lmdb file on a local disk. Each verb that writes is one transaction, durable when its
 * promise resolves. lmdb lets one transaction write at a time, also between processes, so the server and the command
 * line may use the same folder.
 */
export class LmdbState implements StateStore {
  readonly #tables: LmdbTables;
  readonly #clock: Pick<Clock, 'wallclock'>;
  #closed: Promise<void> | undefined;

  private constructor(tables: LmdbTables, clock: Pick<Clock, 'wallclock'>) {
    this.#tables = tables;
    this.#clock = clock;
  }

  /** @throws MidcallError `storage-unavailable` when the folder can't be used. */
  static open(folder: string, clock: Pick<Clock, 'wallclock'>): LmdbState {
    try {
      return new LmdbState(openTables(folder), clock);
    } catch (cause) {
      throw unavailable(cause);
    }
  }

  subscriber(id: string): Promise<Subscriber | undefined> {
    return this.#read((tables) => tables.subscribers.get(id));
  }

  subscribers(): Promise<readonly Subscriber[]> {
    return this.#read((tables) => Array.from(tables.subscribers.getRange(), ({ value }) => value));
  }

  addSubscriber(subscriber: Subscriber): Promise<boolean> {
    return this.#write(({ subscribers }) => {
      if (subscribers.doesExist(subscriber.id)) return false;
      void subscribers.put(subscriber.id, subscriber);
      return true;
    });
  }

  removeSubscriber(id: string): Promise<boolean> {
    return this.#write((tables) => {
      if (!tables.subscribers.doesExist(id)) return false;
      dropBindings(tables, id);
      void tables.subscribers.remove(id);
      return true;
    });
  }

  rehash(id: string, storagePassword: string): Promise<void> {
    return this.#write(({ subscribers }) => {
      const found = subscribers.get(id);
      if (found !== undefined) void subscribers.put(id, { ...found, storagePassword });
    });
  }

  reserveSpace(account: string, transfer: string, bytes: number): Promise<SpaceAnswer> {
    return this.#write((tables) =>
      changeSpace(tables, account, transfer, (holding) => reserve(holding, bytes)),
    );
  }

  resizeSpace(
    account: string,
    transfer: string,
    bytes: number,
    mode: 'reserve' | 'settle',
  ): Promise<SpaceAnswer> {
    return this.#write((tables) =>
      changeSpace(tables, account, transfer, (holding) => resize(holding, bytes, mode)),
    );
  }

  async releaseSpace(account: string, transfer: string): Promise<void> {
    await this.#write((tables) => changeSpace(tables, account, transfer, release));
  }

  usage(account: string): Promise<Usage | undefined> {
    return this.#read((tables) => usageOf(tables, account));
  }

  /** @throws MidcallError `busy` when a live prompt has the same code: there are 2^40, so try another. */
  async issuePrompt(prompt: Prompt): Promise<void> {
    const added = await this.#write((tables) => addPrompt(tables, prompt, this.#now()));
    if (!added) throw new MidcallError('busy', 'the code of this prompt is in use');
  }

  prompt(key: string): Promise<Prompt | undefined> {
    return this.#read((tables) => findPrompt(tables, key));
  }

  takePrompt(token: string): Promise<boolean> {
    return this.#write((tables) => usePrompt(tables, token));
  }

  putTransfer(record: TransferRecord, mail?: Mail): Promise<boolean> {
    return this.#write((tables) => putRecord(tables, record, mail));
  }

  transfer(id: string): Promise<TransferRecord | undefined> {
    return this.#read((tables) => tables.transfers.get(id));
  }

  transfersOf(account: string, page: { limit: number; cursor?: string }): Promise<TransferPage> {
    return this.#read((tables) => pageOf(tables, account, page));
  }

  openTransfers(): Promise<readonly TransferRecord[]> {
    return this.#read(openRecords);
  }

  removeTransfer(id: string): Promise<void> {
    return this.#write((tables) => removeRecord(tables, id));
  }

  /** Looks first: a transaction that writes is for something. */
  async claimMail(now: Wallclock, until: Wallclock, max: number): Promise<readonly ClaimedMail[]> {
    const isDue = await this.#read((tables) => isMailDue(tables, now));
    return isDue ? this.#write((tables) => claimDue(tables, now, until, max)) : [];
  }

  settleMail(claimed: ClaimedMail, now: Wallclock): Promise<void> {
    return this.#write((tables) => settleFirst(tables, claimed, now));
  }

  postponeMail(claimed: ClaimedMail, at: Wallclock): Promise<void> {
    return this.#write((tables) => postponeFirst(tables, claimed, at));
  }

  mailWaiting(): Promise<number> {
    return this.#read(boxCount);
  }

  buryMail(claimed: ClaimedMail, cause: string, now: Wallclock): Promise<void> {
    const { transfer, mail } = claimed;
    return this.#write((tables) => buryFirst(tables, claimed, { transfer, mail, at: now, cause }));
  }

  deadMail(): Promise<readonly DeadMail[]> {
    return this.#read(deadLetters);
  }

  deadMailCount(): Promise<number> {
    return this.#read(deadCount);
  }

  reviveMail(id: string, now: Wallclock): Promise<boolean> {
    return this.#write((tables) => reviveDead(tables, id, now));
  }

  dropDeadMail(id: string): Promise<boolean> {
    return this.#write((tables) => dropDead(tables, id));
  }

  beginRequest(party: string, id: string, expiresAt: Wallclock): Promise<RequestProgress> {
    return this.#write((tables) => startRequest(tables, { party, id, expiresAt }, this.#now()));
  }

  finishRequest(party: string, id: string, answer: string): Promise<void> {
    return this.#write((tables) => answerRequest(tables, { party, id }, answer));
  }

  putBinding(subscriber: string, binding: Binding): Promise<void> {
    return this.#write((tables) => addBinding(tables, subscriber, binding, this.#now()));
  }

  removeBinding(subscriber: string, contact: string): Promise<void> {
    return this.#write((tables) => dropBinding(tables, subscriber, contact));
  }

  bindings(subscriber: string, now: Wallclock): Promise<readonly Binding[]> {
    return this.#read((tables) => liveBindings(tables, subscriber, now));
  }

  holdNode(node: Omit<NodeLease, 'fence'>): Promise<NodeLease | undefined> {
    return this.#write((tables) => takeName(tables, node, this.#now()));
  }

  renewNode(lease: NodeLease): Promise<boolean> {
    return this.#write((tables) => keepName(tables, lease));
  }

  releaseNode(lease: NodeLease): Promise<void> {
    return this.#write((tables) => dropName(tables, lease));
  }

  nodes(now: Wallclock): Promise<readonly NodeLease[]> {
    return this.#read((tables) => liveNodes(tables, now));
  }

  putPlace(number: string, place: CallPlace): Promise<void> {
    return this.#write((tables) => addPlace(tables, number, place, this.#now()));
  }

  removePlace(number: string, place: CallPlace): Promise<void> {
    return this.#write((tables) => dropPlace(tables, number, place));
  }

  places(number: string, now: Wallclock): Promise<readonly CallPlace[]> {
    return this.#read((tables) => livePlaces(tables, number, now));
  }

  async *accounts(): AsyncIterable<string> {
    yield* await this.#read((tables) => [...accountNames(tables)]);
  }

  async *records(): AsyncIterable<TransferRecord> {
    for (let after = ''; ;) {
      const page = await this.#read((tables) => recordsAfter(tables, after));
      yield* page;
      const last = page.at(-1);
      if (last === undefined) return;
      after = last.id;
    }
  }

  holdings(account: string): Promise<Holdings> {
    return this.#read((tables) => holdingsOf(tables, account));
  }

  async *listed(account: string): AsyncIterable<ListedTransfer> {
    for (let after: ListedTransfer | undefined; ;) {
      const page = await this.#read((tables) => listedAfter(tables, account, after));
      yield* page;
      after = page.at(-1);
      if (after === undefined) return;
    }
  }

  isListed(record: TransferRecord): Promise<boolean> {
    return this.#read((tables) => isRecordListed(tables, record));
  }

  relist(record: TransferRecord): Promise<void> {
    return this.#write((tables) => relistRecord(tables, record));
  }

  unlist(account: string, listed: ListedTransfer): Promise<void> {
    return this.#write(({ accounts }) => void accounts.remove(indexKey({ account, ...listed })));
  }

  recountSpace(account: string): Promise<void> {
    return this.#write((tables) => recount(tables, account));
  }

  /** Repeatable. */
  close(): Promise<void> {
    this.#closed ??= this.#tables.root.close();
    return this.#closed;
  }

  #now(): Wallclock {
    return this.#clock.wallclock();
  }

  /**
   * One transaction. `work` looks before it changes anything: what it did before throwing would stay. Inside, writes are
   * done when they return, and their promises say nothing more.
   */
  async #write<T>(work: (tables: LmdbTables) => T): Promise<T> {
    return this.#guard(() => this.#tables.root.transaction(() => work(this.#tables)));
  }

  async #read<T>(work: (tables: LmdbTables) => T): Promise<T> {
    return this.#guard(() => work(this.#tables));
  }

  async #guard<T>(work: () => T | Promise<T>): Promise<T> {
    if (this.#closed !== undefined) throw unavailable(new Error('closed'));
    try {
      return await work();
    } catch (cause) {
      throw isOurs(cause) ? cause : unavailable(cause);
    }
  }
}

/** A refusal, or a bug of ours: not the store's fault. */
const isOurs = (cause: unknown): boolean =>
  cause instanceof MidcallError || hasCode(cause, 'ERR_ASSERTION');

const unavailable = (cause: unknown): MidcallError =>
  new MidcallError('storage-unavailable', 'the state store failed', { cause });
