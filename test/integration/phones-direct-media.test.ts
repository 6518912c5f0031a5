import { createHash } from 'node:crypto';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import type { PhoneProcess } from '../../sip-scripts/phone-process.ts';
import { HANDLES_MAX } from '../../sip-scripts/phone/media-desk.ts';
import { shippedMedia } from '../support/built-dist.ts';
import { withPhones } from '../support/phones.ts';
import { until } from '../support/until.ts';
import { withTempFolder } from '../support/temp-folder.ts';

const sha256 = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex');

interface MediaFacts {
  readonly received?: { readonly packets: number };
  readonly foreign: number;
}

async function mediaOf(phone: PhoneProcess): Promise<MediaFacts> {
  const { media } = (await phone.command('stats')) as unknown as { media: MediaFacts[] };
  const [facts] = media;
  if (facts === undefined) throw new Error('no media line');
  return facts;
}

const packetsReceived = async (phone: PhoneProcess): Promise<number> =>
  (await mediaOf(phone)).received?.packets ?? 0;
const foreign = async (phone: PhoneProcess): Promise<number> => (await mediaOf(phone)).foreign;

/** Two phones without a call, and a folder. */
const withTwo = (
  run: (sender: PhoneProcess, receiver: PhoneProcess, folder: string) => Promise<void>,
): Promise<void> =>
  withTempFolder((folder) =>
    withPhones([{ user: 'alice' }, { user: 'bob' }], async (a, b) => {
      if (a === undefined || b === undefined) throw new Error('two phones');
      await run(a, b, folder);
    }),
  );

describe('phones send each other data over RTP', () => {
  test('a file arrives whole, and its end is repeated until the sender is told to stop', async () => {
    await withTwo(async (a, b, folder) => {
      const path = shippedMedia('photo.jpg');
      const out = await a.command('open-media', { kind: 'file', direction: 'sendonly' });
      const into = await b.command('open-media', { kind: 'file', direction: 'recvonly' });
      const copy = join(folder, 'copy.jpg');
      await b.command('receive-file', { handle: into['handle'], path: copy, answer: out['sdp'] });
      await a.command('send-file', {
        handle: out['handle'],
        answer: into['sdp'],
        path,
        rate: 10_000_000,
      });
      const sent = await a.waitFor('file-sent');
      const received = await b.waitFor('file-received');
      const original = await readFile(path);
      expect(sent).toMatchObject({ size: original.length });
      expect(received).toMatchObject({ bytes: original.length, sha256: sha256(original) });
      expect(sha256(await readFile(copy))).toBe(sha256(original));

      const packets = Math.ceil(original.length / 1_200);
      await until(async () => (await packetsReceived(b)) >= packets + 2);
      const stopped = await a.command('stop-sending', { handle: out['handle'] });
      expect(stopped).toMatchObject({ sent: { packets: packets + 2 } });
    });
  });

  test('a sender that stops in mid-transfer sends no end', async () => {
    await withTwo(async (a, b, folder) => {
      const out = await a.command('open-media', { kind: 'file', direction: 'sendonly' });
      const into = await b.command('open-media', { kind: 'file', direction: 'recvonly' });
      const { handle } = into;
      await b.command('receive-file', { handle, path: join(folder, 'part'), answer: out['sdp'] });
      await a.command('send-file', {
        handle: out['handle'],
        answer: into['sdp'],
        path: shippedMedia('photo.jpg'),
        rate: 10_000_000,
        stopAt: 12_000,
      });
      await a.waitFor('file-sent');
      const closed = await a.command('close-media', { handle: out['handle'] });
      expect(closed).toMatchObject({ sent: { packets: 10 } });
      expect(await b.command('close-media', { handle })).toMatchObject({ dataBytes: 12_000 });
      expect(b.events.some((event) => event.event === 'file-received')).toBe(false);
    });
  });

  test('an audio stream keeps its samples and its pace, and BYE ends it', async () => {
    await withTwo(async (a, b, folder) => {
      const speech = (await readFile(shippedMedia('voice-carol.ulaw'))).subarray(0, 16_100);
      const path = join(folder, 'speech.ulaw');
      await writeFile(path, speech);
      const out = await a.command('open-media', { kind: 'audio', direction: 'sendonly' });
      const into = await b.command('open-media', { kind: 'audio', direction: 'recvonly' });
      const copy = join(folder, 'copy.ulaw');
      await b.command('receive-audio', { handle: into['handle'], path: copy, answer: out['sdp'] });
      await a.command('send-audio', { handle: out['handle'], answer: into['sdp'], path });
      const started = await b.waitFor('receiving');
      const sent = await a.waitFor('audio-sent');
      await a.command('connect-media', { handle: out['handle'], answer: into['sdp'] });
      await a.command('close-media', { handle: out['handle'] });
      const received = await b.waitFor('audio-received');
      expect(received).toMatchObject({ bytes: 16_100, sha256: sha256(speech), dropped: 0 });
      expect(sha256(await readFile(copy))).toBe(sha256(speech));
      // 101 packets, 20 ms apart.
      expect(sent.at - started.at).toBeGreaterThan(1_900);
      expect(sent.at - started.at).toBeLessThan(2_500);
    });
  });

  test('packets from a stranger are counted and left out', async () => {
    await withTwo(async (a, b, folder) => {
      const out = await a.command('open-media', { kind: 'audio', direction: 'sendonly' });
      const into = await b.command('open-media', { kind: 'audio', direction: 'recvonly' });
      const { handle } = into;
      const remote = { address: '127.0.0.1', rtp: 9 };
      await b.command('receive-audio', { handle, path: join(folder, 'none'), remote });
      const path = shippedMedia('voice-carol.ulaw');
      const order = { handle: out['handle'], answer: into['sdp'], path, seconds: 0.1 };
      await a.command('send-audio', order);
      await a.waitFor('audio-sent');
      await until(async () => (await foreign(b)) >= 5);
      expect(await b.command('close-media', { handle })).toMatchObject({
        foreign: 5,
        dataBytes: 0,
      });
    });
  });

  test('as many media lines as the limit are open at once; one more is refused', async () => {
    await withTwo(async (a) => {
      const order = { kind: 'audio', direction: 'sendonly' };
      for (let lines = 0; lines < HANDLES_MAX; lines++) await a.command('open-media', order);
      await expect(a.command('open-media', order)).rejects.toThrow('too many');
      await a.command('close-media', { handle: 'media-1' });
      await a.command('open-media', order);
    });
  });
});
