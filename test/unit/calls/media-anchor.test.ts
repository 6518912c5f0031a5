import { describe, expect, test } from '@jest/globals';
import { MidcallError } from '../../../src/base/errors.ts';
import { Call, otherSide } from '../../../src/calls/call.ts';
import { callOfRelay, MediaAnchor } from '../../../src/calls/media-anchor.ts';
import { ScriptedMediaPlane } from '../../support/scripted-media-plane.ts';
import { sdpText } from '../../support/sdp-texts.ts';

const OFFER = sdpText(
  'm=audio 4000 RTP/AVP 0',
  'm=video 4002 RTP/AVP 96',
  'm=message 2855 TCP/MSRP *',
);
const ANSWER = sdpText('m=audio 6000 RTP/AVP 0', 'm=video 0 RTP/AVP 96', 'm=message 0 TCP/MSRP *');
const PHONE = '198.51.100.7';

const mediaLines = (sdp: string): readonly string[] =>
  sdp.split('\r\n').filter((line) => line.startsWith('m='));

describe('an offer and its answer', () => {
  test('each points the other side to our side of the same relay', async () => {
    const media = new ScriptedMediaPlane();
    const anchor = new MediaAnchor('c1', media);
    expect(mediaLines(await anchor.pass(OFFER, 'caller'))).toEqual([
      'm=audio 30002 RTP/AVP 0',
      'm=video 30006 RTP/AVP 96',
      'm=message 2855 TCP/MSRP *',
    ]);
    expect(mediaLines(await anchor.pass(ANSWER, 'callee'))).toEqual([
      'm=audio 30000 RTP/AVP 0',
      'm=video 0 RTP/AVP 96',
      'm=message 0 TCP/MSRP *',
    ]);
    expect([...media.relays.keys()]).toEqual(['c1.0', 'c1.1']);
    const audio = media.relays.get('c1.0');
    expect(audio?.get('caller')?.rtp).toEqual({ address: PHONE, port: 4_000 });
    expect(audio?.get('callee')?.rtp).toEqual({ address: PHONE, port: 6_000 });
  });

  test('an offer of the same lines again opens no relay again', async () => {
    const media = new ScriptedMediaPlane();
    const anchor = new MediaAnchor('c1', media);
    const first = await anchor.pass(OFFER, 'caller');
    expect(await anchor.pass(OFFER, 'caller')).toBe(first);
    expect(media.calls.filter((call) => call.startsWith('openRelay'))).toHaveLength(2);
  });

  test('hold the old way: the other phone sees it, and nothing is sent there until it resumes', async () => {
    const media = new ScriptedMediaPlane();
    const anchor = new MediaAnchor('c1', media);
    const held = sdpText('m=audio 4000 RTP/AVP 0', 'c=IN IP4 0.0.0.0');
    expect(await anchor.pass(held, 'caller')).toContain('c=IN IP4 0.0.0.0');
    expect(media.relays.get('c1.0')?.get('caller')).toBeUndefined();
    await anchor.pass(OFFER, 'caller');
    expect(media.relays.get('c1.0')?.get('caller')?.rtp.port).toBe(4_000);
  });
});

describe('an offer inside the call', () => {
  const moved = (port: number): string =>
    sdpText(`m=audio ${port} RTP/AVP 0`, 'm=video 4002 RTP/AVP 96');

  test('that takes a line away stops its media on the side that said so', async () => {
    const media = new ScriptedMediaPlane();
    const anchor = new MediaAnchor('c1', media);
    await anchor.pass(OFFER, 'caller');
    await anchor.pass(sdpText('m=audio 6000 RTP/AVP 0', 'm=video 6002 RTP/AVP 96'), 'callee');
    await anchor.pass(sdpText('m=audio 4000 RTP/AVP 0', 'm=video 0 RTP/AVP 96'), 'caller');
    expect(media.relays.get('c1.1')?.get('caller')).toBeUndefined();
    await anchor.pass(sdpText('m=audio 6000 RTP/AVP 0'), 'callee');
    expect(media.relays.get('c1.1')?.get('callee')).toBeUndefined();
    expect(media.relays.get('c1.0')?.get('callee')?.rtp.port).toBe(6_000);
  });

  test('that is refused leaves the media where they were', async () => {
    const media = new ScriptedMediaPlane();
    const anchor = new MediaAnchor('c1', media);
    await anchor.pass(moved(4_000), 'caller');
    const goBack = anchor.remember('caller');
    await anchor.pass(moved(4_500), 'caller');
    expect(media.relays.get('c1.0')?.get('caller')?.rtp.port).toBe(4_500);
    await goBack();
    expect(media.relays.get('c1.0')?.get('caller')?.rtp.port).toBe(4_000);
  });

  test('with nothing signalled before, there is nothing to go back to', async () => {
    const media = new ScriptedMediaPlane();
    const goBack = new MediaAnchor('c1', media).remember('caller');
    await goBack();
    expect(media.calls).toEqual([]);
  });
});

test('a side behind a NAT is signalled as such, the other is not', async () => {
  const media = new ScriptedMediaPlane();
  const anchor = new MediaAnchor('c1', media, { caller: true, callee: false });
  await anchor.pass(OFFER, 'caller');
  await anchor.pass(ANSWER, 'callee');
  expect(media.relays.get('c1.0')?.get('caller')?.behindNat).toBe(true);
  expect(media.relays.get('c1.0')?.get('callee')?.behindNat).toBeUndefined();
});

describe('a session that can not be anchored', () => {
  test('not SDP: 488', async () => {
    const anchor = new MediaAnchor('c1', new ScriptedMediaPlane());
    await expect(anchor.pass('hello', 'caller')).rejects.toMatchObject({ status: 488 });
  });

  test('an address that is a name: 488, and no port stays open', async () => {
    const media = new ScriptedMediaPlane();
    media.failures.fail('openRelay', new MidcallError('bad-request', 'not a numeric address'));
    const anchor = new MediaAnchor('c1', media);
    await expect(anchor.pass(OFFER, 'caller')).rejects.toMatchObject({ status: 488 });
    expect(media.relays.size).toBe(0);
  });

  test('no port is free: 503', async () => {
    const media = new ScriptedMediaPlane();
    media.failures.fail('openRelay', new Error('no port'));
    const anchor = new MediaAnchor('c1', media);
    await expect(anchor.pass(OFFER, 'caller')).rejects.toMatchObject({ status: 503 });
    await anchor.close();
    expect(media.relays.size).toBe(0);
  });
});

describe('when the call ends', () => {
  test('its relays are closed, also a second time', async () => {
    const media = new ScriptedMediaPlane();
    const call = new Call('c1', media);
    await call.passSdp(OFFER, 'caller');
    expect(await call.end()).toBe(true);
    expect(await call.end()).toBe(false);
    expect(media.relays.size).toBe(0);
    expect(media.calls.filter((said) => said.startsWith('closeRelay'))).toHaveLength(2);
  });

  test('while a relay is being opened: it is closed too, and the session refused', async () => {
    const media = new ScriptedMediaPlane();
    const anchor = new MediaAnchor('c1', media);
    const passing = anchor.pass(OFFER, 'caller');
    await anchor.close();
    await expect(passing).rejects.toMatchObject({ status: 487 });
    expect(media.relays.size).toBe(0);
  });

  test('with a media plane that died: the call ends all the same', async () => {
    const media = new ScriptedMediaPlane();
    const call = new Call('c1', media);
    await call.passSdp(OFFER, 'caller');
    media.die();
    expect(await call.end()).toBe(true);
  });
});

test('a call whose media is not anchored passes SDP as it is; an empty body stays empty', async () => {
  expect(await new Call('c1', undefined).passSdp(OFFER, 'caller')).toBe(OFFER);
  expect(await new Call('c1', new ScriptedMediaPlane()).passSdp('', 'caller')).toBe('');
  expect([otherSide('caller'), otherSide('callee')]).toEqual(['callee', 'caller']);
});

test('a call knows its relays, until it is closed', async () => {
  const anchor = new MediaAnchor('c1', new ScriptedMediaPlane());
  await anchor.pass(OFFER, 'caller');
  expect(anchor.isOneOf(new Set(['c2.0', 'c1.1']))).toBe(true);
  expect(anchor.isOneOf(new Set(['c2.0', 'c1.2', 'c11.0']))).toBe(false);
  await anchor.close();
  expect(anchor.isOneOf(new Set(['c1.0']))).toBe(false);
});

describe('star codes', () => {
  const CODES = { store: '*1' };
  const voice = (...lines: readonly string[]): string =>
    sdpText('m=audio 4000 RTP/AVP 0 101', 'a=rtpmap:101 telephone-event/8000', ...lines);
  const AUDIO = { ulaw: Uint8Array.of(1), opus: [] };

  test('what each side takes of voice is told, with the codes; of other lines nothing is', async () => {
    const media = new ScriptedMediaPlane();
    const anchor = new MediaAnchor('c1', media, undefined, CODES);
    await anchor.pass(voice('m=video 4002 RTP/AVP 96', 'a=rtpmap:96 VP8/90000'), 'caller');
    const formats = [
      { payloadType: 0, encoding: 'PCMU', clockRate: 8_000, channels: 1 },
      { payloadType: 101, encoding: 'telephone-event', clockRate: 8_000, channels: 1 },
    ];
    expect([...media.voices]).toEqual([['c1.0 caller', { formats, codes: CODES }]]);
    expect(await anchor.play('caller', AUDIO)).toBe(true);
    expect(media.prompts).toEqual([AUDIO]);
  });

  test.each([
    ['SRTP', voice().replace('RTP/AVP', 'RTP/SAVP')],
    ['SRTP if the other wants it', voice('a=crypto:1 AES_CM_128_HMAC_SHA1_80 inline:abc')],
    ['DTLS if the other wants it', voice('a=fingerprint:sha-256 00:11')],
    ['ZRTP', voice('a=zrtp-hash:1.10 00')],
  ])('%s: the voice is not touched', async (_what, sdp) => {
    const media = new ScriptedMediaPlane();
    await new MediaAnchor('c1', media, undefined, CODES).pass(sdp, 'caller');
    expect([...media.voices]).toEqual([['c1.0 caller', undefined]]);
  });

  test('are off: nobody looks into the voice', async () => {
    const media = new ScriptedMediaPlane();
    const anchor = new MediaAnchor('c1', media);
    await anchor.pass(voice(), 'caller');
    expect(media.voices.size).toBe(0);
    expect(await anchor.play('caller', AUDIO)).toBe(false);
  });

  test('a call that is over says nothing', async () => {
    const media = new ScriptedMediaPlane();
    const anchor = new MediaAnchor('c1', media, undefined, CODES);
    await anchor.pass(voice(), 'caller');
    await anchor.close();
    expect(await anchor.play('caller', AUDIO)).toBe(false);
  });

  test('the call of a relay', () => {
    expect(callOfRelay('c1.0')).toBe('c1');
  });
});
