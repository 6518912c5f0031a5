import { expect, test } from '@jest/globals';
import { acceptPromptAndSendAudio, requestStorage } from '../../sip-scripts/in-call.ts';
import type { PhoneProcess } from '../../sip-scripts/phone-process.ts';
import { PlatformProcess } from '../../sip-scripts/platform-process.ts';
import { builtDist } from '../support/built-dist.ts';
import { PIN, SPEECH, withScene } from '../support/scene.ts';
import { withTempFolder } from '../support/temp-folder.ts';

const textsOf = (phone: PhoneProcess): unknown[] =>
  phone.events.filter(({ event }) => event === 'message').map(({ text }) => text);

test('a platform that was killed tells both parties how their transfer ended, once', async () => {
  await withTempFolder(async (dataDir) => {
    await withScene({ dataDir, transport: 'udp' }, async (scene) => {
      const [alice, bob] = [scene.party('alice'), scene.party('bob')];
      const { callee } = await scene.call('alice', 'bob');
      await requestStorage(bob, { sender: 'alice', password: PIN }, callee);
      const prompt = await alice.nextOf('storage-prompt');
      const { transfer } = await acceptPromptAndSendAudio(alice, prompt, { path: SPEECH });
      await bob.next('data', ({ stored }) => Number(stored) > 0);
      await scene.platform.kill();
      const env = { MIDCALL_SIP_PORT: String(scene.platform.sip.port) };
      const again = await PlatformProcess.start({
        dist: builtDist(),
        dataDir,
        env,
      });
      try {
        for (const { phone } of [alice, bob]) await phone.waitFor('message');
        for (const { phone } of [alice, bob])
          expect(textsOf(phone)).toEqual([expect.stringContaining('partial')]);
        const { ingest } = await again.cliObject(['transfers', 'show', transfer]);
        expect(ingest).toBe('partial');
      } finally {
        await again.stop();
      }
    });
  });
}, 120_000);
