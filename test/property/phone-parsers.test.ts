import fc from 'fast-check';
import { describe, expect, test } from '@jest/globals';
import { MessageFramer, messageInDatagram } from '../../sip-scripts/signalling/message-framing.ts';
import {
  branchOf,
  header,
  keepMd5Challenges,
  methodOf,
  nextHop,
} from '../../sip-scripts/signalling/sip-text.ts';
import { readRtcp } from '../../sip-scripts/streams/rtcp.ts';
import { parseLine } from '../../sip-scripts/phone/lines.ts';

const message = fc.string({ unit: 'grapheme', maxLength: 80 }).map((body) => {
  const length = Buffer.byteLength(body);
  return `INFO sip:a@b SIP/2.0\r\nContent-Length: ${length}\r\n\r\n${body}`;
});

describe('what phones read', () => {
  test('a stream of messages comes apart in the same messages, however it is cut', () => {
    const cuts = fc.array(fc.nat(2_000), { maxLength: 8 });
    fc.assert(
      fc.property(fc.array(message, { maxLength: 6 }), cuts, (messages, places) => {
        const stream = Buffer.from(messages.join(''));
        const ends = places.map((place) => place % (stream.length + 1)).sort((a, b) => a - b);
        const framer = new MessageFramer();
        const found = [...ends, stream.length].flatMap((end, index) =>
          framer.push(stream.subarray(ends[index - 1] ?? 0, end)),
        );
        expect(found).toEqual(messages);
      }),
    );
  });

  test('any bytes: no parser throws', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
        readRtcp(bytes);
        messageInDatagram(bytes);
        const text = Buffer.from(bytes).toString('latin1');
        parseLine(text);
        for (const read of [branchOf, methodOf, nextHop, keepMd5Challenges]) read(text);
        header(text, 'via');
      }),
    );
  });

  test('RTCP with a right head and any content is read within its bounds', () => {
    const type = fc.constantFrom(200, 201, 202, 203, 205);
    fc.assert(
      fc.property(type, fc.nat(31), fc.uint8Array({ maxLength: 120 }), (kind, count, content) => {
        const words = Math.floor(content.length / 4);
        const packet = Buffer.from([0x80 | count, kind, words >> 8, words & 0xff, ...content]);
        for (const { reports } of readRtcp(packet))
          expect(reports.length).toBeLessThanOrEqual(count);
      }),
    );
  });
});
