import { createHmac } from 'node:crypto';

/**
 * `t=<unix seconds>,v1=<hex>`: HMAC-SHA-256 (RFC 2104) of `t.body` with each secret, so that a receiver may change its own at any time.
 * The time is signed too: an old request can be told from a new one.
 */
export function signatureOf(secrets: readonly string[], body: string, seconds: number): string {
  const signed = `${seconds}.${body}`;
  const hashes = secrets.map(
    (secret) => `v1=${createHmac('sha256', secret).update(signed).digest('hex')}`,
  );
  return [`t=${seconds}`, ...hashes].join(',');
}
