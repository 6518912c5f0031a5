import assert from 'node:assert';

/** Half of what S3 takes; enough for account, transfer and name. */
export const KEY_CHARACTERS_MAX = 512;
/** File systems take 255 bytes a name, and the fs adapter adds a suffix to some. */
export const SEGMENT_CHARACTERS_MAX = 200;

const SEGMENT = /^[A-Za-z0-9._-]+$/;

/** Whether a key keeps the rules of `ObjectStore`: then it also is a safe relative path. */
export function isObjectKey(key: string): boolean {
  return key.length <= KEY_CHARACTERS_MAX && key.split('/').every(isSegment);
}

/** Keys are made by us, so a bad one is our bug. */
export function assertObjectKey(key: string): void {
  assert(isObjectKey(key), `not an object key: ${JSON.stringify(key)}`);
}

const isSegment = (segment: string): boolean =>
  segment.length <= SEGMENT_CHARACTERS_MAX &&
  SEGMENT.test(segment) &&
  segment !== '.' &&
  segment !== '..';
