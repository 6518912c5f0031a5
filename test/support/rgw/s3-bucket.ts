import { randomUUID } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { S3Objects } from '../../../src/objects/s3-objects.ts';
import { s3Client, type S3Client } from '../../../src/objects/s3-client.ts';
import type { S3Settings } from '../../../src/objects/s3-settings.ts';
import type { S3Endpoint } from './rgw-server.ts';
import { sharedRgw } from './shared-rgw.ts';

/** A bucket of its own on a real S3 server, and a folder for the upload journal. */
export interface S3Bucket {
  readonly settings: S3Settings;
  readonly client: S3Client;
  readonly journalFolder: string;
  /** A store on it, as after a start of the platform. To be closed by who asks. */
  open(changes?: Partial<S3Settings>): Promise<S3Objects>;
  close(): Promise<void>;
}

export async function openBucket(endpoint?: S3Endpoint): Promise<S3Bucket> {
  const { port, accessKey, secretKey } = endpoint ?? (await sharedRgw());
  const bucket = `midcall-${randomUUID()}`;
  const place = { host: '127.0.0.1', port, secure: false, region: 'us-east-1', bucket };
  const settings = { ...place, accessKey, secretKey };
  const client = s3Client(settings);
  await client.makeBucket(bucket, settings.region);
  const journalFolder = await mkdtemp(path.join(os.tmpdir(), 'midcall-uploads-'));
  return {
    settings,
    client,
    journalFolder,
    open: (changes = {}) => S3Objects.open({ ...settings, ...changes }, journalFolder),
    close: () => rm(journalFolder, { recursive: true, force: true }),
  };
}

/** What a platform is told to keep its objects there. */
export const bucketEnvironment = ({ settings }: S3Bucket): Readonly<Record<string, string>> => ({
  MIDCALL_S3_ENDPOINT: `${settings.host}:${settings.port}`,
  MIDCALL_S3_SECURE: 'off',
  MIDCALL_S3_BUCKET: settings.bucket,
  MIDCALL_S3_KEY: settings.accessKey,
  MIDCALL_S3_SECRET: settings.secretKey,
});

/** Ids of all multipart uploads that are open for a key, ours or not. */
export async function openUploadsOf({ client, settings }: S3Bucket, key: string): Promise<number> {
  const { uploads } = await client.listIncompleteUploadsQuery(settings.bucket, key, '', '', '');
  return uploads.length;
}
