import { expect, test } from '@jest/globals';
import type { Fields } from '../../sip-scripts/phone/lines.ts';
import { PlatformProcess } from '../../sip-scripts/platform-process.ts';
import { builtDist } from '../support/built-dist.ts';
import { SeededRandom } from '../support/seeded-random.ts';
import { readSip, type SipText } from '../support/sip-text.ts';
import {
  acknowledgeRefusal,
  callBetween,
  SubscriberPhone,
  TEXT_PHONE_DOMAIN,
  type TextCall,
} from '../support/subscriber-phone.ts';
import { UdpPeer } from '../support/udp-peer.ts';
import { until } from '../support/until.ts';

const LIMIT_MS = 90_000;
const PIN = '27481536';
const SDP = ['Content-Type: application/sdp'];
const TEXT = ['Content-Type: text/plain;charset=UTF-8'];
/** One after the other, and then so many waves of so many from each side at once. */
const IN_A_ROW = 100;
const WAVES = 12;
const WAVE = 5;
const FRAME_MS = 40;
/** Of the video, after the storm. */
const FRAMES_SEEN = 5;
const DIRECTIONS = ['sendrecv', 'sendonly', 'recvonly', 'inactive'] as const;
/** What a phone may say to a re-INVITE that comes in the middle of everything. */
const ANSWERS = ['200 OK', '200 OK', '491 Request Pending', '488 Not Acceptable Here'] as const;
const random = new SeededRandom(17);
const anyOf = (values: readonly string[]): string => values[random.below(values.length)] ?? '';

let versions = 1;
const sdpOf = (voice: number, video: string, voiceDirection: string): string =>
  ['v=0', `o=p 1 ${versions++} IN IP4 127.0.0.1`, 's=-', 'c=IN IP4 127.0.0.1', 't=0 0']
    .concat(`m=audio ${voice} RTP/AVP 0`, `a=${voiceDirection}`, video === '' ? [] : video, '')
    .join('\r\n');
const videoLine = (port: number, direction: string): string =>
  `m=video ${port} RTP/AVP 96\r\na=rtpmap:96 VP8/90000\r\na=${direction}`;
const portIn = (sdp: string, kind: string): number =>
  Number(new RegExp(`^m=${kind} (\\d+)`, 'm').exec(sdp)?.[1]);

/** A phone that answers every offer at once, whatever it has under way itself, and acknowledges every answer. */
class StormPhone {
  readonly phone: SubscriberPhone;
  readonly media: Record<'voice' | 'video', UdpPeer>;
  /** Of its video line, once it has one. */
  videoDirection: string | undefined;
  /** Final answers to its offers, by status. */
  readonly statuses: Record<number, number> = {};
  answersBy: readonly string[] = ['200 OK'];
  #dialog: TextCall['caller'] | undefined;
  #camera: NodeJS.Timeout | undefined;

  private constructor(phone: SubscriberPhone, media: Record<'voice' | 'video', UdpPeer>) {
    this.phone = phone;
    this.media = media;
  }

  static async open(phone: SubscriberPhone): Promise<StormPhone> {
    return new StormPhone(phone, { voice: await UdpPeer.open(), video: await UdpPeer.open() });
  }

  /** What it says of itself, as an offer or an answer. */
  steady(voiceDirection = 'sendrecv'): string {
    const { voice, video } = this.media;
    const { videoDirection } = this;
    const line = videoDirection && videoLine(video.address.port, videoDirection);
    return sdpOf(voice.address.port, line ?? '', voiceDirection);
  }

  films(port: number): void {
    let frames = 0;
    const shoot = (): void => void this.media.video.send(frame(frames++), port);
    this.#camera = setInterval(shoot, FRAME_MS);
  }

  /** From now on. */
  joins(dialog: TextCall['caller']): void {
    this.#dialog = dialog;
    const { sip } = this.phone;
    sip.serve((message) => {
      if (message.method === 'ACK') return true;
      if (message.method !== 'INVITE') return false;
      const status = anyOf(this.answersBy);
      const headers = SDP;
      sip.answer(message, status, status.startsWith('200') ? { headers, body: this.steady() } : {});
      return true;
    });
  }

  /** Makes an offer, until it is answered. */
  async offers(body: string): Promise<SipText> {
    if (this.#dialog === undefined) throw new Error('in no call');
    const text = this.#dialog.write('INVITE', { headers: SDP, body });
    const sent = readSip(text);
    const isAnswer = (it: SipText): boolean =>
      it.status >= 200 && it.get('cseq') === sent.get('cseq');
    const answer = await this.phone.sip.exchange(text, isAnswer);
    if (answer.status < 300) this.#dialog.ack(answer);
    else this.phone.sip.send(acknowledgeRefusal(text, answer));
    this.statuses[answer.status] = (this.statuses[answer.status] ?? 0) + 1;
    if (answer.status === 500) expect(answer.get('retry-after')).toMatch(/^\d+$/);
    return answer;
  }

  async isTold(): Promise<string> {
    const message = await this.phone.sip.request('MESSAGE');
    this.phone.sip.answer(message, '200 OK');
    return message.body;
  }

  async types(body: string): Promise<void> {
    expect((await this.phone.send('MESSAGE', 'midcall', { headers: TEXT, body })).status).toBe(200);
  }

  close(): Promise<unknown> {
    clearInterval(this.#camera);
    const { voice, video } = this.media;
    return Promise.allSettled([this.phone.sip.close(), voice.close(), video.close()]);
  }
}

/** A VP8 frame of one packet (RFC 7741). */
function frame(number: number): Buffer {
  const packet = Buffer.alloc(60);
  packet.writeUInt16BE(0x80e0, 0);
  packet.writeUInt16BE(number, 2);
  packet.writeUInt32BE(number * FRAME_MS * 90, 4);
  packet.writeUInt32BE(0xdeadbeef, 8);
  packet[12] = 0x10;
  packet.set([0x10, 0, 0, 0x9d, 0x01, 0x2a, 176, 0, 144, 0], 13);
  return packet;
}

/** Voice passes from each to the other. */
async function voicePasses(
  parties: readonly [StormPhone, StormPhone],
  addresses: readonly [number, number],
): Promise<void> {
  const packet = Buffer.from('80000001000003e8deadbeefffff', 'hex');
  for (const [from, to] of [
    [0, 1],
    [1, 0],
  ] as const) {
    const heard = parties[to].media.voice.received;
    const before = heard.length;
    await until(async () => {
      await parties[from].media.voice.send(packet, addresses[from]);
      return heard.length > before;
    });
    expect(heard.at(-1)?.bytes).toEqual(packet);
  }
}

interface Course {
  readonly platform: PlatformProcess;
  readonly alice: StormPhone;
  readonly bob: StormPhone;
  readonly call: TextCall;
  /** Where each sends its voice, and Bob his video. */
  readonly voiceAt: readonly [number, number];
  readonly storageAt: number;
}

/** Bob's video is on its way to Alice. */
async function filmed(
  platform: PlatformProcess,
  alice: StormPhone,
  bob: StormPhone,
): Promise<Course> {
  const sdps = { offer: alice.steady(), answer: bob.steady(), takesInfo: false };
  const call = await callBetween(alice.phone, bob.phone, sdps);
  alice.joins(call.caller);
  bob.joins(call.callee);
  const voiceAt = [portIn(call.answered.body, 'audio'), portIn(call.invite.body, 'audio')] as const;
  await alice.types(`/store ${PIN}`);
  expect(await alice.isTold()).toMatch(/^I have asked/);
  expect(await bob.isTold()).toContain('/send');
  await bob.types('/send');
  expect(await bob.isTold()).toMatch(/^Good/);
  bob.videoDirection = 'sendrecv';
  const storageAt = portIn((await bob.offers(bob.steady())).body, 'video');
  bob.films(storageAt);
  expect(await alice.isTold()).toMatch(/^bob is sending you a video/);
  alice.videoDirection = 'recvonly';
  await alice.types('/play');
  expect(await alice.isTold()).toBe('Here it comes.');
  return { platform, alice, bob, call, voiceAt, storageAt };
}

async function inARow({ alice, bob }: Course): Promise<void> {
  for (let count = 0; count < IN_A_ROW; count++) {
    const phone = count % 2 === 0 ? alice : bob;
    expect((await phone.offers(phone.steady(anyOf(DIRECTIONS)))).status).toBe(200);
  }
}

async function atOnce({ alice, bob }: Course): Promise<void> {
  alice.answersBy = ANSWERS;
  bob.answersBy = ANSWERS;
  for (let wave = 0; wave < WAVES; wave++) {
    const offers = Array.from({ length: 2 * WAVE }, (_, at) => {
      const phone = (at + wave) % 2 === 0 ? alice : bob;
      return phone.offers(phone.steady(anyOf(DIRECTIONS)));
    });
    await Promise.all(offers);
  }
  // 491 to who meets the other's offer, 500 to who does not wait for the answer to its own (RFC 3261 §14.2).
  for (const { statuses } of [alice, bob]) {
    expect(['200', '488', '491', '500']).toEqual(expect.arrayContaining(Object.keys(statuses)));
    expect(statuses[500]).toBeGreaterThan(0);
    expect(statuses[491]).toBeGreaterThan(0);
  }
  alice.answersBy = ['200 OK'];
  bob.answersBy = ['200 OK'];
}

/** The same addresses, voice, and the video that is still stored and shown. */
async function isAllAsItWas({ platform, alice, bob, voiceAt, storageAt }: Course): Promise<void> {
  const atBob = (await bob.offers(bob.steady())).body;
  const addresses = [portIn(atBob, 'audio'), portIn(atBob, 'video')];
  expect(addresses).toEqual([voiceAt[1], storageAt]);
  expect(atBob).toMatch(/m=video [^]*a=recvonly/);
  const atAlice = (await alice.offers(alice.steady())).body;
  expect(portIn(atAlice, 'audio')).toBe(voiceAt[0]);
  expect(atAlice).toMatch(/m=video [^]*a=sendonly/);
  await voicePasses([alice, bob], voiceAt);
  const seen = alice.media.video.received;
  const enough = seen.length + FRAMES_SEEN;
  await until(async () => seen.length >= enough);
  expect(await transferOf(platform)).toMatchObject({ ingest: 'storing', delivery: 'delivering' });
}

/** A phone that would only send on the line that brings it the video wants no more of it. */
async function leaves({ platform, alice }: Course): Promise<void> {
  alice.videoDirection = 'sendonly';
  expect((await alice.offers(alice.steady())).body).toMatch(/m=video [^]*a=inactive/);
  await until(async () => (await transferOf(platform))['delivery'] === 'left');
}

async function transferOf(platform: PlatformProcess): Promise<Fields> {
  const rows: unknown = JSON.parse(await platform.cli(['transfers', 'list']));
  return (rows as Fields[])[0] ?? {};
}

async function storm(platform: PlatformProcess, alice: StormPhone, bob: StormPhone): Promise<void> {
  const course = await filmed(platform, alice, bob);
  await inARow(course);
  await atOnce(course);
  await isAllAsItWas(course);
  await leaves(course);
  course.call.callee.send('BYE');
  await alice.phone.sip.request('BYE');
  expect(platform.stderr).not.toMatch(/in-dialog\.failed|ack\.failed/);
}

test(
  'a storm of re-INVITEs from both sides: every one is answered, voice and transfer go on',
  async () => {
    const env = { MIDCALL_DOMAIN: TEXT_PHONE_DOMAIN, MIDCALL_STREAM_THRESHOLD: '1' };
    const platform = await PlatformProcess.start({ dist: builtDist(), env });
    const parties: StormPhone[] = [];
    const open = async (user: string): Promise<StormPhone> => {
      const secrets = ['--password', `${user}-sip`, '--storage-password', PIN];
      await platform.cli(['subscribers', 'add', user, ...secrets, '--space', '10MB']);
      const server = { address: platform.sip.host, port: platform.sip.port };
      const party = await StormPhone.open(await SubscriberPhone.open(user, `${user}-sip`, server));
      parties.push(party);
      await party.phone.register();
      return party;
    };
    try {
      await storm(platform, await open('alice'), await open('bob'));
    } finally {
      await Promise.allSettled(parties.map((party) => party.close()));
      await platform.stop();
    }
  },
  LIMIT_MS,
);
