import { openBucket } from '../support/rgw/s3-bucket.ts';
import { objectStoreContract } from './object-store.ts';

objectStoreContract('S3', async () => {
  const bucket = await openBucket();
  const store = await bucket.open();
  return { store, close: () => store.close().finally(() => bucket.close()) };
});
