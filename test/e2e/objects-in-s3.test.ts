import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import { buffer } from 'node:stream/consumers';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { acceptPromptAndSendFile, requestStorage } from '../../sip-scripts/in-call.ts';
import { bucketEnvironment, openBucket, type S3Bucket } from '../support/rgw/s3-bucket.ts';
import { PHOTO, PIN, withScene } from '../support/scene.ts';
import { until } from '../support/until.ts';

let bucket: S3Bucket;
beforeAll(async () => {
  bucket = await openBucket();
}, 160_000);
afterAll(() => bucket.close());

test('with MIDCALL_S3_… the data is in the bucket, and fetched from and deleted there', async () => {
  const { settings, client } = bucket;
  const env = {
    ...bucketEnvironment(bucket),
    // Nothing that is still on offer is deleted.
    MIDCALL_OFFER_SECONDS: '1',
  };
  await withScene({ env }, async (scene) => {
    const { callee } = await scene.call('alice', 'bob');
    const [alice, bob] = [scene.party('alice'), scene.party('bob')];
    await requestStorage(bob, { sender: 'alice', password: PIN }, callee);
    const prompt = await alice.nextOf('storage-prompt');
    const order = { path: PHOTO, format: 'image/jpeg', rate: 8_000_000 };
    const { transfer, sentAll } = await acceptPromptAndSendFile(alice, prompt, order);
    await sentAll;
    await alice.nextOf('transfer-complete', transfer);

    const { object } = (await scene.transfer(transfer)) as { object: Record<string, unknown> };
    expect(object).not.toHaveProperty('path');
    const photo = await readFile(PHOTO);
    const key = String(object['key']);
    const inBucket = await buffer(await client.getObject(settings.bucket, key));
    expect(inBucket.equals(photo)).toBe(true);

    const { platform } = scene;
    const output = scene.path('copy');
    await platform.cli(['transfers', 'fetch', transfer, '--output', output]);
    expect((await readFile(output)).equals(photo)).toBe(true);
    const doctor = await platform.cli(['doctor']);
    expect(doctor).toContain(`${settings.bucket} at 127.0.0.1:${settings.port} can be written`);
    expect(doctor).not.toContain(settings.secretKey);

    await until(async () => (await scene.transfer(transfer))['delivery'] !== 'offered');
    await platform.cliObject(['transfers', 'delete', transfer]);
    const left: string[] = [];
    for await (const { name } of client.listObjectsV2(settings.bucket, '', true))
      left.push(String(name));
    expect(left).toEqual([]);
    const dataDir = String(platform.ready['dataDir']);
    expect(await readdir(path.join(dataDir, 'uploads/server'))).toEqual([]);
    await expect(readdir(path.join(dataDir, 'objects'))).rejects.toMatchObject({ code: 'ENOENT' });
  });
});
