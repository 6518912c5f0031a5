import { createSocket, type Socket } from 'node:dgram';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { PlatformProcess } from '../../sip-scripts/platform-process.ts';
import { builtDist } from '../support/built-dist.ts';
import type { SipText } from '../support/sip-text.ts';
import {
  callBetween,
  SubscriberPhone,
  TEXT_PHONE_DOMAIN,
  type TextCall,
} from '../support/subscriber-phone.ts';
import { withTempFolder } from '../support/temp-folder.ts';
import { until } from '../support/until.ts';

const START_MS = 60_000;
const TEXT = ['Content-Type: text/plain;charset=UTF-8'];
const SDP = ['Content-Type: application/sdp'];
const PIN = '27481536';
const FRAME_MS = 40;
/** Little-endian, microseconds. */
const PCAP_MAGIC = 0xa1b2c3d4;
let platform: PlatformProcess;
let alice: SubscriberPhone;
let bob: SubscriberPhone;
let sockets: Socket[] = [];
let timers: NodeJS.Timeout[] = [];

beforeEach(async () => {
  platform = await PlatformProcess.start({
    dist: builtDist(),
    env: { MIDCALL_DOMAIN: TEXT_PHONE_DOMAIN, MIDCALL_STREAM_THRESHOLD: '1' },
  });
  const server = { address: platform.sip.host, port: platform.sip.port };
  const open = async (user: string): Promise<SubscriberPhone> => {
    const secrets = ['--password', `${user}-sip`, '--storage-password', PIN];
    await platform.cli(['subscribers', 'add', user, ...secrets, '--space', '10MB']);
    const phone = await SubscriberPhone.open(user, `${user}-sip`, server);
    await phone.register();
    return phone;
  };
  [alice, bob] = [await open('alice'), await open('bob')];
}, START_MS);

afterEach(async () => {
  for (const timer of timers) clearInterval(timer);
  await Promise.allSettled([alice.sip.close(), bob.sip.close()]);
  for (const socket of sockets) socket.close();
  [sockets, timers] = [[], []];
  await platform.stop();
});

/** Two sockets, for RTP and RTCP. */
async function mediaSocket(): Promise<Socket> {
  const socket = createSocket('udp4');
  socket.bind(0, '127.0.0.1');
  await once(socket, 'listening');
  sockets.push(socket);
  return socket;
}

const portOf = (socket: Socket): number => socket.address().port;
let versions = 1;

interface Lines {
  readonly audio: Socket;
  readonly video?: Socket;
  readonly rtcp?: Socket;
  readonly direction?: string;
  readonly audioDirection?: string;
  /** 0 to reject the line. */
  readonly videoPort?: number;
  readonly codec?: string;
}

/** What a phone says: always voice, sometimes video. */
function sdpOf({ audio, video, rtcp, direction = 'sendrecv', ...more }: Lines): string {
  const lines = [
    'v=0',
    `o=phone 1 ${versions++} IN IP4 127.0.0.1`,
    's=-',
    'c=IN IP4 127.0.0.1',
    't=0 0',
    `m=audio ${portOf(audio)} RTP/AVP 0`,
    `a=${more.audioDirection ?? 'sendrecv'}`,
  ];
  if (video !== undefined)
    lines.push(
      `m=video ${more.videoPort ?? portOf(video)} RTP/AVP 96`,
      `a=rtpmap:96 ${more.codec ?? 'VP8/90000'}`,
      ...(rtcp === undefined ? [] : [`a=rtcp:${portOf(rtcp)}`]),
      'a=rtcp-fb:96 nack pli',
      `a=${direction}`,
    );
  return [...lines, ''].join('\r\n');
}

const videoOf = (sdp: string): { port: number; direction: string } => {
  const section = sdp.split(/^m=video /m)[1] ?? '0';
  const direction = /^a=(sendrecv|sendonly|recvonly|inactive)\r?$/m.exec(section)?.[1] ?? '';
  return { port: Number.parseInt(section, 10), direction };
};

const versionOf = (sdp: string): number => Number(/^o=\S+ \S+ (\d+)/m.exec(sdp)?.[1]);

async function told(phone: SubscriberPhone): Promise<string> {
  const message = await phone.sip.request('MESSAGE');
  phone.sip.answer(message, '200 OK');
  return message.body;
}

async function types(phone: SubscriberPhone, text: string): Promise<void> {
  const sent = await phone.send('MESSAGE', 'midcall', { headers: TEXT, body: text });
  expect(sent.status).toBe(200);
}

interface Scene {
  readonly call: TextCall;
  readonly voice: { readonly alice: Socket; readonly bob: Socket };
  readonly camera: Socket;
  readonly cameraControl: Socket;
}

/** Alice has asked, Bob has said that he will send; nobody has video yet. */
async function announced(): Promise<Scene> {
  const [voiceA, voiceB, camera, cameraControl] = await Promise.all(
    Array.from({ length: 4 }, mediaSocket),
  );
  if (!voiceA || !voiceB || !camera || !cameraControl) throw new Error('no sockets');
  const call = await callBetween(alice, bob, {
    offer: sdpOf({ audio: voiceA }),
    answer: sdpOf({ audio: voiceB }),
    takesInfo: false,
  });
  await types(alice, `/store ${PIN}`);
  expect(await told(alice)).toBe('I have asked. You will be told when it comes.');
  expect(await told(bob)).toContain('/send');
  await types(bob, '/send');
  expect(await told(bob)).toBe('Good. Now switch your video on.');
  return { call, voice: { alice: voiceA, bob: voiceB }, camera, cameraControl };
}

/** Bob offers something; Alice's phone answers for its part. @returns what each of them got. */
async function bobOffers(
  { call, voice }: Scene,
  offer: string,
  answer: (got: string) => string = () => sdpOf({ audio: voice.alice }),
): Promise<{ readonly atAlice: string; readonly atBob: string }> {
  call.callee.send('INVITE', { headers: SDP, body: offer });
  const arrived = await alice.sip.request('INVITE');
  alice.sip.answer(arrived, '200 OK', { body: answer(arrived.body) });
  const answered = await bob.sip.response(200, 'INVITE');
  call.callee.ack(answered);
  await alice.sip.request('ACK');
  return { atAlice: arrived.body, atBob: answered.body };
}

/** A VP8 frame of one packet (RFC 7741): the picture is nobody's business here. */
function vp8Packet(number: number, isKey: boolean): Buffer {
  const packet = Buffer.alloc(60);
  packet.writeUInt16BE(0x80e0, 0);
  packet.writeUInt16BE(number & 0xffff, 2);
  packet.writeUInt32BE((number * FRAME_MS * 90) >>> 0, 4);
  packet.writeUInt32BE(0xdeadbeef, 8);
  packet[12] = 0x10;
  packet.set(isKey ? [0x10, 0, 0, 0x9d, 0x01, 0x2a, 176, 0, 144, 0] : [0x11, 0, 0], 13);
  packet.writeUInt32BE(number, 50);
  return packet;
}

/** Bob's camera: a key frame only when somebody asks for one. */
class Camera {
  isKeyWanted = false;
  asked = 0;
  sent = 0;

  constructor({ camera, cameraControl }: Scene, port: number) {
    cameraControl.on('message', (rtcp: Buffer) => {
      // A PLI is the last of its compound: type 206, format 1 (RFC 4585 §6.3.1).
      if (rtcp[rtcp.length - 11] !== 206 || rtcp[rtcp.length - 12] !== 0x81) return;
      this.asked += 1;
      this.isKeyWanted = true;
    });
    const shoot = (): void => {
      camera.send(vp8Packet(this.sent, this.isKeyWanted), port, '127.0.0.1');
      this.isKeyWanted = false;
      this.sent += 1;
    };
    timers.push(setInterval(shoot, FRAME_MS));
  }

  stop(): void {
    for (const timer of timers) clearInterval(timer);
  }
}

/** What Alice's phone does with the platform's offer. */
async function aliceIsOffered(status: string, answer: (offer: string) => string): Promise<SipText> {
  const offer = await alice.sip.request('INVITE');
  alice.sip.answer(offer, status, status.startsWith('200') ? { body: answer(offer.body) } : {});
  await alice.sip.request('ACK');
  return offer;
}

/** Bob's video comes in, and Alice has been told so. */
async function offered(
  scene: Scene,
): Promise<{ readonly filming: Camera; readonly address: number }> {
  const { voice, camera, cameraControl } = scene;
  const offer = sdpOf({ audio: voice.bob, video: camera, rtcp: cameraControl });
  const { atAlice, atBob } = await bobOffers(scene, offer);
  // To Alice's phone it is a voice call as before, whatever lines it once had; to Bob's, video that somebody takes.
  expect(atAlice).not.toMatch(/^m=video [1-9]/m);
  expect(videoOf(atBob)).toEqual({ port: expect.any(Number), direction: 'recvonly' });
  expect(atBob).toContain('a=rtcp-fb:96 nack pli');
  const address = videoOf(atBob).port;
  const filming = new Camera(scene, address);
  expect(await told(alice)).toMatch(/^bob is sending you a video\. Write \/play/);
  return { filming, address };
}

/** Voice goes from each phone to the other, through us. */
async function voicePasses({ call, voice }: Scene): Promise<void> {
  const packet = Buffer.from('80000001000003e8deadbeefffff', 'hex');
  const audioPort = (sdp: string): number => Number(/^m=audio (\d+)/m.exec(sdp)?.[1]);
  for (const [from, to, sdp] of [
    [voice.alice, voice.bob, call.answered.body],
    [voice.bob, voice.alice, call.invite.body],
  ] as const) {
    const arrived = once(to, 'message');
    from.send(packet, audioPort(sdp), '127.0.0.1');
    expect((await arrived)[0]).toEqual(packet);
  }
}

async function theTransfer(state: string): Promise<Record<string, unknown>> {
  let found: Record<string, unknown> | undefined;
  await until(async () => {
    const rows: unknown = JSON.parse(await platform.cli(['transfers', 'list']));
    [found] = rows as Record<string, unknown>[];
    return found?.['ingest'] === state;
  });
  return found ?? {};
}

test(
  'video that the sender switches on is stored, and seen by the receiver while it comes',
  async () => {
    const scene = await announced();
    const { voice, camera, cameraControl } = scene;
    const screen = await mediaSocket();
    const { filming } = await offered(scene);
    expect(filming.asked).toBeGreaterThan(0);
    await voicePasses(scene);

    const shown: Buffer[] = [];
    screen.on('message', (packet: Buffer) => shown.push(packet));
    await types(alice, '/play');
    const offer = await aliceIsOffered('200 OK', () =>
      sdpOf({ audio: voice.alice, video: screen, direction: 'recvonly' }),
    );
    expect(offer.body).toContain('a=rtpmap:96 VP8/90000');
    expect(videoOf(offer.body).direction).toBe('sendonly');
    expect(versionOf(offer.body)).toBeGreaterThan(versionOf(scene.call.invite.body));
    expect(await told(alice)).toBe('Here it comes.');
    const before = filming.sent;
    await until(async () => (await once(screen, 'message')).length > 0 && shown.length > 20);
    expect(filming.sent).toBeGreaterThan(before);
    // The first frame is a key frame.
    expect((shown[0]?.[13] ?? 1) & 1).toBe(0);
    await voicePasses(scene);

    // Bob switches it off: that was all. Alice sees the rest, and both are told.
    filming.stop();
    const off = sdpOf({
      audio: voice.bob,
      video: camera,
      rtcp: cameraControl,
      direction: 'inactive',
    });
    const { atBob } = await bobOffers(scene, off, () =>
      sdpOf({ audio: voice.alice, video: screen, direction: 'recvonly' }),
    );
    expect(videoOf(atBob).direction).toBe('inactive');
    expect(await told(bob)).toMatch(/^Done: .* stored\.$/);
    const over = await aliceIsOffered('200 OK', () =>
      sdpOf({ audio: voice.alice, video: screen, videoPort: 0 }),
    );
    expect(videoOf(over.body).port).toBe(0);
    expect(versionOf(over.body)).toBeGreaterThan(versionOf(offer.body));
    expect(await told(alice)).toMatch(/^Done: .* stored\.$/);
    const record = await theTransfer('complete');
    expect(record).toMatchObject({ delivery: 'delivered', kind: 'media', format: 'video/VP8' });
    await voicePasses(scene);

    // Their own video is theirs again (M15).
    const direct = await bobOffers(scene, sdpOf({ audio: voice.bob, video: camera }), () =>
      sdpOf({ audio: voice.alice, video: screen }),
    );
    expect(videoOf(direct.atAlice)).toMatchObject({ direction: 'sendrecv' });
    const through = once(screen, 'message');
    camera.send(vp8Packet(1, true), videoOf(direct.atBob).port, '127.0.0.1');
    await through;
  },
  START_MS,
);

test(
  'a receiver that declines the line keeps its voice, and can take it later; glare is tried again',
  async () => {
    const scene = await announced();
    const { voice } = scene;
    const screen = await mediaSocket();
    const { filming } = await offered(scene);
    await types(alice, '/play');
    await aliceIsOffered('200 OK', () =>
      sdpOf({ audio: voice.alice, video: screen, videoPort: 0 }),
    );
    expect(await told(alice)).toMatch(/^Sorry: your phone did not take the new line/);
    await voicePasses(scene);
    await types(alice, '/play');
    await aliceIsOffered('488 Not Acceptable Here', () => '');
    expect(await told(alice)).toMatch(/^Sorry: your phone did not take the new line/);
    await types(alice, '/play live');
    await aliceIsOffered('491 Request Pending', () => '');
    const again = await aliceIsOffered('200 OK', () =>
      sdpOf({ audio: voice.alice, video: screen, direction: 'recvonly' }),
    );
    expect(videoOf(again.body).direction).toBe('sendonly');
    expect(await told(alice)).toBe('Here it comes.');
    const [live] = (await once(screen, 'message')) as [Buffer];
    // Live: not the first picture, but one that stands alone.
    expect(live.readUInt32BE(50)).toBeGreaterThan(0);
    expect((live[13] ?? 1) & 1).toBe(0);

    // Alice has seen enough; what comes goes on being stored.
    scene.call.caller.send('INVITE', {
      headers: SDP,
      body: sdpOf({ audio: voice.alice, video: screen, videoPort: 0 }),
    });
    const atBob = await bob.sip.request('INVITE');
    const { camera, cameraControl } = scene;
    // Bob's phone says of its own line what it said before: it is not Alice's.
    bob.sip.answer(atBob, '200 OK', {
      body: sdpOf({ audio: voice.bob, video: camera, rtcp: cameraControl }),
    });
    const answered = await alice.sip.response(200, 'INVITE');
    scene.call.caller.ack(answered);
    expect(videoOf(answered.body).port).toBe(0);
    await until(async () => (await theTransfer('storing'))['delivery'] === 'left');
    filming.stop();
    // She hangs up: the call is over, and what came is in her storage.
    scene.call.caller.send('BYE');
    expect((await theTransfer('partial'))['reason']).toBe('sender-not-in-call');
    await until(async () => Number((await theTransfer('partial'))['stored']) > 0);
  },
  START_MS,
);

test(
  'without an announcement, and on hold, nothing of it is ours',
  async () => {
    const scene = await announced();
    const { voice, camera, cameraControl } = scene;
    const { filming, address } = await offered(scene);
    // On hold and back: the same storage address, the same transfer.
    const held = {
      audio: voice.bob,
      video: camera,
      rtcp: cameraControl,
      direction: 'inactive',
      audioDirection: 'inactive',
    };
    const hold = await bobOffers(scene, sdpOf(held));
    expect(hold.atAlice).toContain('a=inactive');
    expect(videoOf(hold.atBob)).toEqual({ port: address, direction: 'inactive' });
    const resume = await bobOffers(
      scene,
      sdpOf({ audio: voice.bob, video: camera, rtcp: cameraControl }),
    );
    expect(videoOf(resume.atBob)).toEqual({ port: address, direction: 'recvonly' });
    expect((await theTransfer('storing'))['ingest']).toBe('storing');
    // A second video line is for the other phone.
    const two = `${sdpOf({ audio: voice.bob, video: camera, rtcp: cameraControl })}m=video 40000 RTP/AVP 97\r\na=rtpmap:97 H264/90000\r\n`;
    const both = await bobOffers(
      scene,
      two,
      () => `${sdpOf({ audio: voice.alice, video: camera, videoPort: 0 })}m=video 0 RTP/AVP 97\r\n`,
    );
    expect(both.atAlice).toMatch(/m=video 0 RTP\/AVP 96\r\n[^]*m=video \d\d+ RTP\/AVP 97/);
    expect(both.atBob).toMatch(/m=video \d\d+ RTP\/AVP 96\r\n[^]*m=video 0 RTP\/AVP 97/);
    // Cancelled by the receiver: the sender's phone is told to stop.
    await types(alice, '/cancel');
    const stop = await bob.sip.request('INVITE');
    expect(videoOf(stop.body).port).toBe(0);
    bob.sip.answer(stop, '200 OK', {
      body: `${sdpOf({ audio: voice.bob, video: camera, videoPort: 0 })}m=video 0 RTP/AVP 97\r\n`,
    });
    await bob.sip.request('ACK');
    filming.stop();
    await theTransfer('cancelled');
    await voicePasses(scene);
  },
  START_MS,
);

test(
  'a re-INVITE that the other phone refuses, and a video nobody can store, leave the voice alone',
  async () => {
    const scene = await announced();
    const { call, voice, camera, cameraControl } = scene;
    const offer = sdpOf({ audio: voice.bob, video: camera, rtcp: cameraControl });
    call.callee.send('INVITE', { headers: SDP, body: offer });
    const arrived = await alice.sip.request('INVITE');
    alice.sip.answer(arrived, '491 Request Pending');
    call.callee.ack(await bob.sip.response(491, 'INVITE'));
    await voicePasses(scene);
    // Encrypted in a way that we can't open: declined, and said so.
    const dtls = offer
      .replace('m=video', 'a=x\r\nm=video')
      .replace(/(m=video \d+) RTP\/AVP/, '$1 UDP/TLS/RTP/SAVPF');
    const { atBob } = await bobOffers(scene, dtls);
    expect(videoOf(atBob).port).toBe(0);
    expect(await told(bob)).toMatch(/^Sorry: this transport is not supported/);
    await voicePasses(scene);
    // A payload that nothing says the name of can't be stored either.
    const nameless = offer.replace('a=rtpmap:96 VP8/90000\r\n', '');
    expect(videoOf((await bobOffers(scene, nameless)).atBob).port).toBe(0);
    expect(await told(bob)).toMatch(/^Sorry: .*video/);
    // Video that Bob does not send is the phones' own business (M15).
    for (const direction of ['recvonly', 'inactive'] as const) {
      const idle = sdpOf({ audio: voice.bob, video: camera, direction });
      const { atAlice } = await bobOffers(scene, idle, () =>
        sdpOf({ audio: voice.alice, video: camera, videoPort: 0 }),
      );
      expect(videoOf(atAlice)).toEqual({ port: expect.any(Number), direction });
      expect(videoOf(atAlice).port).toBeGreaterThan(0);
    }
    await voicePasses(scene);
    // And once more, as it should be.
    const { filming } = await offered(scene);
    filming.stop();
  },
  START_MS,
);

test(
  'a video in a format that nobody knows is stored as the packets that came',
  async () => {
    const scene = await announced();
    const { voice, camera, cameraControl } = scene;
    const codec = 'X-FOO/90000';
    const lines = { audio: voice.bob, video: camera, rtcp: cameraControl, codec };
    const { atBob } = await bobOffers(scene, sdpOf(lines));
    expect(atBob).toContain(`a=rtpmap:96 ${codec}`);
    const filming = new Camera(scene, videoOf(atBob).port);
    expect(await told(alice)).toMatch(/^bob is sending you a video\. Write \/play/);
    await voicePasses(scene);
    filming.stop();
    await bobOffers(scene, sdpOf({ ...lines, direction: 'inactive' }));
    expect(await told(bob)).toMatch(/^Done: .* stored\.$/);
    const record = await theTransfer('complete');
    expect(record).toMatchObject({ kind: 'media', format: 'video/X-FOO' });
    await withTempFolder(async (folder) => {
      const output = join(folder, 'stored');
      await platform.cli(['transfers', 'fetch', String(record['id']), '--output', output]);
      const pcap = await readFile(output);
      expect(pcap.readUInt32LE(0)).toBe(PCAP_MAGIC);
      for (let number = 0; number < filming.sent - 1; number++)
        expect(pcap.includes(vp8Packet(number, false).subarray(48))).toBe(true);
    });
  },
  START_MS,
);
