import { expect, test } from '@jest/globals';
import { PlatformProcess } from '../../sip-scripts/platform-process.ts';
import { builtDist } from '../support/built-dist.ts';
import { sdp } from '../support/sdp.ts';
import { callBetween, SubscriberPhone, TEXT_PHONE_DOMAIN } from '../support/subscriber-phone.ts';

const LIMIT_MS = 60_000;
const PIN = '27481536';
/** Voice that is encrypted from phone to phone. */
const secured = (port: number): string =>
  sdp(port)
    .replace('RTP/AVP', 'RTP/SAVP')
    .concat(`a=crypto:1 AES_CM_128_HMAC_SHA1_80 inline:${'A'.repeat(40)}\r\n`);

test(
  'keys in INFO: what is ours is answered by the platform, the rest passes; where voice is encrypted the answer is a text',
  async () => {
    const env = { MIDCALL_DOMAIN: TEXT_PHONE_DOMAIN, MIDCALL_STAR_CODES: 'store=*1,send=*2' };
    const platform = await PlatformProcess.start({ dist: builtDist(), env });
    const phones: SubscriberPhone[] = [];
    const open = async (user: string): Promise<SubscriberPhone> => {
      const secrets = ['--password', `${user}-sip`, '--storage-password', PIN];
      await platform.cli(['subscribers', 'add', user, ...secrets, '--space', '10MB']);
      const server = { address: platform.sip.host, port: platform.sip.port };
      const phone = await SubscriberPhone.open(user, `${user}-sip`, server);
      phones.push(phone);
      await phone.register();
      return phone;
    };
    const told = async (phone: SubscriberPhone): Promise<string> => {
      const message = await phone.sip.request('MESSAGE');
      phone.sip.answer(message, '200 OK');
      return message.body;
    };
    try {
      const [alice, bob] = [await open('alice'), await open('bob')];
      const offers = { offer: secured(40_000), answer: secured(40_002), takesInfo: false };
      const { caller, callee } = await callBetween(alice, bob, offers);
      const relayed = { headers: ['Content-Type: application/dtmf-relay'] };

      // Passes, with the other phone's answer.
      caller.send('INFO', { ...relayed, body: 'Signal=*\r\nDuration=160\r\n' });
      const star = await bob.sip.request('INFO');
      expect(star.body).toContain('Signal=*');
      bob.sip.answer(star, '200 OK');
      expect((await alice.sip.response(200, 'INFO')).status).toBe(200);

      for (const key of `1${PIN}#`) {
        caller.send('INFO', { ...relayed, body: `Signal=${key}\r\nDuration=160\r\n` });
        expect((await alice.sip.response(200, 'INFO')).status).toBe(200);
      }
      expect(await told(alice)).toBe('Your PIN, and hash.');
      expect(await told(alice)).toBe('I have asked.');
      expect(await told(bob)).toMatch(/^alice asks you to send a video/);
      expect(bob.sip.count('INFO')).toBe(1);

      // The other way of writing it.
      for (const [key, passes] of [
        ['*', true],
        ['2', false],
        ['7', true],
      ] as const) {
        callee.send('INFO', { headers: ['Content-Type: application/dtmf'], body: key });
        if (passes) {
          const passed = await alice.sip.request('INFO');
          expect(passed.body).toBe(key);
          alice.sip.answer(passed, '200 OK');
        }
        expect((await bob.sip.response(200, 'INFO')).status).toBe(200);
      }
      expect(await told(bob)).toBe('Now switch your video on.');
      expect(alice.sip.count('INFO')).toBe(2);
      expect(platform.stderr).not.toContain(PIN);
    } finally {
      await Promise.allSettled(phones.map((phone) => phone.sip.close()));
      await platform.stop();
    }
  },
  LIMIT_MS,
);
