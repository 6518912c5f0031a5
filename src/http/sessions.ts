import { createHash } from 'node:crypto';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Clock } from '../base/clock.ts';
import { sameSecret } from '../base/same-secret.ts';
import type { Subscriber, TransferStore } from '../transfers/store.ts';
import { HttpProblem } from './problem.ts';
import type { SignedTokens } from './signed-tokens.ts';

/** Whatever goes on, one signs in again after so long. */
export const SESSION_MS_MAX: number = 12 * 3_600_000;
const FINGERPRINT_CHARACTERS = 16;

/** Whom a request comes from. */
type Role = 'session' | 'operator';

/** Cookies of ours, and the paths they are sent to. */
const COOKIES: Readonly<Record<Role, { readonly name: string; readonly path: string }>> = {
  session: { name: 'midcall_session', path: '/v1' },
  operator: { name: 'midcall_operator', path: '/v1/operator' },
};

export interface SessionPorts {
  readonly state: Pick<TransferStore, 'subscriber'>;
  readonly tokens: SignedTokens;
  readonly clock: Pick<Clock, 'wallclock'>;
  /** A session without a request for this long is over. */
  readonly sessionMs: number;
  readonly operatorToken: string;
}

/** A proof of having signed in, for a while. */
export interface Session {
  readonly token: string;
  readonly expiresAt: number;
}

/**
 * Who is signed in: a token in a cookie (HttpOnly, SameSite=Strict) or in the Authorization header (RFC 6750). A cookie is renewed
 * while it is used, but not beyond {@link SESSION_MS_MAX}. A session ends with the storage password it began with.
 */
export class Sessions {
  readonly #ports: SessionPorts;

  constructor(ports: SessionPorts) {
    this.#ports = ports;
  }

  ofSubscriber(subscriber: Subscriber, since: number = this.#now()): Session {
    const expiresAt = this.#expiry(since);
    const claims = { account: subscriber.id, secret: fingerprint(subscriber), since, expiresAt };
    return { token: this.#ports.tokens.sign('session', claims), expiresAt };
  }

  /** @returns undefined when it is not the operator's token. */
  ofOperator(token: string): Session | undefined {
    const { operatorToken } = this.#ports;
    if (operatorToken === '' || !sameSecret(token, operatorToken)) return undefined;
    return this.#ofOperator(this.#now());
  }

  /** The account of a request. @throws HttpProblem `not-signed-in`. */
  async account(request: FastifyRequest, reply: FastifyReply): Promise<string> {
    const claims = this.#claims('session', request);
    const subscriber = await this.#ports.state.subscriber(String(claims?.['account']));
    if (claims === undefined || subscriber === undefined) throw notSignedIn();
    if (claims['secret'] !== fingerprint(subscriber)) throw notSignedIn();
    if (this.#isWorthRenewing(claims, request))
      this.setCookie(
        request,
        reply,
        'session',
        this.ofSubscriber(subscriber, Number(claims['since'])),
      );
    return subscriber.id;
  }

  /** When the session of a request ends, in epoch ms; what stays open must end then, too. */
  expiresAt(role: Role, request: FastifyRequest): number {
    const claims = this.#claims(role, request);
    return Number(claims?.['expiresAt'] ?? this.#now() + this.#ports.sessionMs);
  }

  /** @throws HttpProblem `not-signed-in`. */
  operator(request: FastifyRequest, reply: FastifyReply): void {
    const { operatorToken } = this.#ports;
    const bearer = bearerOf(request);
    if (operatorToken !== '' && bearer !== undefined && sameSecret(bearer, operatorToken)) return;
    const claims = this.#claims('operator', request);
    if (operatorToken === '' || claims === undefined) throw notSignedIn();
    if (this.#isWorthRenewing(claims, request))
      this.setCookie(request, reply, 'operator', this.#ofOperator(Number(claims['since'])));
  }

  setCookie(request: FastifyRequest, reply: FastifyReply, role: Role, session: Session): void {
    const seconds = Math.max(0, Math.ceil((session.expiresAt - this.#now()) / 1_000));
    reply.header('set-cookie', cookie(request, role, session.token, seconds));
  }

  dropCookie(request: FastifyRequest, reply: FastifyReply, role: Role): void {
    reply.header('set-cookie', cookie(request, role, '', 0));
  }

  #ofOperator(since: number): Session {
    const expiresAt = this.#expiry(since);
    return { token: this.#ports.tokens.sign('operator', { since, expiresAt }), expiresAt };
  }

  #expiry(since: number): number {
    return Math.min(this.#now() + this.#ports.sessionMs, since + SESSION_MS_MAX);
  }

  #claims(
    role: Role,
    request: FastifyRequest,
  ): Readonly<Record<string, string | number>> | undefined {
    const token = bearerOf(request) ?? cookieOf(request, COOKIES[role].name);
    const claims = token === undefined ? undefined : this.#ports.tokens.read(role, token);
    return claims !== undefined && Number(claims['expiresAt']) > this.#now() ? claims : undefined;
  }

  /** Past half of its life; only cookies, since nobody would see a new token. */
  #isWorthRenewing(
    claims: Readonly<Record<string, string | number>>,
    request: FastifyRequest,
  ): boolean {
    const left = Number(claims['expiresAt']) - this.#now();
    const isCookie = bearerOf(request) === undefined;
    return (
      isCookie &&
      left < this.#ports.sessionMs / 2 &&
      this.#expiry(Number(claims['since'])) > this.#now()
    );
  }

  #now(): number {
    return this.#ports.clock.wallclock();
  }
}

const notSignedIn = (): HttpProblem =>
  new HttpProblem('not-signed-in', 'sign in first', {
    'www-authenticate': 'Bearer realm="midcall"',
  });

/** Changes with the password, and tells nothing of it. */
const fingerprint = ({ storagePassword }: Subscriber): string =>
  createHash('sha256').update(storagePassword).digest('hex').slice(0, FINGERPRINT_CHARACTERS);

const bearerOf = ({ headers }: FastifyRequest): string | undefined =>
  /^Bearer ([\w.~+/-]+=*)$/i.exec(headers.authorization ?? '')?.[1];

function cookieOf({ headers }: FastifyRequest, name: string): string | undefined {
  const cookies = (headers.cookie ?? '').split(';').map((text) => text.trim());
  return cookies.find((text) => text.startsWith(`${name}=`))?.slice(name.length + 1);
}

/** Whether a proxy took the request over TLS: a made-up header only makes the cookie stricter. */
const isSecure = ({ headers }: FastifyRequest): boolean => headers['x-forwarded-proto'] === 'https';

function cookie(request: FastifyRequest, role: Role, value: string, seconds: number): string {
  const { name, path } = COOKIES[role];
  const secure = isSecure(request) ? '; Secure' : '';
  return `${name}=${value}; Path=${path}; Max-Age=${seconds}; HttpOnly; SameSite=Strict${secure}`;
}
