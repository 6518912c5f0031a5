import { readdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { acceptPromptAndSendFile, requestStorage } from '../../sip-scripts/in-call.ts';
import type { Fields } from '../../sip-scripts/phone/lines.ts';
import { PHOTO, PIN, withScene, type Scene } from '../support/scene.ts';
import { until } from '../support/until.ts';

const OPERATOR_TOKEN = 'operator-of-the-test';

async function records({ platform }: Scene): Promise<Fields[]> {
  const folder = join(platform.dataDir, 'records');
  const names = await readdir(folder).catch(() => []);
  const texts = await Promise.all(names.map((name) => readFile(join(folder, name), 'utf8')));
  return texts
    .flatMap((text) => text.split('\n'))
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as Fields);
}

test('a call with a transfer is counted, and leaves a detail record of each', async () => {
  const env = { MIDCALL_OPERATOR_TOKEN: OPERATOR_TOKEN };
  await withScene({ env }, async (scene) => {
    expect((await fetch(`${scene.platform.web}/readyz`)).status).toBe(200);
    const { caller, callee } = await scene.call('alice', 'bob');
    const [alice, bob] = [scene.party('alice'), scene.party('bob')];
    await requestStorage(bob, { sender: 'alice', password: PIN }, callee);
    const prompt = await alice.nextOf('storage-prompt');
    const order = { path: PHOTO, format: 'image/jpeg', rate: 8_000_000 };
    const sending = await acceptPromptAndSendFile(alice, prompt, order);
    await sending.sentAll;
    await alice.nextOf('transfer-complete', sending.transfer);
    const { size: stored } = await stat(PHOTO);
    await alice.phone.command('hangup', { call: caller });
    await bob.phone.waitFor('ended');

    await until(async () => (await records(scene)).length === 2);
    const [call, transfer] = (await records(scene)).toSorted((a, b) =>
      String(a['type']).localeCompare(String(b['type'])),
    );
    expect(call).toMatchObject({ caller: '…ce', callee: '…ob', status: 200, endedBy: 'caller' });
    expect(transfer).toMatchObject({ id: sending.transfer, ingest: 'complete', stored });

    const headers = { authorization: `Bearer ${OPERATOR_TOKEN}` };
    const answer = await fetch(`${scene.platform.web}/metrics`, { headers });
    const lines = (await answer.text()).split('\n');
    expect(lines).toEqual(
      expect.arrayContaining([
        'midcall_calls_ended_total{status="200"} 1',
        'midcall_transfers_ended_total{ingest="complete"} 1',
        `midcall_stored_bytes_total ${stored}`,
        'midcall_threshold_seconds_count 1',
        'midcall_settling_seconds_count 1',
        'midcall_sip_total{event="acks-missing"} 0',
      ]),
    );

    const said = await scene.platform.cliObject(['drain', '--server', scene.platform.web]);
    expect(said).toEqual({ drained: true, calls: 0 });
    // An answer serves for a second, and the metrics asked too.
    await until(async () => (await fetch(`${scene.platform.web}/readyz`)).status === 503);
  });
}, 60_000);
