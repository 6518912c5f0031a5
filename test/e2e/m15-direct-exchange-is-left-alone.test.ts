import { createSocket, type Socket } from 'node:dgram';
import { once } from 'node:events';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { PlatformProcess } from '../../sip-scripts/platform-process.ts';
import { builtDist } from '../support/built-dist.ts';
import { callBetween, SubscriberPhone, TEXT_PHONE_DOMAIN } from '../support/subscriber-phone.ts';

const START_MS = 60_000;
const INFO = ['Info-Package: midcall', 'Content-Type: application/vnd.midcall+json'];
let platform: PlatformProcess;
let alice: SubscriberPhone;
let bob: SubscriberPhone;
let sockets: Socket[] = [];

beforeEach(async () => {
  platform = await PlatformProcess.start({
    dist: builtDist(),
    env: { MIDCALL_DOMAIN: TEXT_PHONE_DOMAIN },
  });
  for (const user of ['alice', 'bob']) {
    const secrets = ['--password', `${user}-sip`, '--storage-password', '1234'];
    await platform.cli(['subscribers', 'add', user, ...secrets]);
  }
  const server = { address: platform.sip.host, port: platform.sip.port };
  alice = await SubscriberPhone.open('alice', 'alice-sip', server);
  bob = await SubscriberPhone.open('bob', 'bob-sip', server);
  await alice.register();
  await bob.register();
}, START_MS);

afterEach(async () => {
  await Promise.allSettled([alice.sip.close(), bob.sip.close()]);
  for (const socket of sockets) socket.close();
  sockets = [];
  await platform.stop();
});

async function mediaSocket(): Promise<Socket> {
  const socket = createSocket('udp4');
  socket.bind(0, '127.0.0.1');
  await once(socket, 'listening');
  sockets.push(socket);
  return socket;
}

const portOf = (socket: Socket): number => socket.address().port;

const audioOnly = (port: number): string =>
  `v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\nc=IN IP4 127.0.0.1\r\nt=0 0\r\nm=audio ${port} RTP/AVP 0\r\n`;

/** What only the two phones understand: it has to arrive as it was written. */
const VIDEO_LINES = [
  'b=AS:512',
  'a=rtpmap:99 H264/90000',
  'a=fmtp:99 profile-level-id=42e01f;packetization-mode=1',
  'a=rtcp-fb:* nack pli',
  'a=x-vendor:secret handshake',
  'a=sendrecv',
];

const withVideo = (audio: number, video: number): string =>
  `${audioOnly(audio)}m=video ${video} RTP/AVPF 99\r\n${VIDEO_LINES.join('\r\n')}\r\n`;

const videoPort = (sdp: string): number => Number(/^m=video (\d+) /m.exec(sdp)?.[1]);

/** Sends a datagram and gives what the other socket gets. */
async function through(from: Socket, port: number, to: Socket): Promise<Buffer> {
  const arrived = once(to, 'message');
  from.send(PACKET, port, '127.0.0.1');
  const [bytes] = (await arrived) as [Buffer];
  return bytes;
}

/** An RTP packet of payload type 99 with an extension: nobody on the way has a reason to touch it. */
const PACKET = Buffer.from('90e30001000003e8deadbeefbede000110aa0000c0ffee', 'hex');

test(
  'M15 after a refusal, the phones’ own video passes both ways, untouched',
  async () => {
    const [a, b, aVideo, bVideo] = await Promise.all(Array.from({ length: 4 }, mediaSocket));
    if (!a || !b || !aVideo || !bVideo) throw new Error('no sockets');
    const call = await callBetween(alice, bob, {
      offer: audioOnly(portOf(a)),
      answer: audioOnly(portOf(b)),
    });

    // The platform refuses …
    const body = JSON.stringify({
      v: 1,
      id: 'r1',
      type: 'storage-request',
      sender: 'bob',
      password: 'wrong',
    });
    call.caller.send('INFO', { headers: INFO, body });
    expect((await alice.sip.response(200, 'INFO')).status).toBe(200);
    const refusal = await alice.sip.request('INFO');
    alice.sip.answer(refusal, '200 OK');
    expect(JSON.parse(refusal.body)).toMatchObject({ re: 'r1', code: 'not-authorized' });

    // … and the two exchange it the traditional way: a re-INVITE that adds video.
    const type = ['Content-Type: application/sdp'];
    const offer = withVideo(portOf(a), portOf(aVideo));
    call.caller.send('INVITE', { headers: type, body: offer });
    const reinvite = await bob.sip.request('INVITE');
    expect(reinvite.body).toContain('m=audio');
    expect(reinvite.body).toMatch(/^m=video \d+ RTP\/AVPF 99\r$/m);
    for (const line of VIDEO_LINES) expect(reinvite.body).toContain(`${line}\r\n`);
    bob.sip.answer(reinvite, '200 OK', { body: withVideo(portOf(b), portOf(bVideo)) });
    const accepted = await alice.sip.response(200, 'INVITE');
    for (const line of VIDEO_LINES) expect(accepted.body).toContain(`${line}\r\n`);
    call.caller.ack(accepted);
    await bob.sip.request('ACK');

    expect(await through(aVideo, videoPort(accepted.body), bVideo)).toEqual(PACKET);
    expect(await through(bVideo, videoPort(reinvite.body), aVideo)).toEqual(PACKET);
  },
  START_MS,
);

test(
  'M15 a refused re-INVITE leaves the call as it was',
  async () => {
    const [a, b] = await Promise.all([mediaSocket(), mediaSocket()]);
    const call = await callBetween(alice, bob, {
      offer: audioOnly(portOf(a)),
      answer: audioOnly(portOf(b)),
    });
    const type = ['Content-Type: application/sdp'];
    for (const port of [40_000, 40_002]) {
      call.caller.send('INVITE', { headers: type, body: withVideo(portOf(a), port) });
      const reinvite = await bob.sip.request('INVITE');
      bob.sip.answer(reinvite, '488 Not Acceptable Here');
      const refused = await alice.sip.response(488, 'INVITE');
      call.caller.ack(refused);
    }
    const port = Number(/^m=audio (\d+) /m.exec(call.answered.body)?.[1]);
    expect(await through(a, port, b)).toEqual(PACKET);
  },
  START_MS,
);

test(
  'M15 INFO of other packages, chat and REFER pass with their answers',
  async () => {
    const [a, b] = await Promise.all([mediaSocket(), mediaSocket()]);
    const call = await callBetween(alice, bob, {
      offer: audioOnly(portOf(a)),
      answer: audioOnly(portOf(b)),
    });
    const exchange = async (method: string, headers: string[], body: string, answer: string) => {
      call.caller.send(method, { headers, body });
      const arrived = await bob.sip.request(method);
      bob.sip.answer(arrived, answer);
      const answered = await alice.sip.response(Number(answer.slice(0, 3)), method);
      return { arrived, answered };
    };
    const dtmf = 'Signal=5\r\nDuration=160\r\n';
    const relay = ['Content-Type: application/dtmf-relay'];
    const pressed = await exchange('INFO', relay, dtmf, '200 OK');
    expect(pressed.arrived.body).toBe(dtmf);
    expect(pressed.arrived.get('content-type')).toBe('application/dtmf-relay');
    const other = ['Info-Package: zebra', 'Content-Type: text/plain'];
    const unknown = await exchange('INFO', other, 'stripes', '469 Bad Info Package');
    expect(unknown.arrived.get('info-package')).toBe('zebra');
    const chat = await exchange(
      'MESSAGE',
      ['Content-Type: text/plain'],
      'schön, ß',
      '202 Accepted',
    );
    expect(chat.arrived.body).toBe('schön, ß');
    const refer = ['Refer-To: <sip:carol@test>', 'Referred-By: <sip:alice@test>'];
    const referred = await exchange('REFER', refer, '', '202 Accepted');
    expect(referred.arrived.get('refer-to')).toBe('<sip:carol@test>');
  },
  START_MS,
);

test(
  'M15 chat outside of calls passes, from proven senders only',
  async () => {
    const headers = ['Content-Type: text/plain;charset=UTF-8'];
    const sent = alice.send('MESSAGE', 'bob', { headers, body: 'are you there?' });
    const arrived = await bob.sip.request('MESSAGE');
    expect(arrived.body).toBe('are you there?');
    expect(arrived.get('from')).toContain('sip:alice@test');
    bob.sip.answer(arrived, '200 OK');
    expect((await sent).status).toBe(200);
    const forged = bob.sip.outside('MESSAGE', 'alice', { headers, body: 'it is me, alice' });
    expect((await bob.sip.exchange(forged.text, (it) => it.status >= 200)).status).toBe(407);
    expect((await alice.send('MESSAGE', 'nobody', { headers, body: 'hello' })).status).toBe(404);
  },
  START_MS,
);
