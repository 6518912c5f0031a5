import { randomHex } from '../base/clock.ts';
import type { Random } from '../base/clock.ts';
import { answerChallenge } from './digest-answer.ts';
import type { Destination, Target } from './directory.ts';
import { Refusal } from './sip-application.ts';
import type { Answered, Invitation, SipApplication, SipResponse } from './sip-application.ts';
import { headerOf, sentHeader } from './sip-messages.ts';
import type { Hop } from './trunks/trunk.ts';

/** A next hop that says nothing for this long, not even 100, is passed over. RFC 3261 timer B (32 s) is past patience. */
export const HOP_SILENCE_MS = 4_000;
/** RFC 3261 §16.6: timer C is more than three minutes. After that nobody comes to the phone. */
export const RING_MS = 185_000;
const CNONCE_BYTES = 8;

/** Each challenge header, and the one that answers it. */
const CHALLENGES = { 401: 'WWW-Authenticate', 407: 'Proxy-Authenticate' } as const;
const CREDENTIALS = { 401: 'Authorization', 407: 'Proxy-Authorization' } as const;

export interface RingingPorts {
  readonly application: Pick<SipApplication, 'invite'>;
  readonly random: Random;
  /** What a next hop answered; undefined when it did not in time. */
  readonly report: (hop: Hop, status: number | undefined) => void;
}

export interface RingingOptions {
  readonly offer: string;
  /** For every INVITE, besides what says who calls whom. */
  readonly headers: Readonly<Record<string, string>>;
  /** Every 1xx past 100. */
  readonly provisional: (response: SipResponse) => void;
}

export interface Winner {
  readonly target: Target;
  readonly answered: Answered;
}

/**
 * Looks for somebody who answers. All phones of a subscriber ring together, and the first to answer has the call (RFC 3261 §16.7);
 * the ways out through trunks are tried one after another, the next one only when the one before is out of order. Whoever is not
 * needed any more is cancelled, and hung up when it answers all the same.
 */
export class Ringing {
  readonly #ports: RingingPorts;
  readonly #options: RingingOptions;
  readonly #out = new Set<Invitation>();
  #isOver = false;

  constructor(ports: RingingPorts, options: RingingOptions) {
    this.#ports = ports;
    this.#options = options;
  }

  /** @throws Refusal, the best of those that came. */
  async find({ kind, targets }: Destination): Promise<Winner> {
    try {
      return await (kind === 'phones' ? this.#together(targets) : this.#inTurn(targets));
    } finally {
      this.stop();
    }
  }

  /** Cancels whatever rings. Repeatable. */
  stop(): void {
    this.#isOver = true;
    for (const invitation of this.#out) invitation.cancel();
  }

  #together(targets: readonly Target[]): Promise<Winner> {
    return new Promise((resolve, reject) => {
      const refusals: Refusal[] = [];
      const refused = (cause: unknown): void => {
        const refusal = asRefusal(cause);
        refusals.push(refusal);
        // 6xx speaks for all phones (RFC 3261 §16.7 step 5).
        if (refusal.status >= 600) this.stop();
        if (refusals.length === targets.length || refusal.status >= 600) reject(bestOf(refusals));
      };
      for (const target of targets)
        this.#ring(target).then((answered) => {
          // Two may answer in one turn.
          if (this.#isOver) return refused(hungUp(answered));
          resolve({ target, answered });
          this.stop();
        }, refused);
    });
  }

  async #inTurn(targets: readonly Target[]): Promise<Winner> {
    const refusals: Refusal[] = [];
    for (const target of targets) {
      if (this.#isOver) break;
      try {
        return { target, answered: await this.#ring(target) };
      } catch (cause) {
        const refusal = asRefusal(cause);
        if (!FAILOVER.has(refusal.status)) throw refusal;
        refusals.push(refusal);
      }
    }
    const best = bestOf(refusals);
    // "We are all overloaded" is not for a phone to hear: it would leave us alone for a while (RFC 3261 §16.7 step 6).
    throw best.status === 503 ? new Refusal(500) : best;
  }

  /** One target, with a second try when it wants to know who we are. */
  async #ring(target: Target): Promise<Answered> {
    try {
      return await this.#invite(target, {}).catch((cause: unknown) => {
        const credentials = this.#credentials(target, asRefusal(cause));
        if (credentials === undefined) throw cause;
        return this.#invite(target, credentials);
      });
    } catch (cause) {
      throw withoutChallenge(asRefusal(cause));
    }
  }

  async #invite(target: Target, credentials: Readonly<Record<string, string>>): Promise<Answered> {
    if (this.#isOver) throw new Refusal(487);
    const { application, report } = this.#ports;
    const { offer, headers, provisional } = this.#options;
    const patience = new Patience(target.way === undefined ? RING_MS : HOP_SILENCE_MS);
    const { uri, proxy } = target;
    const all = { ...headers, ...target.headers, ...credentials };
    const invitation = application.invite({ uri, proxy, headers: all, offer }, (response) => {
      patience.renew();
      if (response.status > 100 && !this.#isOver) provisional(response);
    });
    this.#out.add(invitation);
    const hop = target.way?.hop;
    try {
      const answered = await patience.until(invitation);
      if (hop) report(hop, 200);
      return this.#claimed(answered);
    } catch (cause) {
      if (hop && !this.#isOver) report(hop, asRefusal(cause).status);
      throw cause;
    } finally {
      this.#out.delete(invitation);
    }
  }

  #claimed(answered: Answered): Answered {
    if (this.#isOver) throw hungUp(answered);
    return answered;
  }

  /** RFC 3261 §22.2: the same request once more, with the next CSeq. */
  #credentials(
    { uri, way }: Target,
    { status, response }: Refusal,
  ): Record<string, string> | undefined {
    const account = way?.trunk.outboundDigest;
    if (account === undefined || response === undefined || !isChallenge(status)) return undefined;
    const challenge = headerOf(response, CHALLENGES[status]);
    if (challenge === undefined) return undefined;
    const cnonce = randomHex(this.#ports.random, CNONCE_BYTES);
    const request = { method: 'INVITE', uri };
    const answer = answerChallenge(challenge, account, request, cnonce);
    if (answer === undefined) return undefined;
    const sequence = Number.parseInt(sentHeader(response, 'CSeq'), 10) + 1;
    const sent = {
      'Call-ID': sentHeader(response, 'Call-ID'),
      From: sentHeader(response, 'From'),
      CSeq: `${sequence} INVITE`,
    };
    return { ...(Number.isSafeInteger(sequence) ? sent : {}), [CREDENTIALS[status]]: answer };
  }
}

/** Somebody answered whom nobody waits for any more. */
function hungUp(answered: Answered): Refusal {
  answered.drop();
  return new Refusal(487);
}

/** Whoever answers like this is out of order; another way may do. */
const FAILOVER: ReadonlySet<number> = new Set([408, 503]);

const isChallenge = (status: number): status is 401 | 407 => status === 401 || status === 407;

/** A challenge to us is not for the caller to answer: it would send its secrets' digest to a stranger. */
const withoutChallenge = (refusal: Refusal): Refusal =>
  isChallenge(refusal.status) ? new Refusal(403) : refusal;

const asRefusal = (cause: unknown): Refusal =>
  cause instanceof Refusal ? cause : new Refusal(500);

/** Answers that tell a caller how to go on, before those of their class that do not (RFC 3261 §16.7 step 6). */
const TELLING: ReadonlySet<number> = new Set([415, 420, 484]);

/** The refusal that speaks for all: 6xx first, then the lowest class, and in it the one that came first. */
export function bestOf(refusals: readonly Refusal[]): Refusal {
  const rank = ({ status }: Refusal): number =>
    (status >= 600 ? 0 : Math.floor(status / 100)) - (TELLING.has(status) ? 0.5 : 0);
  const [best] = refusals.toSorted((a, b) => rank(a) - rank(b));
  return best ?? new Refusal(487);
}

/** How long an INVITE may go without a word: until the first 1xx, and then until somebody takes the call. */
class Patience {
  readonly #firstMs: number;
  #timer: NodeJS.Timeout | undefined;
  #expire: () => void = () => {};
  #isRenewed = false;

  constructor(firstMs: number) {
    this.#firstMs = firstMs;
  }

  renew(): void {
    if (this.#isRenewed) return;
    this.#isRenewed = true;
    this.#start(RING_MS);
  }

  /** @throws Refusal 408 when it is over; the INVITE is cancelled, and an answer that still comes is hung up. */
  until(invitation: Invitation): Promise<Answered> {
    return new Promise((resolve, reject) => {
      let isExpired = false;
      this.#expire = () => {
        isExpired = true;
        invitation.cancel();
        reject(new Refusal(408));
      };
      this.#start(this.#firstMs);
      invitation.answered
        .then((answered) => (isExpired ? answered.drop() : resolve(answered)), reject)
        .finally(() => clearTimeout(this.#timer));
    });
  }

  #start(ms: number): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#expire(), ms);
    this.#timer.unref();
  }
}
