import { setTimeout as wait } from 'node:timers/promises';
import type { Clock, Random } from '../base/clock.ts';
import type { Log } from '../base/log.ts';
import { wallclock, type Wallclock } from '../base/units.ts';
import type { ClaimedMail, Outbox } from '../state/outbox.ts';
import { httpPost } from './http-post.ts';
import { retryAfterMs, verdictOf, type Answer, type Verdict } from './schedule.ts';
import { signatureOf } from './signature.ts';

/** Requests at a time: of as many transfers, since those of one go in order. */
export const CONCURRENT_MAX = 4;
const REQUEST_MS_MAX = 10_000;
/** Of a claim: longer than a request and a verb of the state store may take, each. Then another node may try. */
const LEASE_MS = 30_000;
/** How often it is looked for mail, which any node and the command line may write. */
const LOOK_MS = 500;

export interface WebhookSettings {
  /** `http:` or `https:`. */
  readonly url: string;
  readonly secrets: readonly string[];
  readonly requestMs?: number;
}

export interface WebhookPorts {
  readonly outbox: Outbox;
  readonly clock: Pick<Clock, 'wallclock'>;
  readonly random: Random;
  readonly log: Log;
}

/** Since start; `waiting` and `kept` of all nodes. */
export interface WebhookCounts {
  readonly sent: number;
  /** Attempts; most are made again. */
  readonly failed: number;
  readonly dead: number;
  /** Transfers with mail. */
  readonly waiting: number;
  /** Given up, and kept for the operator. */
  readonly kept: number;
}

/** Takes mail out of the outbox and sends it, at least once, in order for each transfer. */
export class WebhookSender {
  readonly #settings: WebhookSettings;
  readonly #ports: WebhookPorts;
  readonly #closing = new AbortController();
  readonly #counts = { sent: 0, failed: 0, dead: 0 };
  /** Requests under way. */
  readonly #busy = new Set<Promise<void>>();
  readonly #running: Promise<void>;

  constructor(settings: WebhookSettings, ports: WebhookPorts) {
    this.#settings = settings;
    this.#ports = ports;
    this.#running = this.#run();
  }

  /** @throws MidcallError `storage-unavailable`. */
  async counts(): Promise<WebhookCounts> {
    const { outbox } = this.#ports;
    const [waiting, kept] = await Promise.all([outbox.mailWaiting(), outbox.deadMailCount()]);
    return { ...this.#counts, waiting, kept };
  }

  /** Cuts off what is under way; it is due again at once, here or on another node. Repeatable. */
  async close(): Promise<void> {
    this.#closing.abort();
    await this.#running;
    await Promise.all(this.#busy);
  }

  async #run(): Promise<void> {
    while (!this.#closing.signal.aborted) {
      const claimed = await this.#claim();
      for (const mail of claimed) this.#begin(mail);
      if (claimed.length === 0 || this.#busy.size >= CONCURRENT_MAX) await this.#rest();
    }
  }

  /** Until a request is over, and its place free; or, with places free, a while. */
  async #rest(): Promise<void> {
    const { signal } = this.#closing;
    const pause = wait(LOOK_MS, undefined, { signal, ref: false }).catch(() => {});
    await Promise.race([...this.#busy, ...(this.#busy.size < CONCURRENT_MAX ? [pause] : [])]);
  }

  async #claim(): Promise<readonly ClaimedMail[]> {
    const { outbox, log } = this.#ports;
    const now = this.#now();
    try {
      const free = CONCURRENT_MAX - this.#busy.size;
      return await outbox.claimMail(now, wallclock(now + LEASE_MS), free);
    } catch (cause) {
      log.warn('webhook.outbox-failed', { cause: String(cause) });
      return [];
    }
  }

  #begin(claimed: ClaimedMail): void {
    const { log } = this.#ports;
    const work = this.#send(claimed)
      .catch((cause: unknown) => {
        // The claim ends by itself, and it is sent once more.
        log.warn('webhook.outbox-failed', { cause: String(cause) });
      })
      .finally(() => this.#busy.delete(work));
    this.#busy.add(work);
  }

  async #send(claimed: ClaimedMail): Promise<void> {
    const { outbox } = this.#ports;
    const answer = await this.#post(claimed);
    const now = this.#now();
    const isCutOff = this.#closing.signal.aborted && 'failure' in answer;
    if (isCutOff) return outbox.postponeMail(claimed, now);
    const verdict = verdictOf(answer, now - claimed.mail.writtenAt);
    this.#note(verdict, claimed, answer);
    switch (verdict) {
      case 'done':
        return outbox.settleMail(claimed, now);
      case 'again':
        return outbox.postponeMail(claimed, wallclock(now + this.#retryMs(claimed.attempt)));
      case 'dead':
        return outbox.buryMail(claimed, causeOf(answer), now);
    }
  }

  #post({ mail }: ClaimedMail): Promise<Answer> {
    const { url, secrets, requestMs = REQUEST_MS_MAX } = this.#settings;
    const seconds = Math.floor(this.#now() / 1_000);
    return httpPost({
      url,
      headers: {
        'content-type': 'application/json',
        'user-agent': 'midcall',
        'midcall-event-id': mail.id,
        'midcall-signature': signatureOf(secrets, mail.body, seconds),
      },
      body: mail.body,
      signal: AbortSignal.any([this.#closing.signal, AbortSignal.timeout(requestMs)]),
    });
  }

  #note(verdict: Verdict, { mail, transfer, attempt }: ClaimedMail, answer: Answer): void {
    const { log } = this.#ports;
    const facts = { event: mail.id, transfer, attempt, ...answer };
    switch (verdict) {
      case 'done':
        this.#counts.sent += 1;
        log.info('webhook.sent', facts);
        break;
      case 'again':
        this.#counts.failed += 1;
        log.warn('webhook.failed', facts);
        break;
      case 'dead':
        this.#counts.dead += 1;
        log.error('webhook.dead', facts);
    }
  }

  #retryMs(attempt: number): number {
    const [byte = 0] = this.#ports.random.bytes(1);
    return retryAfterMs(attempt, byte / 255);
  }

  #now(): Wallclock {
    return this.#ports.clock.wallclock();
  }
}

const causeOf = (answer: Answer): string =>
  'status' in answer ? `status ${answer.status}` : answer.failure;
