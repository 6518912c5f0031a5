import { randomUUID } from 'node:crypto';
import type { PhoneAgent } from './user-agent.ts';
import type { SipAnswer } from './sip-answer.ts';

/** A binding is refreshed when this share of its life is over. */
const REFRESH_SHARE = 0.8;

/**
 * The phone's binding at its registrar (RFC 3261 §10). Written on sip.js's core, since its `Registerer` never settles when
 * it can't find itself among the contacts of the answer.
 */
export class Registration {
  readonly #agent: PhoneAgent;
  /** All REGISTERs of a phone share a Call-ID (§10.2.4). */
  readonly #callId = randomUUID();
  #cseq = 0;
  #refresh: NodeJS.Timeout | undefined;

  constructor(agent: PhoneAgent) {
    this.#agent = agent;
  }

  /** @param expires seconds; 0 removes the binding. */
  async register(expires: number): Promise<SipAnswer> {
    this.stop();
    // A challenge takes one number of its own.
    this.#cseq += 2;
    const { contact } = this.#agent.agent;
    const answer = await this.#agent.request({
      method: 'REGISTER',
      to: this.#agent.aor,
      requestUri: this.#agent.registrar(),
      callId: this.#callId,
      cseq: this.#cseq,
      headers: [`Contact: ${contact.toString({ register: true })}`, `Expires: ${expires}`],
    });
    if (answer.status < 300 && expires > 0) this.#keep(expires);
    return answer;
  }

  /** Ends the refreshing. */
  stop(): void {
    clearTimeout(this.#refresh);
  }

  #keep(expires: number): void {
    const again = (): void => {
      this.register(expires).catch(() => {});
    };
    this.#refresh = setTimeout(again, expires * 1_000 * REFRESH_SHARE);
    this.#refresh.unref();
  }
}
