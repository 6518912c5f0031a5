import type { Wallclock } from '../../src/base/units.ts';
import { cursorOf } from '../../src/state/transfer-page.ts';
import type { Mail } from '../../src/transfers/mail.ts';
import type { TransferRecord } from '../../src/transfers/record.ts';
import type {
  Prompt,
  RequestProgress,
  SpaceAnswer,
  Subscriber,
  TransferPage,
  TransferStore,
  Usage,
} from '../../src/transfers/store.ts';
import { Failures } from './failures.ts';

const OVER_INGEST = ['complete', 'partial', 'failed', 'cancelled', 'expired'];
const OVER_DELIVERY = ['delivered', 'left'];

/** The contract of `TransferStore` in a few maps. It may be told to fail. */
export class MemoryTransferStore implements TransferStore {
  readonly failures = new Failures();
  readonly subscribers = new Map<string, Subscriber>();
  /** Bytes by transfer, by account. */
  readonly held = new Map<string, Map<string, number>>();
  readonly prompts = new Map<string, Prompt>();
  readonly records = new Map<string, TransferRecord>();
  readonly mails: Mail[] = [];
  readonly requests = new Map<string, { answer: string | undefined }>();

  usedBy(account: string): number {
    let used = 0;
    for (const bytes of this.#holdings(account).values()) used += bytes;
    return used;
  }

  async subscriber(id: string): Promise<Subscriber | undefined> {
    await this.failures.before('subscriber');
    return this.subscribers.get(id);
  }

  async rehash(id: string, storagePassword: string): Promise<void> {
    await this.failures.before('rehash');
    const known = this.subscribers.get(id);
    if (known !== undefined) this.subscribers.set(id, { ...known, storagePassword });
  }

  async reserveSpace(account: string, transfer: string, bytes: number): Promise<SpaceAnswer> {
    await this.failures.before('reserveSpace');
    const holdings = this.#holdings(account);
    const ok = holdings.has(transfer) || bytes <= this.#free(account);
    if (ok && !holdings.has(transfer)) holdings.set(transfer, bytes);
    return { ok, free: this.#free(account) };
  }

  async resizeSpace(
    account: string,
    transfer: string,
    bytes: number,
    mode: 'reserve' | 'settle',
  ): Promise<SpaceAnswer> {
    await this.failures.before('resizeSpace');
    const growth = bytes - (this.#holdings(account).get(transfer) ?? 0);
    const ok = mode === 'settle' || growth <= 0 || growth <= this.#free(account);
    if (ok) this.#holdings(account).set(transfer, bytes);
    return { ok, free: this.#free(account) };
  }

  async releaseSpace(account: string, transfer: string): Promise<void> {
    await this.failures.before('releaseSpace');
    this.#holdings(account).delete(transfer);
  }

  async usage(account: string): Promise<Usage | undefined> {
    await this.failures.before('usage');
    const subscriber = this.subscribers.get(account);
    if (subscriber === undefined) return undefined;
    return { space: subscriber.space, used: this.usedBy(account), free: this.#free(account) };
  }

  async issuePrompt(prompt: Prompt): Promise<void> {
    await this.failures.before('issuePrompt');
    this.prompts.set(prompt.token, prompt);
  }

  async prompt(key: string): Promise<Prompt | undefined> {
    await this.failures.before('prompt');
    return [...this.prompts.values()].find(({ token, code }) => token === key || code === key);
  }

  async takePrompt(token: string): Promise<boolean> {
    await this.failures.before('takePrompt');
    const prompt = this.prompts.get(token);
    if (prompt === undefined || prompt.used) return false;
    this.prompts.set(token, { ...prompt, used: true });
    return true;
  }

  async putTransfer(record: TransferRecord, mail?: Mail): Promise<boolean> {
    await this.failures.before('putTransfer');
    if ((this.records.get(record.id)?.version ?? 0) !== record.version - 1) return false;
    this.records.set(record.id, record);
    if (mail !== undefined) this.mails.push(mail);
    return true;
  }

  async transfer(id: string): Promise<TransferRecord | undefined> {
    await this.failures.before('transfer');
    return this.records.get(id);
  }

  async transfersOf(
    account: string,
    { limit, cursor }: { limit: number; cursor?: string },
  ): Promise<TransferPage> {
    await this.failures.before('transfersOf');
    const records = [...this.records.values()].filter((record) => record.account === account);
    records.reverse();
    const start = records.findIndex((record) => cursorOf(record) === cursor) + 1;
    const transfers = records.slice(start, start + limit);
    const last = transfers.at(-1);
    const isMore = start + limit < records.length && last !== undefined;
    return isMore ? { transfers, cursor: cursorOf(last) } : { transfers };
  }

  async openTransfers(): Promise<readonly TransferRecord[]> {
    await this.failures.before('openTransfers');
    return [...this.records.values()].filter(
      ({ ingest, delivery, deletedAt }) =>
        !OVER_INGEST.includes(ingest) ||
        !OVER_DELIVERY.includes(delivery) ||
        deletedAt !== undefined,
    );
  }

  async removeTransfer(id: string): Promise<void> {
    await this.failures.before('removeTransfer');
    this.records.delete(id);
  }

  async beginRequest(party: string, id: string, _expiresAt: Wallclock): Promise<RequestProgress> {
    await this.failures.before('beginRequest');
    const key = JSON.stringify([party, id]);
    const known = this.requests.get(key);
    if (known?.answer !== undefined) return { state: 'answered', answer: known.answer };
    this.requests.set(key, { answer: undefined });
    return { state: known === undefined ? 'new' : 'pending' };
  }

  async finishRequest(party: string, id: string, answer: string): Promise<void> {
    await this.failures.before('finishRequest');
    this.requests.set(JSON.stringify([party, id]), { answer });
  }

  #holdings(account: string): Map<string, number> {
    const known = this.held.get(account) ?? new Map<string, number>();
    this.held.set(account, known);
    return known;
  }

  #free(account: string): number {
    return Math.max(0, (this.subscribers.get(account)?.space ?? 0) - this.usedBy(account));
  }
}
