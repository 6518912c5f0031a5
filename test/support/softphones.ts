import { execFile } from 'node:child_process';
import { mkdtemp, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { PlatformProcess } from '../../sip-scripts/platform-process.ts';
import type { Fields } from '../../sip-scripts/phone/lines.ts';
import { Baresip } from './baresip.ts';
import { builtDist } from './built-dist.ts';
import { decode } from './ffmpeg.ts';
import { tone, toneShare } from './tone.ts';
import { until } from './until.ts';

const run = promisify(execFile);

export const PIN = '27481536';
/** What each of them says all the time, in hertz. */
const VOICES = { alice: 440, bob: 880 } as const;
const RTP_PORTS = { alice: 20_000, bob: 20_100 } as const;
type Person = keyof typeof VOICES;

const HEARD_RATE = 8_000;
const BYTES_PER_SAMPLE = 2;
/** baresip takes a file only when it fits its codec. */
const micOf = (voice: string): { readonly rate: number; readonly channels: number } =>
  voice.startsWith('opus') ? { rate: 48_000, channels: 2 } : { rate: 8_000, channels: 1 };

/** Most of a signal: codecs and the first silence take the rest. */
const HEARD = 0.5;
/** A tenth of a second. */
const WINDOW = 800;
/** Of a tone that nothing else is mixed with, even by a codec. */
const ALONE = 0.9;
/** Mean square of a sample: more than the ends of a tone. */
const LOUD = 100_000;
const energy = (samples: Int16Array): number =>
  samples.reduce((sum, sample) => sum + sample * sample, 0) / samples.length;
/** A bar of the test picture has one colour above this, the others below that. */
const BRIGHT = 150;
const DARK = 100;

export interface SoftphoneOptions {
  readonly transport?: 'udp' | 'tcp';
  readonly voice?: string;
  readonly video?: string;
  /** Space of Alice. */
  readonly space?: string;
  /** Settings of the platform. */
  readonly env?: Readonly<Record<string, string>>;
}

/** Two people with Debian's baresip, and the platform. */
export class Softphones {
  readonly platform: PlatformProcess;
  readonly alice: Baresip;
  readonly bob: Baresip;

  constructor(platform: PlatformProcess, alice: Baresip, bob: Baresip) {
    this.platform = platform;
    this.alice = alice;
    this.bob = bob;
  }

  /**
   * Alice calls Bob, and sees him by their own video (M15); then he switches it off. Not before she sees him: baresip's jitter buffer holds
   * five frames before it shows one, and one that still waits for its fifth takes no other stream on that line.
   */
  async call(): Promise<void> {
    const { alice, bob, platform } = this;
    await alice.command('dial', `sip:bob@${String(platform.ready['domain'])}`);
    await Promise.all([alice.happens('CALL_ESTABLISHED'), bob.happens('CALL_ESTABLISHED')]);
    await this.seesBars(alice);
    await this.switchVideo(bob, 'inactive');
  }

  /** The video button. */
  async switchVideo(phone: Baresip, direction: 'sendrecv' | 'inactive'): Promise<void> {
    await phone.command('video_dir', direction);
    await phone.happens('CALL_REMOTE_SDP');
  }

  /** Alice asks for a video. */
  async asks(): Promise<void> {
    await this.alice.types(`/store ${PIN}`);
    await this.alice.hears(/^I have asked/);
    await this.bob.hears(/^alice asks you to send a video/);
  }

  /** Bob says that he will send one. */
  async agrees(): Promise<void> {
    await this.bob.types('/send');
    await this.bob.hears(/^Good\. Now switch your video on/);
  }

  /** Bob's video comes in, and Alice is told. */
  async films(): Promise<void> {
    await this.switchVideo(this.bob, 'sendrecv');
    await this.alice.hears(/^bob is sending you a video\. Write \/play/);
  }

  async plays(): Promise<void> {
    await this.alice.types('/play');
    await this.alice.hears(/^Here it comes/);
    await this.seesBars(this.alice);
  }

  /** The picture of Bob's camera: red, green and blue. */
  async seesBars(phone: Baresip): Promise<void> {
    let number = 0;
    await until(async () => isBars(await phone.sees(`seen-${number++}.png`)));
  }

  async hangUp(phone: Baresip): Promise<void> {
    const other = phone === this.alice ? this.bob : this.alice;
    await phone.command('hangup');
    await other.happens('CALL_CLOSED');
  }

  /** How much of what somebody heard in the last call was the other one's voice. */
  async hasHeard(listener: Person, speaker: Person): Promise<boolean> {
    const heard = await decode(await this[listener].recording(), HEARD_RATE);
    return toneShare(heard, VOICES[speaker], HEARD_RATE) > HEARD;
  }

  /** Somebody listens for that long, by the clock of the own recording. */
  async listens(listener: Person, seconds: number): Promise<void> {
    const { rate, channels } = micOf(this[listener].options.voice);
    const file = await this[listener].recording();
    const heard = async (): Promise<number> => (await stat(file)).size;
    const enough = (await heard()) + seconds * rate * channels * BYTES_PER_SAMPLE;
    await until(async () => (await heard()) >= enough);
  }

  /** For how many tenths of a second of the last call somebody heard more than the other one's voice: somebody spoke. */
  async heardSpeech(listener: Person, speaker: Person): Promise<number> {
    const heard = await decode(await this[listener].recording(), HEARD_RATE);
    const windows = Array.from({ length: Math.floor(heard.length / WINDOW) }, (_, at) =>
      heard.subarray(at * WINDOW, (at + 1) * WINDOW),
    );
    return windows.filter(
      (window) => energy(window) > LOUD && toneShare(window, VOICES[speaker], HEARD_RATE) < ALONE,
    ).length;
  }

  /** Alice's newest transfer. */
  async newest(): Promise<Fields> {
    const rows: unknown = JSON.parse(await this.platform.cli(['transfers', 'list']));
    return (rows as Fields[])[0] ?? {};
  }

  /** The same, once it has come to its end. */
  async ended(): Promise<Fields> {
    const over = ['complete', 'partial', 'failed', 'cancelled', 'expired'];
    let found: Fields = {};
    await until(async () => {
      found = await this.newest();
      return over.includes(String(found['ingest']));
    });
    return found;
  }
}

/** Runs a test with two phones that are registered; ends every process and removes every file, also when it fails. */
export async function withSoftphones(
  options: SoftphoneOptions,
  test: (phones: Softphones) => Promise<void>,
): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'midcall-phones-'));
  const phones: Baresip[] = [];
  const { env = {} } = options;
  const platform = await PlatformProcess.start({ dist: builtDist(), env });
  const open = async (user: Person, peer: Person): Promise<Baresip> => {
    const password = `${user}-sip`;
    const secrets = ['--password', password, '--storage-password', PIN];
    await platform.cli([
      'subscribers',
      'add',
      user,
      ...secrets,
      '--space',
      options.space ?? '10MB',
    ]);
    const { transport = 'udp', voice = 'pcmu', video = 'vp8' } = options;
    const phone = await Baresip.start({
      user,
      peer,
      password,
      transport,
      voice,
      video,
      domain: String(platform.ready['domain']),
      server: platform.sip,
      wav: await tone(join(folder, `${user}.wav`), VOICES[user], micOf(voice)),
      folder: join(folder, user),
      rtpPort: RTP_PORTS[user],
    });
    phones.push(phone);
    return phone;
  };
  try {
    const alice = await open('alice', 'bob');
    await test(new Softphones(platform, alice, await open('bob', 'alice')));
  } finally {
    await Promise.allSettled(phones.map((phone) => phone.stop()));
    await platform.stop();
    await rm(folder, { recursive: true, force: true });
  }
}

/** Whether a picture has a red, a green and a blue third. A snapshot that is not written yet is none. */
async function isBars(file: string): Promise<boolean> {
  const words = `-v error -i ${file} -vf scale=3:1:flags=area -f rawvideo -pix_fmt rgb24 -`;
  const pixels = await run('ffmpeg', words.split(' '), { encoding: 'buffer' }).then(
    ({ stdout }) => stdout,
    () => Buffer.alloc(0),
  );
  return [0, 1, 2].every((bar) =>
    [0, 1, 2].every((colour) => {
      const value = pixels[3 * bar + colour] ?? DARK;
      return bar === colour ? value > BRIGHT : value < DARK;
    }),
  );
}
