import type { Clock } from '../base/clock.ts';
import { numberOf } from '../incall/number.ts';
import type { Subscriber } from '../transfers/store.ts';
import { parseCredentials } from './digest.ts';
import type { Credentials, Digest, Secrets, Verdict } from './digest.ts';
import { FailureLimits } from './failure-limits.ts';
import type { SipRequest, SipResponse } from './sip-application.ts';
import { headerOf, severalHeaders } from './sip-messages.ts';

/** A REGISTER is challenged by the registrar (401), anything else by us as the proxy in the way (407): RFC 3261 §22. */
const HEADERS = {
  registrar: { status: 401, challenge: 'WWW-Authenticate', credentials: 'Authorization' },
  proxy: { status: 407, challenge: 'Proxy-Authenticate', credentials: 'Proxy-Authorization' },
} as const;
type Role = keyof typeof HEADERS;

/** How long failed attempts are remembered, where no setting says. */
export const FAILURE_WINDOW_MS = 300_000;

export interface AuthenticatorOptions {
  readonly limits?: FailureLimits;
  /** Addresses of the operator's trunks: never counted, never refused. */
  readonly isExempt?: (address: string) => boolean;
}

/** Says who sends a request. Every request that acts for a subscriber comes through here. */
export class Authenticator {
  readonly #digest: Digest;
  readonly #subscriber: (id: string) => Promise<Subscriber | undefined>;
  readonly #clock: Clock;
  readonly #limits: FailureLimits;
  readonly #isExempt: (address: string) => boolean;

  constructor(
    digest: Digest,
    subscriber: (id: string) => Promise<Subscriber | undefined>,
    clock: Clock,
    options: AuthenticatorOptions = {},
  ) {
    this.#digest = digest;
    this.#subscriber = subscriber;
    this.#clock = clock;
    this.#limits = options.limits ?? new FailureLimits(FAILURE_WINDOW_MS);
    this.#isExempt = options.isExempt ?? (() => false);
  }

  /**
   * @returns the subscriber named in From, proven by its digest; or undefined, and then the request has been answered: with a
   * challenge, 403 when the credentials are for somebody else, or 503 when there were too many failures.
   */
  async authenticate(
    request: SipRequest,
    response: SipResponse,
    role: Role,
  ): Promise<Subscriber | undefined> {
    const credentials = credentialsOf(request, role);
    if (this.#refused(request, response, credentials)) return undefined;
    const claimed = numberOf(request.getParsedHeader('from').uri);
    if (claimed === undefined || credentials === undefined) {
      this.#challenge(response, role, false);
      return undefined;
    }
    const subscriber = await this.#subscriber(credentials.username);
    const verdict = this.#verdict(request, credentials, this.#secretsOf(subscriber));
    if (verdict !== 'good' || subscriber === undefined) {
      this.#challenge(response, role, verdict === 'stale');
      return undefined;
    }
    if (subscriber.id === claimed) return subscriber;
    response.send(403);
    return undefined;
  }

  /** The same for a trunk that has to prove itself, whatever its From says. @returns whether it did; if not, it was answered. */
  provesPeer(
    request: SipRequest,
    response: SipResponse,
    peer: { readonly user: string; readonly ha1: Secrets },
  ): boolean {
    const credentials = credentialsOf(request, 'proxy');
    const isPeer = credentials?.username === peer.user;
    const verdict = isPeer ? this.#verdict(request, credentials, peer.ha1) : 'wrong';
    if (verdict !== 'good') this.#challenge(response, 'proxy', verdict === 'stale');
    return verdict === 'good';
  }

  #refused(request: SipRequest, response: SipResponse, credentials?: Credentials): boolean {
    if (this.#isExempt(request.source_address)) return false;
    const { source_address } = request;
    const now = this.#clock.now();
    const seconds = this.#limits.retryAfter(source_address, credentials?.username, now);
    if (seconds === undefined) return false;
    response.send(503, undefined, { headers: { 'Retry-After': String(seconds) } });
    return true;
  }

  #secretsOf(subscriber: Subscriber | undefined): Secrets {
    if (subscriber === undefined) return this.#digest.nobody;
    return { MD5: subscriber.ha1.md5, 'SHA-256': subscriber.ha1.sha256 };
  }

  #verdict(request: SipRequest, credentials: Credentials, ha1: Secrets): Verdict {
    const now = this.#clock.wallclock();
    const verdict = this.#digest.verify(credentials, ha1, request.method, now);
    if (verdict === 'wrong' && !this.#isExempt(request.source_address))
      this.#limits.failed(request.source_address, credentials.username, this.#clock.now());
    return verdict;
  }

  #challenge(response: SipResponse, role: Role, stale: boolean): void {
    const { status, challenge } = HEADERS[role];
    const values = this.#digest.challenges(this.#clock.wallclock(), stale);
    response.send(status, undefined, {
      headers: { [challenge]: severalHeaders(challenge, values) },
    });
  }
}

function credentialsOf(request: SipRequest, role: Role): Credentials | undefined {
  const header = headerOf(request, HEADERS[role].credentials);
  return header === undefined ? undefined : parseCredentials(header);
}
