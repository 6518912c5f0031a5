import { expect, test } from '@jest/globals';
import { InCallRefusal } from '../../sip-scripts/in-call-message.ts';
import { PIN, withScene } from '../support/scene.ts';

test('M8 the transport is negotiated: RTP/AVP and RTP/AVPF are taken, others refused by name', async () => {
  await withScene({}, async (scene) => {
    const { callee } = await scene.call('alice', 'bob');
    const [alice, bob] = [scene.party('alice'), scene.party('bob')];
    const kind = { kind: 'file', direction: 'sendonly' };
    const sdp = String((await alice.phone.command('open-media', kind))['sdp']);
    const outcome = async (protocol: string): Promise<unknown> => {
      const request = { sender: 'alice', password: PIN, maxBytes: 1_000 };
      const status = await bob.ask('storage-request', request, callee);
      const { message, call } = await alice.nextOf('storage-prompt', status.message.transfer);
      const { transfer, token } = message;
      const offer = sdp.replace('RTP/AVPF', protocol);
      const store = { transfer, token, format: 'image/jpeg', size: 1_000, sdp: offer };
      return alice.ask('store-request', store, call).then(
        (answer) => /^m=application \d+ (\S+)/m.exec(String(answer.message['sdp']))?.[1],
        (error: unknown) => (error instanceof InCallRefusal ? error.code : error),
      );
    };
    expect(await outcome('RTP/AVPF')).toBe('RTP/AVPF');
    expect(await outcome('RTP/AVP')).toBe('RTP/AVP');
    expect(await outcome('RTP/SAVP')).toBe('transport-not-supported');
    expect(await outcome('TCP/MSRP')).toBe('transport-not-supported');
  });
}, 60_000);
