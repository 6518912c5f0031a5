import { describe, expect, test } from '@jest/globals';
import { PIN_PAUSE_MS } from '../../src/incall/key-reader.ts';
import { PRESSES_PER_SECOND_MAX } from '../../src/media/key-watch.ts';
import { eventPayload, pressPackets } from '../support/key-packets.ts';
import { rtpPacket, speech } from '../support/rtp-packets.ts';
import { VoiceLine, type Passed } from '../support/voice-line.ts';

/** A caller that talks, and presses keys while it goes on talking. */
class Typist {
  readonly line: VoiceLine;
  #sequence: number;
  #timestamp: number;

  constructor(line: VoiceLine, sequence = 65_500, timestamp = 0xffff_f000) {
    this.line = line;
    this.#sequence = sequence;
    this.#timestamp = timestamp;
  }

  async says(packets: number): Promise<void> {
    for (let index = 0; index < packets; index++) {
      this.line.fromCaller(this.#packet(speech(this.#sequence), 0));
      await this.#pause();
    }
  }

  async presses(keys: string): Promise<void> {
    for (const key of keys) {
      const packets = pressPackets(key, {
        sequence: this.#sequence,
        timestamp: this.#timestamp,
      });
      for (const packet of packets) {
        this.line.fromCaller(packet);
        await this.#pause();
      }
      this.#sequence = (this.#sequence + packets.length) & 0xffff;
      await this.says(3);
    }
  }

  #packet(payload: Uint8Array, payloadType: number): Uint8Array {
    const header = { payloadType, sequence: this.#sequence, timestamp: this.#timestamp };
    this.#sequence = (this.#sequence + 1) & 0xffff;
    return rtpPacket(header, payload);
  }

  async #pause(): Promise<void> {
    this.#timestamp = (this.#timestamp + 160) >>> 0;
    await this.line.rig.advance(20);
  }
}

/** Keys in what the callee got, a press each. */
function keysIn(passed: readonly Passed[]): string {
  const events = passed.filter(({ payloadType }) => payloadType === 101);
  const begins = events.filter(({ marker }) => marker);
  return begins.map(({ payload }) => '0123456789*#'[payload[0] ?? 0]).join('');
}

/** Each number is one more than that before. */
function expectNoGap(passed: readonly Passed[]): void {
  const [first] = passed;
  expect(passed.map(({ sequence }) => sequence)).toEqual(
    passed.map((_, index) => ((first?.sequence ?? 0) + index) & 0xffff),
  );
}

test('a command and its PIN are heard by us, and no digit, and no gap, by the other phone', async () => {
  const line = await VoiceLine.open();
  const caller = new Typist(line);
  await caller.says(10);
  await caller.presses('*12748#5');
  expect(line.said()).toEqual([
    { type: 'pin-wanted', verb: 'store' },
    { type: 'said', verb: 'store', pin: '2748' },
  ]);
  const passed = line.toCallee();
  expect(keysIn(passed)).toBe('*5');
  expectNoGap(passed);
  const spoken = passed.filter(({ payloadType }) => payloadType === 0);
  expect(spoken).toHaveLength(10 + 3 * 8);
  expect(line.rig.ofType('keys').map(({ relay, side }) => `${relay} ${side}`)).toEqual([
    'c.0 caller',
    'c.0 caller',
  ]);
});

test('keys that are no code of ours pass at once and byte for byte, and so do those of the other phone', async () => {
  const line = await VoiceLine.open();
  const packets = [...pressPackets('1', {}), ...pressPackets('*', { sequence: 20, timestamp: 9 })];
  for (const packet of packets) {
    line.fromCaller(packet);
    line.fromCallee(packet);
    expect(line.toCallee().map(({ bytes }) => bytes)).toEqual([packet]);
    expect(line.toCaller().map(({ bytes }) => bytes)).toEqual([packet]);
  }
  expect(line.said()).toEqual([]);
});

test('where nothing is looked into, everything passes byte for byte', async () => {
  const line = await VoiceLine.open([]);
  const packets = Array.from('*12748#').flatMap((key, index) => [
    ...pressPackets(key, { sequence: 20 * index, timestamp: 2_000 * index }),
  ]);
  line.fromCaller(...packets);
  expect(line.toCallee().map(({ bytes }) => bytes)).toEqual(packets);
  expect(line.said()).toEqual([]);
  expect(await line.prompt({ ulaw: new Uint8Array(160), opus: [] })).toBe(false);
});

test('the PIN ends with time, and says so', async () => {
  const line = await VoiceLine.open();
  const caller = new Typist(line);
  await caller.presses('*12');
  await line.rig.advance(PIN_PAUSE_MS);
  expect(line.said().at(-1)).toEqual({ type: 'given-up', verb: 'store' });
  line.toCallee();
  await caller.presses('7');
  expect(keysIn(line.toCallee())).toBe('7');
});

test('keys count while the other phone is on hold', async () => {
  const line = await VoiceLine.open();
  await line.rig.plane.setRelayRemote('c.0', 'callee', undefined);
  await new Typist(line).presses('*2');
  expect(line.said()).toEqual([{ type: 'said', verb: 'send' }]);
});

describe(`${PRESSES_PER_SECOND_MAX} presses a second are read, more are counted`, () => {
  const flood = (keys: string, from = 0): readonly Uint8Array[] =>
    Array.from(keys, (key, index) =>
      rtpPacket(
        { payloadType: 101, sequence: from + index, timestamp: 400 * (from + index), marker: true },
        eventPayload(key, { duration: 160 }),
      ),
    );

  test('and pass', async () => {
    const line = await VoiceLine.open();
    const packets = flood(`${'1'.repeat(PRESSES_PER_SECOND_MAX - 1)}*2`);
    line.fromCaller(...packets);
    expect(line.said()).toEqual([]);
    expect(line.toCallee()).toHaveLength(packets.length);
    expect(await line.rig.plane.counts()).toMatchObject({ keysDropped: 1 });
    await line.rig.advance(1_000);
    line.fromCaller(...flood('*2', 100));
    expect(line.said()).toEqual([{ type: 'said', verb: 'send' }]);
  });

  test('but while a PIN is typed none of them passes', async () => {
    const line = await VoiceLine.open();
    line.fromCaller(...flood(`*1${'7'.repeat(PRESSES_PER_SECOND_MAX)}`));
    expect(keysIn(line.toCallee())).toBe('*');
    expect(await line.rig.plane.counts()).toMatchObject({ keysDropped: 2 });
  });
});
