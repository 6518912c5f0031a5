/**
 * Where recordings end up. Two adapters keep this contract, `fs` and `s3`; one suite in test/contract runs on each.
 * Keys are `/`-separated segments of `[A-Za-z0-9._-]`, none of them `.` or `..`, 512 characters at most.
 */
export interface ObjectStore {
  /**
   * Stores an object; it is there in whole and durable when this resolves, and not there at all when it rejects.
   * Replaces an object of the same key.
   */
  put(
    key: string,
    content: AsyncIterable<Uint8Array>,
    about: { readonly contentType: string },
  ): Promise<StoredObject>;
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
  close(): Promise<void>;
}

export interface StoredObject {
  readonly key: string;
  readonly size: number;
  readonly contentType: string;
}
