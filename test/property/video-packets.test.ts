import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { wallclock } from '../../src/base/units.ts';
import { FrameAssembly } from '../../src/recording/frame-assembly.ts';
import { videoCodecOf } from '../../src/recording/video-codec.ts';
import { takesLessThan } from '../support/quickly.ts';
import { runs } from '../support/runs.ts';

const ENCODINGS = ['VP8', 'VP9', 'H264'] as const;
const format = (encoding: string) => ({
  payloadType: 96,
  encoding,
  clockRate: 90_000,
  channels: 1,
  parameters: 'packetization-mode=1;sprop-parameter-sets=Z0LAHtkDxWhAAAADAEAAAAwDxYuS,aMuMsg==',
});

/** Any bytes, and bytes that look like something: descriptors with every flag, fragments, aggregates. */
const payload = fc.oneof(
  fc.uint8Array({ maxLength: 64 }),
  fc
    .tuple(fc.constantFrom(0x90, 0x98, 0xff, 0x1c, 0x7c, 0x78, 0x67, 0x65), fc.uint8Array())
    .map(([first, rest]) => Uint8Array.of(first, ...rest)),
);
const packet = fc.record({
  payload,
  marker: fc.boolean(),
  follows: fc.boolean(),
  timestamp: fc.nat(3),
});

describe.each(ENCODINGS)('the frames of %s', (encoding) => {
  test('whatever comes, nothing throws, and no frame is larger than its packets', () => {
    const codec = videoCodecOf(format(encoding));
    if (codec === undefined) throw new Error('no codec');
    fc.assert(
      fc.property(fc.array(packet, { maxLength: 30 }), (packets) => {
        const assembly = new FrameAssembly(codec);
        let bytes = 0;
        for (const part of packets) {
          const { length } = part.payload;
          bytes += length;
          const before = Buffer.from(part.payload);
          const frame = assembly.add({
            ...part,
            arrival: wallclock(0),
            at: part.timestamp,
            duration: 0,
            ssrc: 1,
          });
          expect(before.equals(part.payload)).toBe(true);
          if (frame?.isKey === true) codec.picture(frame.bytes, format(encoding));
          // Each NAL unit of an aggregate costs two bytes there and four here.
          if (frame !== undefined) expect(frame.bytes.length).toBeLessThanOrEqual(4 * bytes + 4);
        }
        const last = assembly.finish();
        if (last?.isKey === true) codec.picture(last.bytes, format(encoding));
      }),
      { numRuns: runs(2_000) },
    );
  });

  test('of a large hostile payload are read at once', () => {
    const codec = videoCodecOf(format(encoding));
    for (const fill of [0xff, 0x9f, 0x00]) {
      const hostile = new Uint8Array(65_507).fill(fill);
      expect(takesLessThan(500, () => void codec?.depacketize(hostile))).toBe(true);
    }
  });
});
