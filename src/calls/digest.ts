import { createHash, createHmac } from 'node:crypto';
import { sameSecret } from '../base/same-secret.ts';
import type { Wallclock } from '../base/units.ts';

/** Digest authentication of SIP requests: RFC 3261 §22, RFC 7616, RFC 8760. */

/** How long a nonce is good for; an older one gets a new challenge with `stale=true`. */
export const NONCE_LIFETIME_MS: number = 5 * 60_000;
/** A header longer than this is nobody's credentials. */
const CREDENTIALS_CHARACTERS_MAX = 2_048;
const MAC_CHARACTERS = 32;

export type Algorithm = 'MD5' | 'SHA-256';
const HASHES: Readonly<Record<Algorithm, string>> = { MD5: 'md5', 'SHA-256': 'sha256' };

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

export type Verdict = 'good' | 'stale' | 'wrong';

/** H(user:realm:password), in hex: what a subscriber keeps instead of a SIP password. */
export const ha1Of = (
  algorithm: Algorithm,
  user: string,
  realm: string,
  password: string,
): string => hash(algorithm, `${user}:${realm}:${password}`);

/** Challenges and checks; nonces carry their own time and a MAC, so that nothing is kept per challenge. */
export class Digest {
  readonly realm: string;
  /** Makes and recognises our nonces; new with each process. */
  readonly #key: Uint8Array;

  constructor(realm: string, key: Uint8Array) {
    this.realm = realm;
    this.#key = key;
  }

  /** The value of a WWW-Authenticate or Proxy-Authenticate header. MD5 is what every phone can do. */
  challenge(now: Wallclock, stale: boolean): string {
    const parts = [
      `realm="${this.realm}"`,
      `nonce="${this.#nonce(now)}"`,
      'algorithm=MD5',
      'qop="auth"',
      ...(stale ? ['stale=true'] : []),
    ];
    return `Digest ${parts.join(', ')}`;
  }

  /**
   * @param ha1 of the subscriber that the credentials name, by algorithm.
   * @param method of the request.
   */
  verify(
    credentials: Credentials,
    ha1: Readonly<Record<Algorithm, string>>,
    method: string,
    now: Wallclock,
  ): Verdict {
    const issuedAt = this.#issuedAt(credentials.nonce);
    if (issuedAt === undefined || credentials.realm !== this.realm) return 'wrong';
    const expected = responseOf(credentials, ha1[credentials.algorithm], method);
    if (!sameSecret(expected, credentials.response)) return 'wrong';
    return now - issuedAt > NONCE_LIFETIME_MS ? 'stale' : 'good';
  }

  #nonce(now: Wallclock): string {
    const time = now.toString(16);
    return `${time}.${this.#mac(time)}`;
  }

  #issuedAt(nonce: string): number | undefined {
    const [time = '', mac = ''] = nonce.split('.', 2);
    if (!/^[0-9a-f]{1,13}$/.test(time) || !sameSecret(mac, this.#mac(time))) return undefined;
    return Number.parseInt(time, 16);
  }

  #mac(time: string): string {
    const mac = createHmac('sha256', this.#key).update(`${this.realm}\n${time}`).digest('hex');
    return mac.slice(0, MAC_CHARACTERS);
  }
}

/** RFC 7616 §3.4.1, with and without qop. */
export function responseOf(credentials: Credentials, ha1: string, method: string): string {
  const { algorithm, nonce, qop, nc, cnonce, uri } = credentials;
  const ha2 = hash(algorithm, `${method}:${uri}`);
  const middle = qop === undefined ? nonce : `${nonce}:${nc}:${cnonce}:${qop}`;
  return hash(algorithm, `${ha1}:${middle}:${ha2}`);
}

/** Reads an Authorization or Proxy-Authorization header. @returns undefined when it is not one we can check. */
export function parseCredentials(header: string): Credentials | undefined {
  if (header.length > CREDENTIALS_CHARACTERS_MAX || !/^Digest\s/i.test(header)) return undefined;
  const fields = parametersOf(header.slice('Digest '.length));
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
    nc: fields.get('nc'),
    cnonce: fields.get('cnonce'),
  };
}

/** RFC 7616 §3.4: without one of these there is nothing to check. */
const REQUIRED = ['username', 'realm', 'nonce', 'uri', 'response'];
/** The same, when there is a qop. */
const WITH_QOP = ['nc', 'cnonce'];

function parametersOf(text: string): Map<string, string> {
  const fields = new Map<string, string>();
  for (const [, name = '', quoted, token] of text.matchAll(
    /([a-z-]+)\s*=\s*(?:"([^"]*)"|([^\s,"]+))/gi,
  ))
    fields.set(name.toLowerCase(), quoted ?? token ?? '');
  return fields;
}

function algorithmOf(name: string): Algorithm | undefined {
  const upper = name.toUpperCase();
  return upper === 'MD5' || upper === 'SHA-256' ? upper : undefined;
}

const hash = (algorithm: Algorithm, text: string): string =>
  createHash(HASHES[algorithm]).update(text).digest('hex');
