/**
 * Where recordings end up. Two adapters keep this contract, `fs` and `s3`; one suite in test/contract runs on each.
 * Keys are `/`-separated segments of `[A-Za-z0-9._-]`, none of them `.` or `..`, 512 characters at most.
 */
export interface ObjectStore {
  /**
   * Stores an object; it is there in whole and durable when this resolves, and not there at all when it rejects.
   * Replaces an object of the same key.
   */
  put(key: string, content: AsyncIterable<Uint8Array>, about: AboutObject): Promise<StoredObject>;
  stat(key: string): Promise<StoredObject | undefined>;
  /** @param range byte positions, both inclusive. @throws MidcallError `storage-unavailable` when it is not there. */
  read(
    key: string,
    range?: { readonly start: number; readonly end: number },
  ): AsyncIterable<Uint8Array>;
  /** Repeatable. */
  remove(key: string): Promise<void>;
  /** All keys that start with the prefix, in order. */
  keys(prefix: string): AsyncIterable<string>;
  /** The same with their sizes, a page at a time: memory does not grow with the store. What is put meanwhile may be missing. */
  list(prefix: string): AsyncIterable<ListedObject>;
  /**
   * How a store far away takes parts of an object that is still growing. Undefined where there is nothing to gain: files on the
   * disk that the spool is on would only be written twice.
   */
  readonly parts: ObjectParts | undefined;
  close(): Promise<void>;
}

export interface AboutObject {
  readonly contentType: string;
}

export interface StoredObject {
  readonly key: string;
  readonly size: number;
  readonly contentType: string;
}

export type ListedObject = Pick<StoredObject, 'key' | 'size'>;

/** One part of an object to be: the bytes from `index · partBytes` on. */
export interface ObjectPart {
  readonly index: number;
  /** Exactly `partBytes` long. */
  readonly content: AsyncIterable<Uint8Array>;
}

/**
 * Parts sent ahead only save time. A later `put` of the same key decides alone what the object is; of what is there already it
 * sends again only what differs.
 */
export interface ObjectParts {
  readonly partBytes: number;
  /** Sends a part, in any order, also again. @throws MidcallError `storage-unavailable`. */
  put(key: string, part: ObjectPart, about: AboutObject): Promise<void>;
  /** Keys that have parts and no object of them yet, also from before a restart. */
  pending(): readonly string[];
  /** The object will never be. Its parts are removed, if not now then later; also after a restart. Repeatable. */
  abandon(key: string): Promise<void>;
}
