import { describe, expect, test } from '@jest/globals';
import { instant } from '../../src/base/units.ts';
import { HeaderExtensions } from '../../src/rtp/header-extension.ts';
import { csrcAt, parseRtp, RtpView } from '../../src/rtp/packet.ts';
import { DROPOUT_MAX, MISORDER_MAX, Reception } from '../../src/rtp/reception.ts';
import { parseRtcp } from '../../src/rtp/rtcp.ts';
import { keyOf, parseTelephoneEvent, TelephoneEventView } from '../../src/rtp/telephone-event.ts';

const bytes = (hex: string): Uint8Array =>
  Uint8Array.from(Buffer.from(hex.replaceAll(' ', ''), 'hex'));

/** A header with X set, then the extension. */
const FIXED = '90 00 0001 00000000 0000cafe';

/** [what, extension in hexadecimal, elements as id and data] */
const EXTENSIONS = [
  [
    'RFC 8285 §4.2: lengths 1, 2 and 4, with padding between',
    'bede 0003 10 aa 21 bbbb 00 00 33 cccccccc',
    [
      [1, 'aa'],
      [2, 'bbbb'],
      [3, 'cccccccc'],
    ],
  ],
  [
    'RFC 8285 §4.3: lengths 0, 1 and 4, with padding between',
    '1000 0003 01 00 02 01 bb 00 03 04 cccccccc',
    [
      [1, ''],
      [2, 'bb'],
      [3, 'cccccccc'],
    ],
  ],
  [
    '§4.3: the low four bits of the profile are the application’s',
    '100f 0001 07 01 aa 00',
    [[7, 'aa']],
  ],
  ['§4.2: ID 15 ends the walk', 'bede 0002 10 aa f0 bb 20 cc 00 00', [[1, 'aa']]],
  ['§4.2: ID 0 with a length ends the walk', 'bede 0002 10 aa 03 bb 20 cc 00 00', [[1, 'aa']]],
  [
    'one byte: data that would leave the extension ends the walk',
    'bede 0001 10 aa 21 bb',
    [[1, 'aa']],
  ],
  [
    'two bytes: data that would leave the extension ends the walk',
    '1000 0001 01 00 02 02',
    [[1, '']],
  ],
  ['two bytes: an element without a length ends the walk', '1000 0001 01 01 aa 02', [[1, 'aa']]],
  ['no elements', 'bede 0000', []],
  ['another profile has none that we know', 'abcd 0001 10 aa 00 00', []],
] as const;

describe('header extensions, element by element', () => {
  test.each(EXTENSIONS)('%s', (_what, extension, expected) => {
    const packet = bytes(`${FIXED} ${extension} ff`);
    const view = new RtpView();
    expect(parseRtp(packet, packet.length, view)).toBeUndefined();
    expect([view.payloadStart, view.payloadEnd]).toEqual([packet.length - 1, packet.length]);
    const found: [number, string][] = [];
    const reader = new HeaderExtensions().begin(packet, view);
    while (reader.next()) {
      found.push([
        reader.id,
        Buffer.from(packet.subarray(reader.start, reader.end)).toString('hex'),
      ]);
    }
    expect(found).toEqual(expected);
  });

  test('a packet without an extension has no elements, whatever was read before it', () => {
    const before = bytes(`${FIXED} bede 0001 10 aa 00 00`);
    const packet = bytes('80 00 0001 00000000 0000cafe 10 aa 00 00');
    const view = new RtpView();
    parseRtp(before, before.length, view);
    parseRtp(packet, packet.length, view);
    expect(new HeaderExtensions().begin(packet, view).next()).toBe(false);
    expect(view.extensionProfile).toBeUndefined();
  });

  test('CSRCs stand before it', () => {
    const packet = bytes('92 00 0001 00000000 0000cafe 80000001 00000002 bede 0001 10 aa 00 00');
    const view = new RtpView();
    parseRtp(packet, packet.length, view);
    expect([csrcAt(packet, view, 0), csrcAt(packet, view, 1)]).toEqual([0x8000_0001, 2]);
    expect(new HeaderExtensions().begin(packet, view).next()).toBe(true);
  });
});

/** Written by hand from the drawing in RFC 4733 §2.3. [payload, key, end, volume, duration] */
const EVENTS = [
  ['09 07 0190', '9', false, 7, 400],
  ['09 87 0640', '9', true, 7, 1_600],
  ['01 0a 0320', '1', false, 10, 800],
  ['01 8a 06a4', '1', true, 10, 1_700],
  ['0a ff ffff', '*', true, 63, 65_535],
  ['0f 40 0000', 'D', false, 0, 0],
  ['10 00 0001', undefined, false, 0, 1],
] as const;

describe('telephone-event (RFC 4733)', () => {
  test.each(EVENTS)('%s is %s', (hex, key, ...[end, volume, duration]) => {
    const view = new TelephoneEventView();
    expect(parseTelephoneEvent(bytes(`ff ${hex} ff`), 1, 5, view)).toBe(true);
    expect(view).toMatchObject({ end, volume, duration });
    expect(keyOf(view.event)).toBe(key);
  });

  test.each(['', '01', '01 0a 03', '01 0a 0320 01'])('"%s" is none', (hex) => {
    const payload = bytes(hex);
    expect(parseTelephoneEvent(payload, 0, payload.length, new TelephoneEventView())).toBe(false);
  });

  test('of several in one packet the first is read (§2.5.1.5)', () => {
    const view = new TelephoneEventView();
    expect(parseTelephoneEvent(bytes('05 8a 0320 06 8a 0320'), 0, 8, view)).toBe(true);
    expect(view.event).toBe(5);
  });
});

/** Written by hand from the drawings of the RFCs, so that a fault that reader and writer share shows. */
const COMPOUNDS = [
  [
    'RFC 3550 §6.4.1: a sender report with one block, and a CNAME',
    '81c8000c 00000001 b44db705 20000000 0000a000 00000011 00000aa0' +
      '00000002 19fffffd fffe0001 00000190 b7052000 00054000' +
      '81ca0003 00000001 01046140622e 0000',
    [
      {
        type: 'sr',
        ssrc: 1,
        sender: { ntpSeconds: 0xb44d_b705, ntpFraction: 0x2000_0000, packets: 17, octets: 2_720 },
        reports: [{ ssrc: 2, fractionLost: 25, lost: -3, jitter: 400 }],
      },
      { type: 'sdes', sources: [{ ssrc: 1, cname: 'a@b.' }] },
    ],
  ],
  [
    'RFC 5506: picture loss indication alone',
    '81ce0002 00000001 00000002',
    [{ type: 'pli', ssrc: 1, media: 2 }],
  ],
  [
    'RFC 5104 §4.3.1: full intra request, number 3',
    '84ce0004 00000001 00000000 00000002 03000000',
    [{ type: 'fir', ssrc: 1, requests: [{ media: 2, number: 3 }] }],
  ],
  [
    'RFC 4585 §6.2.1: NACK of 65,535 and 0, over the wrap',
    '81cd0003 00000001 00000002 ffff0001',
    [{ type: 'nack', ssrc: 1, media: 2, sequences: [65_535, 0] }],
  ],
  [
    'RFC 3550 §6.6: BYE with a reason, padded',
    '81cb0003 00000001 04676f6e 65000000',
    [{ type: 'bye', ssrcs: [1], reason: 'gone' }],
  ],
] as const;

describe('RTCP off the wire', () => {
  test.each(COMPOUNDS)('%s', (_what, hex, expected) => {
    const packet = bytes(hex);
    const result = parseRtcp(packet, 0, packet.length);
    expect(result.ok ? result.value : result.code).toMatchObject(expected);
  });
});

/** RFC 3550 A.1, update_seq: [numbers so far, next number, what it is]. */
const CONTINUITY = [
  [[], 0, 'first'],
  [[0], 1, 'continues'],
  [[0], 0, 'continues'],
  [[65_535], 0, 'continues'],
  [[0], DROPOUT_MAX - 1, 'continues'],
  [[0], DROPOUT_MAX, 'suspect'],
  [[60_000], (60_000 + DROPOUT_MAX - 1) & 0xffff, 'continues'],
  [[65_535], DROPOUT_MAX - 1, 'suspect'],
  [[500], 500 - MISORDER_MAX + 1, 'continues'],
  [[500], 500 - MISORDER_MAX, 'suspect'],
  [[50], 50 - MISORDER_MAX + 1 + 65_536, 'continues'],
  [[50], 50 - MISORDER_MAX + 65_536, 'suspect'],
  [[0, 30_000], 30_001, 'restart'],
  [[0, 65_000], 65_001, 'restart'],
  [[0, 40_000, 1], 40_001, 'suspect'],
  [[0, 65_435], 65_436, 'restart'],
] as const;

describe('which number continues a stream (RFC 3550 A.1)', () => {
  test.each(CONTINUITY)('after %j, %d: %s', (before, next, expected) => {
    const reception = new Reception(8_000);
    for (const sequence of before)
      reception.receive({ sequence: sequence, timestamp: 0 }, { arrival: instant(0) });
    expect(reception.receive({ sequence: next, timestamp: 0 }, { arrival: instant(0) })).toBe(
      expected,
    );
  });

  test('the extended number wraps modulo 2^32 in a report, as its field does', () => {
    const reception = new Reception(8_000);
    const step = DROPOUT_MAX - 1;
    let number = 0;
    for (; number <= 2 ** 32; number += step)
      reception.receive({ sequence: number & 0xffff, timestamp: 0 }, { arrival: instant(0) });
    expect(reception.highest).toBe(number - step);
    expect(reception.report().highest).toBe((number - step) % 2 ** 32);
  });
});
