import { parseArgs } from 'node:util';

export interface StorageOptions {
  /** Size of each object, in MB of a million bytes. */
  readonly megabytes: number;
  readonly json: boolean;
}

const DEFAULT_MEGABYTES = '64';
/** Nineteen objects are made in all, and the S3 server has 2 GiB of memory for them, of which it fills 85 %. */
export const MEGABYTES_MAX = 90;

/** @throws Error that says how it is used. */
export function parseStorageOptions(args: readonly string[]): StorageOptions {
  const { values } = parseArgs({
    args: [...args],
    options: {
      json: { type: 'boolean', default: false },
      mb: { type: 'string', default: DEFAULT_MEGABYTES },
    },
  });
  const megabytes = /^\d{1,4}$/.test(values.mb) ? Number(values.mb) : 0;
  if (megabytes < 1 || megabytes > MEGABYTES_MAX)
    throw new Error(`--mb: "${values.mb}" is not 1 to ${MEGABYTES_MAX}`);
  return { megabytes, json: values.json };
}
