import { createHash } from 'node:crypto';

/**
 * The names of all keys. What one script touches belongs to one entity and has its name in braces: Redis Cluster then
 * keeps it in one slot. Names that people choose the length of are hashed.
 */
const PREFIX = 'midcall';

const hash = (...parts: readonly string[]): string =>
  createHash('sha256').update(JSON.stringify(parts)).digest('hex');

/** Braces inside an id would end the tag early. */
const tag = (kind: string, id: string): string => `${PREFIX}:{${kind}:${encodeURIComponent(id)}}`;

const TAG = /^midcall:\{[a-z]+:([^}]*)\}/;

/** The id of the entity that a key is about. @returns undefined for a key of somebody else. */
export function idOfKey(key: string): string | undefined {
  const encoded = TAG.exec(key)?.[1];
  try {
    return encoded === undefined ? undefined : decodeURIComponent(encoded);
  } catch {
    return undefined;
  }
}

/** Hash: `subscriber` (JSON), `storagePassword`, `space`, `used`. */
export const accountKey = (id: string): string => tag('account', id);
/** Hash: transfer → bytes held. */
export const heldKey = (account: string): string => `${tag('account', account)}:held`;
/** Hash: contact → order, expiry and binding. */
export const bindingsKey = (account: string): string => `${tag('account', account)}:bindings`;
/** Counter: grows with each registration. */
export const orderKey = (account: string): string => `${tag('account', account)}:order`;
/** Hash: call and side → order, expiry and place. */
export const placesKey = (number: string): string => `${tag('number', number)}:places`;
/** Counter: grows with each call. */
export const placeOrderKey = (number: string): string => `${tag('number', number)}:order`;
/** Sorted set, all of one score: creation and id of each transfer. */
export const transfersKey = (account: string): string => `${tag('account', account)}:transfers`;

/** Hash: `version`, `record` (JSON). */
export const transferKey = (id: string): string => tag('transfer', id);
/** List: the transfer's mail (JSON), the first one first. */
export const mailKey = (transfer: string): string => `${tag('transfer', transfer)}:mail`;
/** Hash: `prompt` (JSON), `used`. */
export const promptKey = (token: string): string => tag('prompt', token);
/** The token. */
export const codeKey = (code: string): string => tag('code', code);
/** Hash: `expiresAt`, `answer`. */
export const requestKey = (party: string, id: string): string => tag('request', hash(party, id));

/** Sets of ids. An id in one may belong to nothing any more: readers look. */
export const SUBSCRIBERS_KEY: string = `${PREFIX}:{subscribers}`;
/** Hash: node → fence, expiry, holder and lease. */
export const NODES_KEY: string = `${PREFIX}:{nodes}`;
export const LIVE_KEY: string = `${PREFIX}:{live}`;

/** Sorted set: transfer by when its mail is due. It may have none any more, or not yet. */
export const DUE_MAIL_KEY: string = `${PREFIX}:{mail}`;
/** Hash: transfer → attempts with its first mail, and the number of the latest claim. */
export const MAIL_CLAIMS_KEY: string = `${PREFIX}:{mail}:claims`;
/** Hash: transfer → when, and which version: mail may be written at this moment. */
export const MAIL_MARKS_KEY: string = `${PREFIX}:{mail}:marks`;
/** Hash: event → what was given up of it (JSON). */
export const DEAD_MAIL_KEY: string = `${PREFIX}:{mail}:dead`;
/** Counter: grows with each claim. */
export const MAIL_ORDER_KEY: string = `${PREFIX}:{mail}:order`;
