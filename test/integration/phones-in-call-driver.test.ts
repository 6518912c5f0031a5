import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import {
  acceptOfferAndReceive,
  acceptPromptAndSendFile,
  instructStorage,
  requestStorage,
} from '../../sip-scripts/in-call.ts';
import { InCallParty } from '../../sip-scripts/in-call-party.ts';
import { InCallRefusal } from '../../sip-scripts/in-call-message.ts';
import { shippedMedia } from '../support/built-dist.ts';
import { directUri, withPhones } from '../support/phones.ts';
import { withTempFolder } from '../support/temp-folder.ts';

/** Bob, and a phone that plays the platform as the test tells it. */
const withCall = (
  run: (bob: InCallParty, platform: InCallParty, folder: string) => Promise<void>,
): Promise<void> =>
  withTempFolder((folder) =>
    withPhones([{ user: 'bob' }, { user: 'midcall' }], async (bob, platform) => {
      if (bob === undefined || platform === undefined) throw new Error('two phones');
      await bob.command('call', { to: directUri(platform, 'tcp') });
      await bob.waitFor('established');
      await platform.waitFor('established');
      await run(new InCallParty(bob), new InCallParty(platform), folder);
    }),
  );

describe('the in-call driver holds the protocol’s conversations', () => {
  test('a prompt is answered with a store request, and the file follows its confirmation', async () => {
    await withCall(async (bob, platform, folder) => {
      const prompt = { transfer: 't1', token: 'secret', address: '127.0.0.1', port: 9 };
      await platform.send('storage-prompt', prompt);
      const file = shippedMedia('voice-bob.ulaw');
      const order = { path: file, format: 'audio/basic', rate: 20_000_000 };
      const sent = acceptPromptAndSendFile(bob, await bob.nextOf('storage-prompt'), order);

      const { message } = await platform.nextOf('store-request', 't1');
      const bytes = await readFile(file);
      const size = bytes.length;
      const sha256 = createHash('sha256').update(bytes).digest('hex');
      expect(message).toMatchObject({
        v: 1,
        token: 'secret',
        format: 'audio/basic',
        size,
        name: 'voice-bob.ulaw',
        digest: `sha-256=${sha256}`,
      });
      expect(message['sdp']).toMatch(/m=application \d+ RTP\/AVPF 96\r\n/);
      expect(message['sdp']).toContain('a=sendonly\r\n');

      const line = await platform.phone.command('open-media', {
        kind: 'file',
        direction: 'recvonly',
      });
      const copy = join(folder, 'copy');
      await platform.phone.command('receive-file', { handle: line['handle'], path: copy });
      const confirmation = { re: message.id, transfer: 't1', sdp: line['sdp'], maxRate: 8_000_000 };
      await platform.send('store-confirmation', confirmation);
      const sending = await sent;
      expect(sending.transfer).toBe('t1');
      expect(await platform.phone.waitFor('file-received')).toMatchObject({ bytes: size, sha256 });
      await sending.sentAll;
    });
  });

  test('an offer is answered with a receive request, ready before the first byte', async () => {
    await withCall(async (bob, platform, folder) => {
      const offer = { transfer: 't2', sender: 'alice', format: 'audio/PCMU', stored: 16_000 };
      await platform.send('receive-offer', offer);
      const receiving = acceptOfferAndReceive(bob, await bob.nextOf('receive-offer'), {
        kind: 'audio',
        path: join(folder, 'audio'),
        password: '1234',
      });
      const { message } = await platform.nextOf('receive-request', 't2');
      expect(message).toMatchObject({ password: '1234' });
      expect(message['sdp']).toContain('a=recvonly\r\n');
      const line = await platform.phone.command('open-media', {
        kind: 'audio',
        direction: 'sendonly',
      });
      const { handle, sdp } = line;
      // The first packets overtake the confirmation.
      const path = shippedMedia('voice-carol.ulaw');
      const order = { handle, answer: message['sdp'], path, seconds: 0.5 };
      await platform.phone.command('send-audio', order);
      await platform.send('receive-confirmation', { re: message.id, transfer: 't2', sdp });
      const { started, received } = await receiving;
      await started;
      const all = await platform.phone.waitFor('audio-sent');
      await platform.phone.command('connect-media', { handle, answer: message['sdp'] });
      await platform.phone.command('close-media', { handle });
      expect(await received).toMatchObject({ bytes: 4_000, sha256: all['sha256'] });
    });
  });

  test('a refusal rejects with its code and facts', async () => {
    await withCall(async (bob, platform) => {
      const asked = instructStorage(bob, { password: 'wrong' });
      const { message } = await platform.nextOf('storage-instruction');
      const refusal = { re: message.id, code: 'no-space', status: 413, text: 'full', free: 12 };
      await platform.send('error', refusal);
      const error: unknown = await asked.catch((cause: unknown) => cause);
      expect(error).toBeInstanceOf(InCallRefusal);
      expect(error).toMatchObject({ code: 'no-space', facts: { free: 12 } });
    });
  });

  test('messages carry the version and an id; an id given is kept, for repetitions', async () => {
    await withCall(async (bob, platform) => {
      const request = { sender: 'alice', password: 'p', id: 'same' };
      expect(await requestStorage(bob, request)).toBe('same');
      expect(await requestStorage(bob, request)).toBe('same');
      for (let times = 0; times < 2; times++) {
        const { message } = await platform.nextOf('storage-request');
        expect(message).toMatchObject({ v: 1, id: 'same', sender: 'alice' });
      }
    });
  });
});
