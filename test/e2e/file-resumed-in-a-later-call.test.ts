import { readFile } from 'node:fs/promises';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import {
  acceptPromptAndSendFile,
  requestStorage,
  type Sending,
} from '../../sip-scripts/in-call.ts';
import { PlatformProcess } from '../../sip-scripts/platform-process.ts';
import { builtDist } from '../support/built-dist.ts';
import { bucketEnvironment, openBucket, type S3Bucket } from '../support/rgw/s3-bucket.ts';
import { PHOTO, PIN, withScene, type Scene } from '../support/scene.ts';
import { withTempFolder } from '../support/temp-folder.ts';
import { until } from '../support/until.ts';

const FORMAT = 'image/jpeg';
/** Bytes of the photo that the first call brings. */
const CUT_AT = 120_000;

/** Alice sends bob the photo in a call of its own. */
async function send(scene: Scene, stopAt?: number) {
  const { caller, callee } = await scene.call('alice', 'bob');
  const alice = scene.party('alice');
  await requestStorage(scene.party('bob'), { sender: 'alice', password: PIN }, callee);
  const prompt = await alice.nextOf('storage-prompt');
  const order = { path: PHOTO, format: FORMAT, rate: 8_000_000 };
  const sending = await acceptPromptAndSendFile(
    alice,
    prompt,
    stopAt === undefined ? order : { ...order, stopAt },
  );
  await sending.sentAll;
  return { sending, caller };
}

const hangUp = async (scene: Scene, call: string): Promise<void> => {
  await scene.party('alice').phone.command('hangup', { call });
  await scene.party('bob').phone.waitFor('ended');
};

/** Data bytes that a phone has sent, those sent again included. */
async function bytesSent(scene: Scene, { transfer }: Sending): Promise<number> {
  const { reception } = await scene.transfer(transfer);
  return Number((reception as { received: number }).received) * 1_200;
}

/** The bytes of what is stored, as anybody gets them. */
async function fetched(scene: Scene, platform: PlatformProcess, id: string): Promise<Buffer> {
  const output = scene.path(`${id}.jpg`);
  await platform.cli(['transfers', 'fetch', id, '--output', output]);
  return readFile(output);
}

async function onlyTransfer(platform: PlatformProcess): Promise<Record<string, unknown>> {
  const listed = JSON.parse(await platform.cli(['transfers', 'list'])) as Record<string, unknown>[];
  expect(listed).toHaveLength(1);
  return listed[0] ?? {};
}

async function expectClean(platform: PlatformProcess): Promise<void> {
  const reconciled = await platform.cli(['reconcile', '--grace', '0']);
  expect(JSON.parse(reconciled)).toEqual({ clean: true, findings: [] });
}

let bucket: S3Bucket;
beforeAll(async () => {
  bucket = await openBucket();
}, 160_000);
afterAll(() => bucket.close());

test.each([
  ['files', () => ({})],
  ['S3', () => bucketEnvironment(bucket)],
])(
  'a file cut off with its call goes on in the next one: only the rest is sent, and it is stored once (in %s)',
  async (_store, env) => {
    await withScene({ env: env() }, async (scene) => {
      const photo = await readFile(PHOTO);
      const first = await send(scene, CUT_AT);
      await hangUp(scene, first.caller);
      const cut = await scene.ended(first.sending.transfer);
      expect(cut).toMatchObject({ ingest: 'partial', stored: CUT_AT, object: { size: CUT_AT } });

      const second = await send(scene);
      const { transfer } = second.sending;
      const done = await scene.party('alice').nextOf('transfer-complete', transfer);
      expect(done.message).toMatchObject({ state: 'complete', stored: photo.length });
      expect(await bytesSent(scene, second.sending)).toBeLessThan(photo.length - 100_000);
      await hangUp(scene, second.caller);

      await scene.ended(transfer);
      expect((await fetched(scene, scene.platform, transfer)).equals(photo)).toBe(true);
      expect(await onlyTransfer(scene.platform)).toMatchObject({ id: transfer });
      expect(await scene.used('bob')).toBe(photo.length);
      await expectClean(scene.platform);
    });
  },
  60_000,
);

test('a platform killed while a file goes on loses nothing of what there was', async () => {
  await withTempFolder(async (dataDir) => {
    await withScene({ dataDir, transport: 'udp' }, async (scene) => {
      const photo = await readFile(PHOTO);
      const first = await send(scene, CUT_AT);
      await hangUp(scene, first.caller);
      await scene.ended(first.sending.transfer);
      const second = await send(scene, CUT_AT + 24_000);
      await scene.platform.kill();
      const again = await PlatformProcess.start({ dist: builtDist(), dataDir });
      try {
        await until(async () => (await onlyTransfer(again))['ingest'] === 'partial');
        const { transfer } = second.sending;
        const record = await again.cliObject(['transfers', 'show', transfer]);
        const { size } = record['object'] as { readonly size: number };
        expect(size).toBeGreaterThanOrEqual(CUT_AT);
        const kept = await fetched(scene, again, transfer);
        expect(kept.subarray(0, CUT_AT).equals(photo.subarray(0, CUT_AT))).toBe(true);
        expect(record).toMatchObject({ capacity: size, stored: size });
        await expectClean(again);
      } finally {
        await again.stop();
      }
    });
  });
}, 120_000);
