/**
 * A scrypt hash in PHC string format: `$scrypt$ln=15,r=8,p=3$salt$hash`, both in base64 without padding. The parameters travel
 * with the hash, so that they can be raised later.
 */
export interface ScryptHash {
  readonly cost: ScryptCost;
  readonly salt: Uint8Array;
  readonly hash: Uint8Array;
}

export interface ScryptCost {
  /** Binary logarithm of N, the memory and time factor. */
  readonly ln: number;
  /** Block size: memory is 128 · N · r bytes. */
  readonly r: number;
  /** How often, one after the other. */
  readonly p: number;
}

/** Parameters above these are damage: 1 GiB and minutes of work. */
const LIMITS: Readonly<Record<keyof ScryptCost, number>> = { ln: 20, r: 8, p: 16 };

const FORMAT =
  /^\$scrypt\$ln=(\d{1,2}),r=(\d{1,2}),p=(\d{1,2})\$([A-Za-z0-9+/]+)\$([A-Za-z0-9+/]+)$/;

export const writePhcString = ({ cost, salt, hash }: ScryptHash): string =>
  `$scrypt$ln=${cost.ln},r=${cost.r},p=${cost.p}$${base64(salt)}$${base64(hash)}`;

/** @returns undefined when it is not one, or asks for unreasonable work. */
export function parsePhcString(text: string): ScryptHash | undefined {
  const [, ln, r, p, salt, hash] = FORMAT.exec(text) ?? [];
  if (salt === undefined || hash === undefined) return undefined;
  const cost = { ln: Number(ln), r: Number(r), p: Number(p) };
  if (!isReasonable(cost)) return undefined;
  return { cost, salt: Buffer.from(salt, 'base64'), hash: Buffer.from(hash, 'base64') };
}

const isReasonable = ({ ln, r, p }: ScryptCost): boolean =>
  [ln, r, p].every((value) => value >= 1) && ln <= LIMITS.ln && r <= LIMITS.r && p <= LIMITS.p;

const base64 = (bytes: Uint8Array): string =>
  Buffer.from(bytes).toString('base64').replace(/=+$/, '');
