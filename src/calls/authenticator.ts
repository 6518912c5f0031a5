import type { Clock } from '../base/clock.ts';
import { numberOf } from '../incall/number.ts';
import type { Subscriber } from '../transfers/store.ts';
import { parseCredentials } from './digest.ts';
import type { Digest, Verdict } from './digest.ts';
import type { SipRequest, SipResponse } from './sip-application.ts';

/** A REGISTER is challenged by the registrar (401), anything else by us as the proxy in the way (407): RFC 3261 §22. */
const HEADERS = {
  registrar: { status: 401, challenge: 'WWW-Authenticate', credentials: 'Authorization' },
  proxy: { status: 407, challenge: 'Proxy-Authenticate', credentials: 'Proxy-Authorization' },
} as const;

/** Stands in for the secrets of a subscriber that does not exist: the same work, and it never matches. */
const NOBODY = { MD5: '', 'SHA-256': '' };

/** Says who sends a request. Every request that acts for a subscriber comes through here. */
export class Authenticator {
  readonly #digest: Digest;
  readonly #subscriber: (id: string) => Promise<Subscriber | undefined>;
  readonly #clock: Clock;

  constructor(
    digest: Digest,
    subscriber: (id: string) => Promise<Subscriber | undefined>,
    clock: Clock,
  ) {
    this.#digest = digest;
    this.#subscriber = subscriber;
    this.#clock = clock;
  }

  /**
   * @returns the subscriber named in From, proven by its digest; or undefined, and then the request has been answered: with a
   * challenge, or 403 when the credentials are for somebody else.
   */
  async authenticate(
    request: SipRequest,
    response: SipResponse,
    role: keyof typeof HEADERS,
  ): Promise<Subscriber | undefined> {
    const claimed = numberOf(request.getParsedHeader('from').uri);
    const header = HEADERS[role].credentials;
    const credentials = request.has(header) ? parseCredentials(request.get(header)) : undefined;
    if (claimed === undefined || credentials === undefined) {
      this.#challenge(response, role, false);
      return undefined;
    }
    const subscriber = await this.#subscriber(credentials.username);
    const ha1 = subscriber ? { MD5: subscriber.ha1.md5, 'SHA-256': subscriber.ha1.sha256 } : NOBODY;
    const verdict = this.#digest.verify(credentials, ha1, request.method, this.#clock.wallclock());
    return this.#judge(verdict, { subscriber, claimed, response, role });
  }

  #judge(
    verdict: Verdict,
    about: {
      subscriber: Subscriber | undefined;
      claimed: string;
      response: SipResponse;
      role: keyof typeof HEADERS;
    },
  ): Subscriber | undefined {
    const { subscriber, claimed, response, role } = about;
    if (verdict !== 'good' || subscriber === undefined) {
      this.#challenge(response, role, verdict === 'stale');
      return undefined;
    }
    if (subscriber.id !== claimed) {
      response.send(403);
      return undefined;
    }
    return subscriber;
  }

  #challenge(response: SipResponse, role: keyof typeof HEADERS, stale: boolean): void {
    const { status, challenge } = HEADERS[role];
    const value = this.#digest.challenge(this.#clock.wallclock(), stale);
    response.send(status, undefined, { headers: { [challenge]: value } });
  }
}
