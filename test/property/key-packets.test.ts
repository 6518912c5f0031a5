import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { RtpView, parseRtp } from '../../src/rtp/packet.ts';
import { pressPackets } from '../support/key-packets.ts';
import { rtpPacket } from '../support/rtp-packets.ts';
import { FORMATS, VoiceLine } from '../support/voice-line.ts';

const PROMPT = { ulaw: new Uint8Array(3_200).fill(7), opus: [Uint8Array.of(72, 1, 2)] };
const payloadType = fc.constantFrom(...FORMATS.map((format) => format.payloadType), 13, 64);
const word = fc.integer({ min: 0, max: 0xffff_ffff });
const hostile = fc.record({
  header: fc.record({
    payloadType,
    sequence: fc.integer({ min: 0, max: 65_535 }),
    timestamp: fc.oneof(fc.integer({ min: 0, max: 2_000 }), word),
    ssrc: fc.integer({ min: 1, max: 3 }),
    marker: fc.boolean(),
  }),
  payload: fc.uint8Array({ maxLength: 40 }),
  first: fc.oneof(fc.constant(0x80), fc.integer({ min: 0, max: 255 })),
  waitMs: fc.integer({ min: 0, max: 40 }),
});

test('whatever comes, nothing throws, and what goes out is what came in or RTP', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(hostile, { maxLength: 60 }), async (packets) => {
      const line = await VoiceLine.open();
      await line.prompt(PROMPT);
      const view = new RtpView();
      for (const { header, payload, first, waitMs } of packets) {
        const packet = rtpPacket(header, payload);
        packet[0] = first;
        const isRtp = parseRtp(packet, packet.length, view) === undefined;
        line.fromCallee(packet);
        const [sent] = line.toCaller();
        if (!isRtp) expect(sent?.bytes).toEqual(packet);
        else if (sent !== undefined)
          expect(parseRtp(sent.bytes, sent.bytes.length, view)).toBe(undefined);
        await line.rig.advance(waitMs);
        line.toCaller();
      }
    }),
    { numRuns: 50 },
  );
});

/** Of a PIN, whatever the network does with its packets. */
test('no digit of a PIN ever passes', async () => {
  const digits = fc.stringMatching(/^\d{1,6}$/);
  const shuffling = fc.array(fc.integer({ min: 0, max: 7 }), { minLength: 64, maxLength: 64 });
  await fc.assert(
    fc.asyncProperty(digits, shuffling, async (pin, late) => {
      const line = await VoiceLine.open();
      const press = (key: string, index: number): readonly Uint8Array[] =>
        pressPackets(key, { sequence: 10 * index, timestamp: 2_000 * index });
      line.fromCaller(...Array.from('*1').flatMap(press));
      line.toCallee();
      const packets = Array.from(`${pin}#`).flatMap((key, index) => press(key, index + 2));
      // Some twice, some not at all, each up to seven places late.
      const order = packets
        .flatMap((packet, at) => {
          const by = late[at % late.length] ?? 0;
          return by === 7
            ? []
            : by === 6
              ? [
                  { packet, at },
                  { packet, at: at + 6 },
                ]
              : [{ packet, at: at + by }];
        })
        .toSorted((a, b) => a.at - b.at);
      line.fromCaller(...order.map(({ packet }) => packet));
      const passed = line.toCallee().map(({ payload }) => payload[0]);
      expect(passed).toEqual([]);
    }),
    { numRuns: 100 },
  );
});
