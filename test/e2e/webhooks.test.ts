import { createHmac } from 'node:crypto';
import { expect, test } from '@jest/globals';
import { PlatformProcess } from '../../sip-scripts/platform-process.ts';
import { builtDist } from '../support/built-dist.ts';
import { answers, HookReceiver, takes, type Received } from '../support/hook-receiver.ts';
import { withScene } from '../support/scene.ts';
import { storeSpeech } from '../support/stored-transfers.ts';
import { withTempFolder } from '../support/temp-folder.ts';
import { until } from '../support/until.ts';

/** Several pauses of the schedule. */
const DELIVERED_MS = 60_000;
const SECRET = 'secret-of-the-tests';

const isSigned = ({ body, signature }: Received): boolean => {
  const [, seconds = '', hash] = /^t=(\d+),v1=(\w+)$/.exec(signature) ?? [];
  return hash === createHmac('sha256', SECRET).update(`${seconds}.${body}`).digest('hex');
};

test('what a platform that was killed had to tell is told after its restart', async () => {
  const receiver = new HookReceiver();
  await receiver.start();
  const env = {
    MIDCALL_WEBHOOK_URL: receiver.url,
    MIDCALL_WEBHOOK_SECRET: SECRET,
    MIDCALL_LOG_NUMBERS: 'plain',
  };
  await receiver.stop();
  try {
    await withTempFolder(async (dataDir) => {
      const transfer = await storedAndKilled(dataDir, env);
      await receiver.start();
      const again = await PlatformProcess.start({
        dist: builtDist(),
        dataDir,
        env,
      });
      try {
        await until(async () => receiver.taken.length === 1, DELIVERED_MS);
        await again.cli(['transfers', 'delete', transfer]);
        await until(async () => receiver.taken.length === 2, DELIVERED_MS);
      } finally {
        await again.stop();
      }
      expect(receiver.taken.every(isSigned)).toBe(true);
      const told = receiver.taken.map(({ body }) => JSON.parse(body) as unknown);
      const facts = { transfer, account: 'bob', sender: 'alice', state: 'complete' };
      expect(told).toMatchObject([
        { ...facts, event: `${transfer}.stored`, type: 'stored' },
        { ...facts, event: `${transfer}.deleted`, type: 'deleted' },
      ]);
    });
  } finally {
    await receiver.stop();
  }
}, 180_000);

test('what nobody takes is given up, and the operator sees it, sends it again or forgets it', async () => {
  const receiver = new HookReceiver();
  receiver.behaviour = answers(410);
  await receiver.start();
  const env = { MIDCALL_WEBHOOK_URL: receiver.url, MIDCALL_WEBHOOK_SECRET: SECRET };
  try {
    await withScene({ env }, async (scene) => {
      const { platform } = scene;
      const { callee } = await scene.call('alice', 'bob');
      const transfer = await storeSpeech(scene, callee, 1);
      await scene.ended(transfer);
      const event = `${transfer}.stored`;
      const dead = async (): Promise<unknown> =>
        JSON.parse(await platform.cli(['webhooks', 'list']));
      await until(async () => JSON.stringify(await dead()) !== '[]', DELIVERED_MS);
      expect(await dead()).toMatchObject([
        { event, transfer, cause: 'status 410', body: { event, type: 'stored' } },
      ]);
      expect(await platform.cliObject(['webhooks', 'retry', event])).toEqual({ retry: [event] });
      await until(async () => JSON.stringify(await dead()) !== '[]', DELIVERED_MS);
      receiver.behaviour = takes;
      expect(await platform.cliObject(['webhooks', 'retry', 'all'])).toEqual({ retry: [event] });
      await until(async () => receiver.taken.length > 0, DELIVERED_MS);
      expect(await dead()).toEqual([]);
      await expect(platform.cli(['webhooks', 'delete', event])).rejects.toThrow(
        `midcall: no event ${event} was given up`,
      );
      await expect(platform.cli(['webhooks', 'bury'])).rejects.toThrow('midcall webhooks list');
    });
  } finally {
    await receiver.stop();
  }
}, 180_000);

/** @returns the id of a transfer that ended while nobody could be told. */
async function storedAndKilled(
  dataDir: string,
  env: Readonly<Record<string, string>>,
): Promise<string> {
  let transfer = '';
  await withScene({ dataDir, env }, async (scene) => {
    const { callee } = await scene.call('alice', 'bob');
    transfer = await storeSpeech(scene, callee, 1);
    await scene.ended(transfer);
    await scene.platform.kill();
  });
  return transfer;
}
