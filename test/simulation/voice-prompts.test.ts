import { describe, expect, test } from '@jest/globals';
import { PATIENCE_MS, PROMPTS_WAITING_MAX } from '../../src/media/prompt-mixer.ts';
import { DECODED, encode, type Law } from '../../src/rtp/g711.ts';
import { rtpPacket } from '../support/rtp-packets.ts';
import { FORMATS, VoiceLine, type Passed } from '../support/voice-line.ts';

/** A prompt whose parts can be told from each other; 10 frames of 20 ms. */
const FRAMES = 10;
const ULAW = Uint8Array.from({ length: FRAMES * 160 }, (_, at) => (at * 7 + (at >> 8)) & 0xff);
/** SILK, wide band, 20 ms, mono, one frame (RFC 6716 §3.1). */
const TOC = 9 << 3;
const OPUS = Array.from({ length: FRAMES }, (_, at) => Uint8Array.of(TOC, 200 + at, at));
const PROMPT = { ulaw: ULAW, opus: OPUS };

const voice = (number: number, samples = 160): Uint8Array =>
  Uint8Array.from({ length: samples }, (_, at) => (at * 13 + number * 31) & 0xff);

const mixed = (law: Law, spoken: Uint8Array, from: number): Uint8Array =>
  spoken.map((code, at) =>
    from + at >= ULAW.length
      ? code
      : encode(law, (DECODED[law][code] ?? 0) + (DECODED.ulaw[ULAW[from + at] ?? 0] ?? 0)),
  );

const PAYLOAD_TYPES = { ulaw: 0, alaw: 8, opus: 96 } as const;
const START = { sequence: 65_533, timestamp: 0xffff_fe00 };

const packet = (
  kind: keyof typeof PAYLOAD_TYPES,
  number: number,
  payload: Uint8Array,
  units = 160,
) =>
  rtpPacket(
    {
      payloadType: PAYLOAD_TYPES[kind],
      sequence: (START.sequence + number) & 0xffff,
      timestamp: (START.timestamp + number * units) >>> 0,
    },
    payload,
  );

const numbers = (passed: readonly Passed[]) =>
  passed.map(({ sequence, timestamp }) => ({ sequence, timestamp }));

describe.each(['ulaw', 'alaw'] as const)('%s', (law) => {
  const send = async (line: VoiceLine, number: number): Promise<void> => {
    line.fromCallee(packet(law, number, voice(number)));
    await line.rig.advance(20);
  };

  test('each sample is the sum of voice and prompt; before, after, and for the other phone nothing is touched', async () => {
    const line = await VoiceLine.open();
    for (let number = 0; number < 3; number++) await send(line, number);
    expect(await line.prompt(PROMPT)).toBe(true);
    for (let number = 3; number < 20; number++) {
      await send(line, number);
      line.fromCaller(packet(law, number, voice(99)));
      expect(line.toCallee().map(({ payload }) => payload)).toEqual([voice(99)]);
    }
    const heard = line.toCaller();
    expect(heard.map(({ payload }) => payload)).toEqual(
      heard.map((_, number) =>
        number < 3 ? voice(number) : mixed(law, voice(number), (number - 3) * 160),
      ),
    );
    expect(numbers(heard)).toEqual(
      heard.map((_, number) => ({
        sequence: (START.sequence + number) & 0xffff,
        timestamp: (START.timestamp + number * 160) >>> 0,
      })),
    );
  });

  test('what is lost of the voice is lost of the prompt, and disorder puts nothing in the wrong place', async () => {
    const line = await VoiceLine.open();
    await line.prompt(PROMPT);
    for (const number of [0, 2, 1, 5, 4]) await send(line, number);
    expect(line.toCaller().map(({ payload }) => payload)).toEqual(
      [0, 2, 1, 5, 4].map((number) => mixed(law, voice(number), number * 160)),
    );
  });

  test('packets of any length', async () => {
    const line = await VoiceLine.open();
    await line.prompt(PROMPT);
    const at = [0, 1, 241, 500, 740];
    const lengths = [1, 240, 259, 240, 240];
    at.forEach((timestamp, index) => {
      const header = { payloadType: PAYLOAD_TYPES[law], sequence: index, timestamp };
      line.fromCallee(rtpPacket(header, voice(index, lengths[index])));
    });
    expect(line.toCaller().map(({ payload }) => payload)).toEqual(
      at.map((from, index) => mixed(law, voice(index, lengths[index]), from)),
    );
  });
});

describe('opus', () => {
  /** CELT, full band, 20 ms, stereo: what baresip sends. */
  const SPOKEN = Uint8Array.of((31 << 3) | 4, 1, 2, 3);
  /** The same with frames of 10 ms; three of 20 ms in one packet. */
  const SHORT = Uint8Array.of((30 << 3) | 4, 1, 2, 3);
  const LONG = Uint8Array.of((31 << 3) | 7, 3, 1, 1, 1);

  test('packets are replaced one by one, then the voice goes on as it was', async () => {
    const line = await VoiceLine.open();
    await line.prompt(PROMPT);
    for (let number = 0; number < FRAMES + 3; number++) {
      line.fromCallee(packet('opus', number, SPOKEN, 960));
      await line.rig.advance(20);
    }
    const heard = line.toCaller();
    expect(heard.map(({ payload }) => payload)).toEqual([...OPUS, SPOKEN, SPOKEN, SPOKEN]);
    expect(numbers(heard)).toEqual(
      heard.map((_, number) => ({
        sequence: (START.sequence + number) & 0xffff,
        timestamp: (START.timestamp + number * 960) >>> 0,
      })),
    );
  });

  test('shorter packets: every second is left out, and no number is missing', async () => {
    const line = await VoiceLine.open();
    await line.prompt(PROMPT);
    for (let number = 0; number < 2 * FRAMES + 4; number++)
      line.fromCallee(packet('opus', number, SHORT, 480));
    const heard = line.toCaller();
    expect(heard.map(({ payload }) => payload)).toEqual([...OPUS, SHORT, SHORT, SHORT, SHORT]);
    expect(numbers(heard)).toEqual(
      heard.map((_, at) => ({
        sequence: (START.sequence + at) & 0xffff,
        timestamp: (START.timestamp + (at < FRAMES ? at * 960 : (at + FRAMES) * 480)) >>> 0,
      })),
    );
  });

  test('longer packets: as many frames as they are long, joined (RFC 6716 §3.2.5)', async () => {
    const line = await VoiceLine.open();
    await line.prompt(PROMPT);
    for (let number = 0; number < 5; number++) line.fromCallee(packet('opus', number, LONG, 2_880));
    const joined = (from: number, count: number): Uint8Array =>
      Uint8Array.from([
        TOC | 3,
        0x80 | count,
        ...Array.from({ length: count - 1 }, () => 2),
        ...OPUS.slice(from, from + count).flatMap(([, ...frame]) => frame),
      ]);
    expect(line.toCaller().map(({ payload }) => payload)).toEqual([
      joined(0, 3),
      joined(3, 3),
      joined(6, 3),
      OPUS[9],
      LONG,
    ]);
  });
});

describe('the other phone sends nothing', () => {
  /** Packets of ours until the prompt is over. */
  const waited = async (line: VoiceLine): Promise<readonly Passed[]> => {
    await line.rig.advance(PATIENCE_MS + FRAMES * 20 + 100);
    return line.toCaller();
  };

  test('and never did: a stream of our own in the format it prefers', async () => {
    const line = await VoiceLine.open();
    await line.prompt(PROMPT);
    const heard = await waited(line);
    expect(Buffer.concat(heard.map(({ payload }) => payload))).toEqual(Buffer.from(mixedSilence()));
    expect(heard.map(({ at }) => at - (heard[0]?.at ?? 0))).toEqual(heard.map((_, at) => at * 20));
    const [first] = heard;
    expect(heard.map(({ marker }) => marker)).toEqual(heard.map((_, at) => at === 0));
    expect(new Set(heard.map(({ ssrc }) => ssrc)).size).toBe(1);
    expect(numbers(heard)).toEqual(
      heard.map((_, at) => ({
        sequence: ((first?.sequence ?? 0) + at) & 0xffff,
        timestamp: ((first?.timestamp ?? 0) + at * 160) >>> 0,
      })),
    );
  });

  test('any more: its stream goes on, on its clock; and when it speaks again the numbers fit', async () => {
    const line = await VoiceLine.open();
    for (let number = 0; number < 3; number++) {
      line.fromCallee(packet('ulaw', number, voice(number)));
      await line.rig.advance(20);
    }
    line.toCaller();
    await line.prompt(PROMPT);
    await line.rig.advance(PATIENCE_MS + 59);
    const filled = line.toCaller();
    expect(filled).toHaveLength(3);
    // 100 ms of patience after 20 ms of the last packet.
    const begun = (START.timestamp + 2 * 160 + (PATIENCE_MS + 20) * 8) >>> 0;
    expect(numbers(filled)).toEqual(
      filled.map((_, at) => ({
        sequence: (START.sequence + 3 + at) & 0xffff,
        timestamp: (begun + at * 160) >>> 0,
      })),
    );
    const number = 12;
    line.fromCallee(packet('ulaw', number, voice(number)));
    const [spoken] = line.toCaller();
    expect(spoken?.payload).toEqual(mixed('ulaw', voice(number), 3 * 160));
    // Nine packets were not sent, three of ours were.
    expect(spoken?.sequence).toBe((START.sequence + number + 3) & 0xffff);
    expect(spoken?.timestamp).toBe((START.timestamp + number * 160) >>> 0);
  });

  test('in opus', async () => {
    const line = await VoiceLine.open(FORMATS.filter(({ encoding }) => encoding === 'opus'));
    await line.prompt(PROMPT);
    const heard = await waited(line);
    expect(heard.map(({ payload }) => payload)).toEqual(OPUS);
    expect(heard.map(({ payloadType }) => payloadType)).toEqual(OPUS.map(() => 96));
  });

  test('but comfort noise, which passes', async () => {
    const comfort = { payloadType: 13, encoding: 'CN', clockRate: 8_000, channels: 1 };
    const line = await VoiceLine.open([...FORMATS, comfort]);
    line.fromCallee(packet('ulaw', 0, voice(0)));
    await line.prompt(PROMPT);
    line.fromCallee(rtpPacket({ payloadType: 13, ...START }, Uint8Array.of(60)));
    expect(line.toCaller().map(({ payloadType }) => payloadType)).toEqual([0, 13]);
    expect(await waited(line)).toHaveLength(FRAMES);
  });
});

describe('the other phone sends what we can neither mix nor replace', () => {
  const foreign = (sequence: number): Uint8Array =>
    rtpPacket({ payloadType: 9, sequence }, voice(sequence));

  test('nothing is said, and its packets pass', async () => {
    const line = await VoiceLine.open();
    line.fromCallee(foreign(1));
    expect(await line.prompt(PROMPT)).toBe(false);
    await line.rig.advance(1_000);
    expect(line.toCaller().map(({ payload }) => payload)).toEqual([voice(1)]);
  });

  test('from now on: what was being said is given up', async () => {
    const line = await VoiceLine.open();
    await line.prompt(PROMPT);
    line.fromCallee(packet('ulaw', 0, voice(0)), foreign(START.sequence + 1));
    await line.rig.advance(1_000);
    expect(line.toCaller().map(({ payloadType }) => payloadType)).toEqual([0, 9]);
    line.fromCallee(packet('ulaw', 2, voice(2)));
    expect(line.toCaller().map(({ payload }) => payload)).toEqual([voice(2)]);
    expect(await line.prompt(PROMPT)).toBe(true);
  });
});

/** The prompt as it was said into silence: its own bytes, but for the two zeros of µ-law. */
const mixedSilence = (): Uint8Array => ULAW.map((code) => encode('ulaw', DECODED.ulaw[code] ?? 0));

test('a phone that takes no codec of ours is said nothing', async () => {
  const line = await VoiceLine.open(FORMATS.filter(({ encoding }) => encoding === 'G722'));
  expect(await line.prompt(PROMPT)).toBe(false);
});

test(`${PROMPTS_WAITING_MAX} prompts wait for one another, one more is not taken`, async () => {
  const line = await VoiceLine.open();
  const taken: boolean[] = [];
  for (let index = 0; index < PROMPTS_WAITING_MAX + 2; index++)
    taken.push(await line.prompt(PROMPT));
  expect(taken).toEqual([...Array.from({ length: PROMPTS_WAITING_MAX + 1 }, () => true), false]);
  for (let number = 0; number < 60; number++) {
    line.fromCallee(packet('ulaw', number, voice(number)));
    await line.rig.advance(20);
  }
  const heard = line.toCaller();
  const prompts = PROMPTS_WAITING_MAX + 1;
  expect(heard.map(({ payload }) => payload)).toEqual(
    heard.map((_, number) =>
      number < prompts * FRAMES
        ? mixed('ulaw', voice(number), (number % FRAMES) * 160)
        : voice(number),
    ),
  );
});

test('a line that closes while something is said leaves nothing behind', async () => {
  const line = await VoiceLine.open();
  await line.prompt(PROMPT);
  await line.rig.plane.closeRelay('c.0');
  await line.rig.advance(10_000);
  expect(line.toCaller()).toEqual([]);
});
