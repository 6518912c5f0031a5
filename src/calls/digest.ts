import { createHmac, hash } from 'node:crypto';
import { sameSecret } from '../base/same-secret.ts';
import type { Wallclock } from '../base/units.ts';
import { Nonces } from './nonces.ts';

export { NONCE_LIFETIME_MS } from './nonces.ts';

/** Digest authentication of SIP requests: RFC 3261 §22, RFC 7616, RFC 8760. */

/** A header longer than this is nobody's credentials. */
const CREDENTIALS_CHARACTERS_MAX = 2_048;

export type Algorithm = 'MD5' | 'SHA-256';
const HASHES: Readonly<Record<Algorithm, string>> = { MD5: 'md5', 'SHA-256': 'sha256' };

/** Which challenges are sent. */
export type DigestMode = 'md5' | 'sha-256' | 'both';

/** RFC 8760 §2.4: one header for each algorithm, the preferred one first. */
const CHALLENGED: Readonly<Record<DigestMode, readonly Algorithm[]>> = {
  md5: ['MD5'],
  'sha-256': ['SHA-256'],
  both: ['SHA-256', 'MD5'],
};

/** Who may answer with MD5 may answer with better; where MD5 is not asked for, it is not taken. */
const ACCEPTED: Readonly<Record<DigestMode, readonly Algorithm[]>> = {
  md5: ['MD5', 'SHA-256'],
  'sha-256': ['SHA-256'],
  both: ['MD5', 'SHA-256'],
};

export interface Credentials {
  readonly username: string;
  readonly realm: string;
  readonly nonce: string;
  readonly uri: string;
  readonly response: string;
  readonly algorithm: Algorithm;
  readonly qop: string | undefined;
  readonly nc: string | undefined;
  readonly cnonce: string | undefined;
}

/** `stale`: the right secret, but with a nonce that is not good (any more). The phone asks nobody and tries again. */
export type Verdict = 'good' | 'stale' | 'wrong';

/** H(user:realm:password), in hex: what a subscriber keeps instead of a SIP password. */
export const ha1Of = (
  algorithm: Algorithm,
  user: string,
  realm: string,
  password: string,
): string => hashOf(algorithm, `${user}:${realm}:${password}`);

/** H(user:realm:password) by algorithm; '' where it is not known, and then nothing matches. */
export type Secrets = Readonly<Record<Algorithm, string>>;

/** Challenges and checks. */
export class Digest {
  readonly realm: string;
  /** Stands in for the secrets of a subscriber that does not exist: the same work, and nobody can know them. */
  readonly nobody: Secrets;
  readonly #nonces: Nonces;
  readonly #mode: DigestMode;

  constructor(realm: string, key: Uint8Array, mode: DigestMode = 'md5') {
    this.realm = realm;
    this.#nonces = new Nonces(realm, key);
    this.#mode = mode;
    const unknown = createHmac('sha256', key).update('nobody').digest('hex');
    this.nobody = { MD5: unknown, 'SHA-256': unknown };
  }

  /** Good credentials that came a second time. */
  get replayed(): number {
    return this.#nonces.replayed;
  }

  /** The values of the WWW-Authenticate or Proxy-Authenticate headers, one for each algorithm. */
  challenges(now: Wallclock, stale: boolean): readonly string[] {
    return CHALLENGED[this.#mode].map((algorithm) => this.challenge(now, stale, algorithm));
  }

  /** One of them. MD5 is what every phone can do. */
  challenge(now: Wallclock, stale: boolean, algorithm: Algorithm = 'MD5'): string {
    const parts = [
      `realm="${this.realm}"`,
      `nonce="${this.#nonces.issue(now)}"`,
      `algorithm=${algorithm}`,
      'qop="auth"',
      ...(stale ? ['stale=true'] : []),
    ];
    return `Digest ${parts.join(', ')}`;
  }

  /**
   * @param ha1 of the subscriber that the credentials name, by algorithm.
   * @param method of the request.
   */
  verify(credentials: Credentials, ha1: Secrets, method: string, now: Wallclock): Verdict {
    const { algorithm, nonce, nc, realm, response } = credentials;
    if (realm !== this.realm || !ACCEPTED[this.#mode].includes(algorithm)) return 'wrong';
    const expected = responseOf(credentials, ha1[algorithm], method);
    if (ha1[algorithm] === '' || !sameSecret(expected, response)) return 'wrong';
    return this.#nonces.use(nonce, nc, now) ? 'good' : 'stale';
  }
}

/** RFC 7616 §3.4.1, with and without qop. */
export function responseOf(
  credentials: Omit<Credentials, 'username' | 'realm' | 'response'> & Partial<Credentials>,
  ha1: string,
  method: string,
): string {
  const { algorithm, nonce, qop, nc, cnonce, uri } = credentials;
  const ha2 = hashOf(algorithm, `${method}:${uri}`);
  const middle = qop === undefined ? nonce : `${nonce}:${nc}:${cnonce}:${qop}`;
  return hashOf(algorithm, `${ha1}:${middle}:${ha2}`);
}

/** Reads an Authorization or Proxy-Authorization header. @returns undefined when it is not one we can check. */
export function parseCredentials(header: string): Credentials | undefined {
  if (header.length > CREDENTIALS_CHARACTERS_MAX || !/^Digest\s/i.test(header)) return undefined;
  const fields = digestParameters(header.slice('Digest '.length));
  const algorithm = algorithmOf(fields.get('algorithm') ?? 'MD5');
  const qop = fields.get('qop');
  if (REQUIRED.some((name) => !fields.get(name)) || algorithm === undefined) return undefined;
  if (qop !== undefined && (qop !== 'auth' || WITH_QOP.some((name) => !fields.get(name))))
    return undefined;
  const field = (name: string): string => fields.get(name) ?? '';
  return {
    username: field('username'),
    realm: field('realm'),
    nonce: field('nonce'),
    uri: field('uri'),
    response: field('response'),
    algorithm,
    qop,
    nc: qop === undefined ? undefined : fields.get('nc'),
    cnonce: fields.get('cnonce'),
  };
}

/** RFC 7616 §3.4: without one of these there is nothing to check. */
const REQUIRED = ['username', 'realm', 'nonce', 'uri', 'response'];
/** The same, when there is a qop. */
const WITH_QOP = ['nc', 'cnonce'];

/** `name=token` and `name="quoted"`, by name in lower case. */
export function digestParameters(text: string): ReadonlyMap<string, string> {
  const fields = new Map<string, string>();
  for (const [, name = '', quoted, token] of text.matchAll(
    /([a-z-]+)\s*=\s*(?:"([^"]*)"|([^\s,"]+))/gi,
  ))
    fields.set(name.toLowerCase(), quoted ?? token ?? '');
  return fields;
}

/** @returns undefined for one that we can't do. */
export function algorithmOf(name: string): Algorithm | undefined {
  const upper = name.toUpperCase();
  return upper === 'MD5' || upper === 'SHA-256' ? upper : undefined;
}

const hashOf = (algorithm: Algorithm, text: string): string => hash(HASHES[algorithm], text);
