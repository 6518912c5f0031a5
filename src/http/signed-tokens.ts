import { createHmac } from 'node:crypto';
import { sameSecret } from '../base/same-secret.ts';

/** What a token is good for. One of a kind is worthless as another. */
export type TokenKind = 'session' | 'operator' | 'link';

/** Nothing of ours is longer. Bounds the work that a made-up one costs. */
export const TOKEN_CHARACTERS_MAX = 512;

export type Claims = Readonly<Record<string, string | number>>;

/**
 * Tokens that need no store: what they say, and a MAC (HMAC-SHA-256) of it. Whoever has the key can check them, so several nodes
 * with one key take one another's. They can't be taken back one by one: so they are short-lived.
 */
export class SignedTokens {
  readonly #key: string;

  constructor(key: string) {
    this.#key = key;
  }

  /** @param claims `expiresAt` in epoch ms is what ends it. */
  sign(kind: TokenKind, claims: Claims & { readonly expiresAt: number }): string {
    const text = Buffer.from(JSON.stringify(claims)).toString('base64url');
    return `${text}.${this.#mac(kind, text)}`;
  }

  /** @returns what a token of ours says, also when it has expired: `expiresAt` tells. Undefined for any other text. */
  read(kind: TokenKind, token: string): Claims | undefined {
    const [text, mac, ...others] = token.slice(0, TOKEN_CHARACTERS_MAX + 1).split('.');
    if (text === undefined || mac === undefined || others.length > 0) return undefined;
    if (token.length > TOKEN_CHARACTERS_MAX || !sameSecret(mac, this.#mac(kind, text)))
      return undefined;
    // Only we can have made the MAC, so it is what `sign` was given.
    return JSON.parse(Buffer.from(text, 'base64url').toString('utf8')) as Claims;
  }

  #mac(kind: TokenKind, text: string): string {
    return createHmac('sha256', this.#key).update(`${kind}.${text}`).digest('base64url');
  }
}
