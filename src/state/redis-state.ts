import assert from 'node:assert';
import type { Clock } from '../base/clock.ts';
import { MidcallError } from '../base/errors.ts';
import { hasCode } from '../base/node-error.ts';
import type { Wallclock } from '../base/units.ts';
import type { Mail } from '../transfers/mail.ts';
import type { TransferRecord } from '../transfers/record.ts';
import { freeSpace } from '../transfers/space.ts';
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
  allRecords,
  holdingsOf,
  isRecordListed,
  listedOf,
  relistRecord,
} from './redis-audit.ts';
import { addBinding, liveBindings } from './redis-bindings.ts';
import type { RedisAddress } from './redis-address.ts';
import { redisClient, type RedisClient } from './redis-client.ts';
import { parseSubscriber } from './redis-json.ts';
import {
  accountKey,
  bindingsKey,
  heldKey,
  promptKey,
  requestKey,
  SUBSCRIBERS_KEY,
  transfersKey,
} from './redis-keys.ts';
import { buryFirst, deadCount, deadLetters, dropDead, reviveDead } from './redis-dead-mail.ts';
import { claimDue, mailCount, postponeFirst, settleFirst } from './redis-mail.ts';
import { dropName, keepName, liveNodes, takeName } from './redis-nodes.ts';
import type { ClaimedMail, DeadMail } from './outbox.ts';
import { addPlace, dropPlace, livePlaces } from './redis-places.ts';
import { addPrompt, findPrompt } from './redis-prompts.ts';
import {
  findRecord,
  memberOf,
  openRecords,
  pageOf,
  putRecord,
  removeRecord,
} from './redis-transfers.ts';
import type {
  Binding,
  CallPlace,
  Holdings,
  ListedTransfer,
  NodeLease,
  StateStore,
} from './state-store.ts';

/** For a whole verb: a server may be there and not answer. The library's own timer would outlive the answer. */
const ANSWER_MS_MAX = 5_000;

type SpaceMode = 'reserve' | 'resize' | 'settle' | 'release';

/**
 * The state store for several nodes: Redis. Each verb is atomic by one script or one command; what spans entities is
 * ordered so that a crash in between leaves too much in an index, never too little.
 */
export class RedisState implements StateStore {
  readonly #redis: RedisClient;
  readonly #clock: Pick<Clock, 'wallclock'>;

  private constructor(redis: RedisClient, clock: Pick<Clock, 'wallclock'>) {
    this.#redis = redis;
    this.#clock = clock;
  }

  /** @throws MidcallError `storage-unavailable` when it does not answer. */
  static async open(address: RedisAddress, clock: Pick<Clock, 'wallclock'>): Promise<RedisState> {
    const redis = redisClient(address);
    const store = new RedisState(redis, clock);
    try {
      await store.#run(() => redis.ping());
      return store;
    } catch (error) {
      redis.disconnect();
      throw error;
    }
  }

  subscriber(id: string): Promise<Subscriber | undefined> {
    return this.#run(async () => {
      const fields = await this.#redis.hmget(accountKey(id), 'subscriber', 'storagePassword');
      const [text, storagePassword] = fields;
      if (typeof text !== 'string' || typeof storagePassword !== 'string') return undefined;
      return { ...parseSubscriber(text), storagePassword };
    });
  }

  subscribers(): Promise<readonly Subscriber[]> {
    return this.#run(async () => {
      const ids = await this.#redis.smembers(SUBSCRIBERS_KEY);
      const found = await Promise.all(ids.toSorted().map((id) => this.subscriber(id)));
      return found.filter((subscriber) => subscriber !== undefined);
    });
  }

  addSubscriber(subscriber: Subscriber): Promise<boolean> {
    const { id, storagePassword, space } = subscriber;
    const text = JSON.stringify(subscriber);
    return this.#run(async () => {
      await this.#redis.sadd(SUBSCRIBERS_KEY, id);
      const key = accountKey(id);
      return (await this.#redis.midcallAddSubscriber(key, text, storagePassword, space)) === 1;
    });
  }

  /** The list keeps the id: taking it out could undo an `addSubscriber` of the same moment. */
  removeSubscriber(id: string): Promise<boolean> {
    return this.#run(
      async () =>
        (await this.#redis.midcallRemoveSubscriber(accountKey(id), bindingsKey(id))) === 1,
    );
  }

  async rehash(id: string, storagePassword: string): Promise<void> {
    await this.#run(() => this.#redis.midcallRehash(accountKey(id), storagePassword));
  }

  reserveSpace(account: string, transfer: string, bytes: number): Promise<SpaceAnswer> {
    return this.#space(account, transfer, { mode: 'reserve', bytes });
  }

  resizeSpace(
    account: string,
    transfer: string,
    bytes: number,
    mode: 'reserve' | 'settle',
  ): Promise<SpaceAnswer> {
    return this.#space(account, transfer, { mode: mode === 'settle' ? mode : 'resize', bytes });
  }

  async releaseSpace(account: string, transfer: string): Promise<void> {
    await this.#space(account, transfer, { mode: 'release', bytes: 0 });
  }

  usage(account: string): Promise<Usage | undefined> {
    return this.#run(async () => {
      const [space, used] = await this.#redis.hmget(accountKey(account), 'space', 'used');
      if (typeof space !== 'string') return undefined;
      const bytes = { space: Number(space), used: Number(used ?? 0) };
      return { ...bytes, free: freeSpace(bytes.space, bytes.used) };
    });
  }

  /** @throws MidcallError `busy` when a live prompt has the same code: there are 2^40, so try another. */
  async issuePrompt(prompt: Prompt): Promise<void> {
    const added = await this.#run(() => addPrompt(this.#redis, prompt, this.#now()));
    if (!added) throw new MidcallError('busy', 'the code of this prompt is in use');
  }

  prompt(key: string): Promise<Prompt | undefined> {
    return this.#run(() => findPrompt(this.#redis, key, this.#now()));
  }

  takePrompt(token: string): Promise<boolean> {
    return this.#run(async () => (await this.#redis.midcallTakePrompt(promptKey(token))) === 1);
  }

  putTransfer(record: TransferRecord, mail?: Mail): Promise<boolean> {
    return this.#run(() => putRecord(this.#redis, record, mail));
  }

  transfer(id: string): Promise<TransferRecord | undefined> {
    return this.#run(() => findRecord(this.#redis, id));
  }

  transfersOf(account: string, page: { limit: number; cursor?: string }): Promise<TransferPage> {
    return this.#run(() => pageOf(this.#redis, account, page));
  }

  openTransfers(): Promise<readonly TransferRecord[]> {
    return this.#run(() => openRecords(this.#redis));
  }

  removeTransfer(id: string): Promise<void> {
    return this.#run(() => removeRecord(this.#redis, id));
  }

  claimMail(now: Wallclock, until: Wallclock, max: number): Promise<readonly ClaimedMail[]> {
    return this.#run(() => claimDue(this.#redis, now, until, max));
  }

  settleMail(claimed: ClaimedMail, now: Wallclock): Promise<void> {
    return this.#run(() => settleFirst(this.#redis, claimed, now));
  }

  postponeMail(claimed: ClaimedMail, at: Wallclock): Promise<void> {
    return this.#run(() => postponeFirst(this.#redis, claimed, at));
  }

  mailWaiting(): Promise<number> {
    return this.#run(() => mailCount(this.#redis));
  }

  buryMail(claimed: ClaimedMail, cause: string, now: Wallclock): Promise<void> {
    const { transfer, mail } = claimed;
    return this.#run(() => buryFirst(this.#redis, claimed, { transfer, mail, at: now, cause }));
  }

  deadMail(): Promise<readonly DeadMail[]> {
    return this.#run(() => deadLetters(this.#redis));
  }

  deadMailCount(): Promise<number> {
    return this.#run(() => deadCount(this.#redis));
  }

  reviveMail(id: string, now: Wallclock): Promise<boolean> {
    return this.#run(() => reviveDead(this.#redis, id, now));
  }

  dropDeadMail(id: string): Promise<boolean> {
    return this.#run(() => dropDead(this.#redis, id));
  }

  beginRequest(party: string, id: string, expiresAt: Wallclock): Promise<RequestProgress> {
    return this.#run(async () => {
      const key = requestKey(party, id);
      const answer = await this.#redis.midcallBeginRequest(key, this.#now(), expiresAt);
      if (answer === null) return { state: 'new' };
      return answer === '' ? { state: 'pending' } : { state: 'answered', answer };
    });
  }

  async finishRequest(party: string, id: string, answer: string): Promise<void> {
    await this.#run(() => this.#redis.midcallFinishRequest(requestKey(party, id), answer));
  }

  putBinding(subscriber: string, binding: Binding): Promise<void> {
    return this.#run(() => addBinding(this.#redis, subscriber, binding, this.#now()));
  }

  async removeBinding(subscriber: string, contact: string): Promise<void> {
    await this.#run(() => this.#redis.hdel(bindingsKey(subscriber), contact));
  }

  bindings(subscriber: string, now: Wallclock): Promise<readonly Binding[]> {
    return this.#run(() => liveBindings(this.#redis, subscriber, now));
  }

  holdNode(node: Omit<NodeLease, 'fence'>): Promise<NodeLease | undefined> {
    return this.#run(() => takeName(this.#redis, node, this.#now()));
  }

  renewNode(lease: NodeLease): Promise<boolean> {
    return this.#run(() => keepName(this.#redis, lease));
  }

  releaseNode(lease: NodeLease): Promise<void> {
    return this.#run(() => dropName(this.#redis, lease));
  }

  nodes(now: Wallclock): Promise<readonly NodeLease[]> {
    return this.#run(() => liveNodes(this.#redis, now));
  }

  putPlace(number: string, place: CallPlace): Promise<void> {
    return this.#run(() => addPlace(this.#redis, number, place, this.#now()));
  }

  removePlace(number: string, place: CallPlace): Promise<void> {
    return this.#run(() => dropPlace(this.#redis, number, place));
  }

  places(number: string, now: Wallclock): Promise<readonly CallPlace[]> {
    return this.#run(() => livePlaces(this.#redis, number, now));
  }

  accounts(): AsyncIterable<string> {
    return accountNames(this.#redis, (work) => this.#run(work));
  }

  records(): AsyncIterable<TransferRecord> {
    return allRecords(this.#redis, (work) => this.#run(work));
  }

  holdings(account: string): Promise<Holdings> {
    return this.#run(() => holdingsOf(this.#redis, account));
  }

  listed(account: string): AsyncIterable<ListedTransfer> {
    return listedOf(this.#redis, account, (work) => this.#run(work));
  }

  isListed(record: TransferRecord): Promise<boolean> {
    return this.#run(() => isRecordListed(this.#redis, record));
  }

  relist(record: TransferRecord): Promise<void> {
    return this.#run(() => relistRecord(this.#redis, record));
  }

  async unlist(account: string, listed: ListedTransfer): Promise<void> {
    await this.#run(() => this.#redis.zrem(transfersKey(account), memberOf(listed)));
  }

  async recountSpace(account: string): Promise<void> {
    await this.#run(() => this.#redis.midcallRecount(accountKey(account), heldKey(account)));
  }

  /** Waits for what is under way. Repeatable. */
  async close(): Promise<void> {
    if (this.#redis.status === 'end') return;
    await this.#redis.quit().catch(() => this.#redis.disconnect());
  }

  #space(
    account: string,
    transfer: string,
    { mode, bytes }: { readonly mode: SpaceMode; readonly bytes: number },
  ): Promise<SpaceAnswer> {
    return this.#run(async () => {
      assert(Number.isSafeInteger(bytes) && bytes >= 0, 'a count of bytes');
      const keys = [accountKey(account), heldKey(account)] as const;
      const [ok, free] = await this.#redis.midcallSpace(...keys, transfer, mode, bytes);
      return { ok: ok === 1, free: Number(free) };
    });
  }

  #now(): Wallclock {
    return this.#clock.wallclock();
  }

  async #run<T>(work: () => Promise<T>): Promise<T> {
    try {
      return await inTime(work());
    } catch (cause) {
      if (cause instanceof MidcallError || hasCode(cause, 'ERR_ASSERTION')) throw cause;
      throw new MidcallError('storage-unavailable', 'the state store failed', { cause });
    }
  }
}

async function inTime<T>(work: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error('no answer')), ANSWER_MS_MAX);
  });
  try {
    return await Promise.race([work, late]);
  } finally {
    clearTimeout(timer);
  }
}
