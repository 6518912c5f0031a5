import { MidcallError } from '../base/errors.ts';
import type { ObjectStore, StoredObject } from '../objects/object-store.ts';
import type { RecordedObject } from '../transfers/record.ts';

/** An object that was made, and what is to be said about it. */
export interface Recording {
  readonly object: RecordedObject;
  /** When things were, for media. JSON. */
  readonly timeline?: Readonly<Record<string, unknown>>;
  /** What is missing. JSON. */
  readonly loss: Readonly<Record<string, unknown>>;
}

/** @throws MidcallError when the store does not have the object that it confirmed. */
export async function confirmStored(objects: ObjectStore, stored: StoredObject): Promise<void> {
  const found = await objects.stat(stored.key);
  if (found?.size !== stored.size)
    throw new MidcallError('storage-unavailable', 'the object store lost what it confirmed');
}
