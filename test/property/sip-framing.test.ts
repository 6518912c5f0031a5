import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { StreamFramer, type Framed } from '../../src/sip/stream-framer.ts';
import { FrameReader, writeFrame } from '../../src/sip/wire-frame.ts';

/** The same bytes in pieces cut anywhere. */
const cut = (bytes: Buffer, cuts: readonly number[]): Buffer[] => {
  const places = cuts.map((place) => place % (bytes.length + 1)).toSorted((a, b) => a - b);
  return [0, ...places].map((start, at) => bytes.subarray(start, places[at] ?? bytes.length));
};

const message = fc
  .tuple(fc.constantFrom('OPTIONS', 'INVITE', 'MESSAGE'), fc.uint8Array({ maxLength: 60 }))
  .map(([method, body]) =>
    Buffer.concat([
      Buffer.from(`${method} sip:a@b SIP/2.0\r\nX: y\r\nContent-Length: ${body.length}\r\n\r\n`),
      body,
    ]),
  );
const ping = fc.constant(Buffer.from('\r\n\r\n'));

const summary = (framed: readonly Framed[]): string[] =>
  framed.map((each) => (each.kind === 'message' ? each.bytes.toString('latin1') : each.kind));

describe('a stream of SIP', () => {
  test('gives the same messages however it is cut', () => {
    fc.assert(
      fc.property(fc.array(fc.oneof(message, ping)), fc.array(fc.nat()), (parts, cuts) => {
        const framer = new StreamFramer();
        const found = cut(Buffer.concat(parts), cuts).flatMap((piece) => framer.push(piece));
        const expected = parts.map((part) =>
          part.length === 4 ? 'ping' : part.toString('latin1'),
        );
        expect(summary(found)).toEqual(expected);
      }),
    );
  });

  test('of anything never throws, and is broken at most once', () => {
    fc.assert(
      fc.property(fc.array(fc.uint8Array({ maxLength: 100 })), (pieces) => {
        const framer = new StreamFramer();
        const found = pieces.flatMap((piece) => framer.push(Buffer.from(piece)));
        expect(found.filter(({ kind }) => kind === 'broken').length).toBeLessThanOrEqual(1);
      }),
    );
  });
});

describe('a stream of frames', () => {
  const token = fc.string({ unit: fc.constantFrom(...Array.from('abc019-.;= #')) });
  const frame = fc.tuple(
    fc.array(token, { minLength: 1 }),
    fc.option(fc.uint8Array({ maxLength: 80 }).map((bytes) => Buffer.from(bytes))),
  );

  test('gives the same frames however it is cut', () => {
    fc.assert(
      fc.property(fc.array(frame), fc.array(fc.nat()), (frames, cuts) => {
        const written = frames.map(([tokens, body]) => writeFrame(tokens, body ?? undefined));
        const reader = new FrameReader();
        const found = cut(Buffer.concat(written), cuts).flatMap((piece) => reader.push(piece));
        expect(found.map(({ tokens, message: body }) => [tokens, body?.toString('hex')])).toEqual(
          frames.map(([tokens, body]) => [tokens, body?.toString('hex')]),
        );
        expect(reader.broken).toBe(false);
      }),
    );
  });

  test('of anything never throws', () => {
    fc.assert(
      fc.property(fc.array(fc.uint8Array({ maxLength: 60 })), (pieces) => {
        const reader = new FrameReader();
        for (const piece of pieces) reader.push(Buffer.from(piece));
      }),
    );
  });
});
