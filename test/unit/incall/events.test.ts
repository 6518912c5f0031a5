import { describe, expect, test } from '@jest/globals';
import type { InCallEvent } from '../../../src/incall/events.ts';
import { writeEvent } from '../../../src/incall/events.ts';
import { BODY_BYTES_MAX } from '../../../src/incall/json-commands.ts';
import { textOf } from '../../../src/incall/texts.ts';
import { LISTED_MAX, LISTED_NAME_CHARACTERS } from '../../../src/transfers/shelf.ts';
import { answerStorageOffer, readStorageOffer } from '../../../src/sdp/storage-leg.ts';
import { sdpText } from '../../support/sdp-texts.ts';

const ID = '0123456789abcdef';
const LONG_NUMBER = '1'.repeat(128);
/** Six bytes in JSON for each. */
const ESCAPED = '\u0001'.repeat(64);
const LOSS = { expected: 1e15, lost: 1e15, repaired: 1e15, gaps: 1e15 };

/** The longest answer to an SDP that there can be. */
function longestAnswer(): string {
  const encoding = 'x'.repeat(127);
  const parameters = '"'.repeat(1_024);
  const text = sdpText(
    'm=application 65534 RTP/AVPF 127',
    `a=rtpmap:127 ${encoding}/4294967295/255`,
    `a=fmtp:127 ${parameters}`,
  );
  const offer = readStorageOffer(text, 'send');
  if (!offer.ok) throw new Error(offer.code);
  const [format] = offer.value.formats;
  if (format === undefined) throw new Error('no format');
  const address = '0000:0000:0000:0000:0000:ffff:255.255.255.255';
  const ports = { address, rtp: 65_534, rtcp: 65_535 };
  const direction = 'recvonly';
  return answerStorageOffer(offer.value, { format, ports, direction, sessionId: '1'.repeat(16) });
}

const LONGEST: readonly InCallEvent[] = [
  {
    type: 'storage-prompt',
    re: ESCAPED,
    transfer: ID,
    address: '0000:0000:0000:0000:0000:ffff:255.255.255.255',
    port: 65_535,
    capacity: 2 ** 53,
    token: 'f'.repeat(32),
    code: 'ABCD1234',
    expires: new Date(8.64e15).toISOString(),
    transports: ['RTP/AVP', 'RTP/AVPF'],
    receiver: LONG_NUMBER,
  },
  { type: 'store-confirmation', re: ESCAPED, transfer: ID, sdp: longestAnswer(), maxRate: 1e15 },
  {
    type: 'receive-offer',
    transfer: ID,
    sender: LONG_NUMBER,
    format: `a/${'x'.repeat(125)}`,
    size: 2 ** 53,
    stored: 2 ** 53,
    name: '🐈'.repeat(255),
    token: 'f'.repeat(32),
    expires: new Date(8.64e15).toISOString(),
  },
  { type: 'receive-confirmation', re: ESCAPED, transfer: ID, sdp: longestAnswer(), delay: 1e15 },
  {
    type: 'transfer-status',
    re: ESCAPED,
    transfer: ID,
    state: 'delivering',
    stored: 2 ** 53,
    delivered: 2 ** 53,
    size: 2 ** 53,
  },
  {
    type: 'transfer-complete',
    transfer: ID,
    state: 'cancelled',
    reason: 'transport-not-supported',
    stored: 2 ** 53,
    delivered: 2 ** 53,
    digest: `sha-256=${'f'.repeat(64)}`,
    loss: LOSS,
    link: `https://${'x'.repeat(500)}`,
  },
  {
    type: 'send-confirmation',
    re: ESCAPED,
    transfer: ID,
    token: 'f'.repeat(32),
    expires: new Date(8.64e15).toISOString(),
  },
  {
    type: 'transfer-list',
    re: ESCAPED,
    transfers: Array.from({ length: LISTED_MAX }, () => ({
      transfer: ID,
      state: 'complete',
      format: `a/${'x'.repeat(125)}`,
      name: '🐈'.repeat(LISTED_NAME_CHARACTERS),
      size: 2 ** 53,
      durationMs: 1e15,
      created: new Date(8.64e15).toISOString(),
    })),
    more: true,
    free: 2 ** 53,
  },
  { type: 'transfer-deleted', re: ESCAPED, transfer: ID, free: 2 ** 53 },
  {
    type: 'error',
    re: ESCAPED,
    code: 'transport-not-supported',
    status: 488,
    text: `${LONG_NUMBER} is not in a call`,
    transfer: 'x'.repeat(64),
    free: 2 ** 53,
    retryAfter: 30,
    field: 'threshold',
  },
];

describe('an event at its longest', () => {
  test.each(LONGEST.map((event) => [event.type, event] as const))(
    '%s fits into an INFO and says what it means',
    (_type, event) => {
      const body = writeEvent(event, ID);
      expect(Buffer.byteLength(body)).toBeLessThanOrEqual(BODY_BYTES_MAX);
      expect(JSON.parse(body)).toEqual({ v: 1, id: ID, ...event });
    },
  );

  test('the table has all of them', () => {
    expect(new Set(LONGEST.map(({ type }) => type)).size).toBe(10);
  });
});

describe('what people read', () => {
  const complete = {
    type: 'transfer-complete',
    transfer: ID,
    stored: 2_500_000,
    delivered: 0,
    loss: LOSS,
  } as const;

  test.each<[InCallEvent, string | undefined]>([
    [
      { ...LONGEST[0], receiver: '4711', capacity: 20_000_000 } as InCallEvent,
      'Your code is ABCD1234: tell it to the sender, or write /give ABCD1234 to NUMBER.',
    ],
    [
      { ...LONGEST[2], sender: '4712', name: 'cat.jpg' } as InCallEvent,
      '4712 is sending you cat.jpg. It is in your storage: 012345.',
    ],
    [{ ...complete, state: 'complete' }, 'Done: 2.5 MB stored.'],
    [
      { ...complete, state: 'partial', stored: 20_000 },
      'The transfer ended early (partial): 20.0 kB stored.',
    ],
    [
      { type: 'error', code: 'busy', status: 503, text: 'too many transfers at once' },
      'Sorry: too many transfers at once.',
    ],
    [LONGEST[1] as InCallEvent, undefined],
    [LONGEST[3] as InCallEvent, 'Here it comes.'],
  ])('%#', (event, text) => {
    expect(textOf(event)).toBe(text);
  });

  test('an offer without a name says the format', () => {
    const { name: _none, ...unnamed } = LONGEST[2] as Extract<
      InCallEvent,
      { type: 'receive-offer' }
    >;
    expect(textOf({ ...unnamed, sender: '4712', format: 'image/jpeg' })).toContain('a picture');
  });
});
