import { describe, expect, test } from '@jest/globals';
import type { PhoneProcess } from '../../sip-scripts/phone-process.ts';
import { shippedMedia } from '../support/built-dist.ts';
import { directUri, withPhones } from '../support/phones.ts';
import { until } from '../support/until.ts';

const alice = { user: 'alice', voice: shippedMedia('voice-alice.ulaw') };
const bob = { user: 'bob', voice: shippedMedia('voice-bob.ulaw') };

/** As in phone/calls.ts, which imports sip.js and so can't be imported here. */
const CALLS_MAX = 16;

interface VoiceOfCall {
  readonly sent: { packets: number; bytes: number; sha256: string; firstSequence: number };
  readonly received: { packets: number; lost: number; sha256: string; firstSequence: number };
}

const stats = async (phone: PhoneProcess): Promise<VoiceOfCall> => {
  const { calls } = (await phone.command('stats')) as unknown as {
    calls: { voice: VoiceOfCall }[];
  };
  const [call] = calls;
  if (call === undefined) throw new Error('no call');
  return call.voice;
};

/** Waits until a phone has received that many packets. */
async function settled(listener: PhoneProcess, packets: number): Promise<VoiceOfCall> {
  await until(async () => (await stats(listener)).received?.packets >= packets);
  return stats(listener);
}

test('as many calls as the limit ring; one more is busy', async () => {
  await withPhones([{ user: 'alice' }, { user: 'bob' }], async (a, b) => {
    if (a === undefined || b === undefined) throw new Error('two phones');
    await b.command('answer-mode', { mode: 'ring' });
    const to = directUri(b, 'tcp');
    for (let calls = 0; calls < CALLS_MAX; calls++) {
      await a.command('call', { to });
      await b.waitFor('incoming');
    }
    const { call } = await a.command('call', { to });
    const ended = await a.waitFor('ended', (event) => event['call'] === call);
    expect(ended).toMatchObject({ cause: 'refused', status: 486 });
  });
});

describe.each(['tcp', 'udp'])('two phones, one calls the other over %s', (transport) => {
  test('they talk, pass INFO both ways, and every word arrives', async () => {
    await withPhones(
      [
        { ...alice, transport },
        { ...bob, transport },
      ],
      async (a, b) => {
        if (a === undefined || b === undefined) throw new Error('two phones');
        await a.command('call', { to: directUri(b, transport) });
        const incoming = await b.waitFor('incoming');
        expect(incoming).toMatchObject({ from: 'alice', recvInfo: true });
        const up = await a.waitFor('established');
        expect(up).toMatchObject({ recvInfo: true });
        await b.waitFor('established');

        const body = { v: 1, id: 'm1', type: 'storage-request', name: 'café' };
        expect(await b.command('info', { body })).toMatchObject({ status: 200 });
        expect(await a.waitFor('info')).toMatchObject({
          package: 'midcall',
          contentType: 'application/vnd.midcall+json',
          contentDisposition: 'Info-Package',
          body,
        });
        expect(await a.command('info', { body: 'not json', infoPackage: 'other' })).toMatchObject({
          status: 200,
        });
        expect(await b.waitFor('info')).toMatchObject({ package: 'other', body: 'not json' });

        await settled(b, 25);
        await settled(a, 25);
        await a.command('mute');
        await b.command('mute');
        const sentByA = (await stats(a)).sent;
        const sentByB = (await stats(b)).sent;
        const heardByB = (await settled(b, sentByA.packets)).received;
        const heardByA = (await settled(a, sentByB.packets)).received;
        expect(heardByB).toMatchObject({ lost: 0, sha256: sentByA.sha256 });
        expect(heardByA).toMatchObject({ lost: 0, sha256: sentByB.sha256 });
        expect(heardByA.firstSequence).toBe(sentByB.firstSequence);

        await b.command('hangup');
        expect(await a.waitFor('ended')).toMatchObject({ cause: 'bye' });
        expect(await b.waitFor('ended')).toMatchObject({ cause: 'hung-up' });
      },
    );
  });

  test('hold stops the voice and resume brings it back', async () => {
    await withPhones(
      [
        { ...alice, transport },
        { ...bob, transport },
      ],
      async (a, b) => {
        if (a === undefined || b === undefined) throw new Error('two phones');
        await a.command('call', { to: directUri(b, transport) });
        await a.waitFor('established');
        await settled(a, 5);
        expect(await a.command('reinvite', { direction: 'inactive' })).toMatchObject({
          status: 200,
        });
        expect(await b.waitFor('reinvited')).toMatchObject({ status: 200 });
        const held = (await stats(b)).sent.packets;
        expect(await a.command('reinvite', { direction: 'sendrecv' })).toMatchObject({
          status: 200,
        });
        expect((await stats(b)).sent.packets).toBeLessThan(held + 25);
        await settled(a, held + 5);
      },
    );
  });

  test('a call can be refused, cancelled, and answered late', async () => {
    await withPhones(
      [
        { ...alice, transport },
        { ...bob, transport },
      ],
      async (a, b) => {
        if (a === undefined || b === undefined) throw new Error('two phones');
        const to = directUri(b, transport);
        await b.command('answer-mode', { mode: 'reject' });
        await a.command('call', { to });
        expect(await a.waitFor('ended')).toMatchObject({ cause: 'refused', status: 486 });

        await b.command('answer-mode', { mode: 'ring' });
        await a.command('call', { to });
        await a.waitFor('ringing', (event) => event['status'] === 180);
        await a.command('cancel-call');
        expect(await a.waitFor('ended')).toMatchObject({ cause: 'cancelled' });
        expect(await b.waitFor('ended', (event) => event['status'] === 487)).toMatchObject({
          cause: 'cancelled',
        });

        await a.command('call', { to });
        await a.waitFor('ringing', (event) => event['status'] === 180);
        await b.command('answer');
        await a.waitFor('established');
        expect(await a.command('message', { to, text: 'hello' })).toMatchObject({ status: 200 });
        expect(await b.waitFor('message')).toMatchObject({ from: 'alice', text: 'hello' });
        expect(await a.command('options', { to })).toMatchObject({ status: 200 });
      },
    );
  });
});
